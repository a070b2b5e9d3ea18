//! What a client says in a room's WebSocket, and what it is answered.

use std::sync::Arc;

use roomcast_shared::client_message::ClientMessage;
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::{Person, PersonId, PersonName};
use roomcast_shared::server_message::{Refusal, RefusalCode, ServerMessage};
use serde::Deserialize;

use crate::room::presence::guest_name;
use crate::room::publish::{Nonce, PublishError, Sender};
use crate::room::{Room, Rooms};

/// A person at the other end of a WebSocket.
#[derive(Clone, Debug)]
pub(in crate::handler::room) struct Client {
    pub(in crate::handler::room) rooms: Arc<Rooms>,
    pub(in crate::handler::room) room: Arc<Room>,
    /// With whose messages the person's are counted.
    pub(in crate::handler::room) sender: Sender,
    pub(in crate::handler::room) person: PersonId,
}

impl Client {
    /// Does what the client asks for in one message; says what it is answered, if anything.
    pub(super) async fn hear(self, text: String) -> Option<ServerMessage> {
        match serde_json::from_str(&text) {
            Ok(ClientMessage::Say { nonce, text }) => Some(self.say(nonce, &text).await),
            Ok(ClientMessage::Typing) => {
                self.room.type_on(self.person);
                None
            }
            Ok(ClientMessage::Rename { name }) => self.rename(&name),
            Ok(ClientMessage::Ping) => Some(ServerMessage::Pong),
            Err(error) => Some(not_understood(&text, &error)),
        }
    }

    async fn say(&self, nonce: String, text: &str) -> ServerMessage {
        let refuse = |code, error: &dyn std::error::Error, nonce| {
            refuse(code, format!("Not sent: {error}."), Some(nonce))
        };
        let key = match Nonce::parse(&nonce) {
            Ok(key) => key,
            Err(error) => return refuse(RefusalCode::InvalidNonce, &error, nonce),
        };
        let text = match MessageText::parse(text, self.rooms.max_text_chars()) {
            Ok(text) => text,
            Err(error) => return refuse(RefusalCode::InvalidText, &error, nonce),
        };
        let room = &self.room;
        let person = room.person(self.person).unwrap_or_else(|| Person {
            id: self.person,
            name: guest_name(self.person),
        });
        let published = self
            .rooms
            .publish(room.name(), self.sender, &person, &text, Some(&key))
            .await;
        match published {
            Ok(published) => {
                room.stop_typing(self.person);
                let position = published.position;
                ServerMessage::Said { nonce, position }
            }
            Err(PublishError::TooFast(error)) => {
                let mut message = refuse(RefusalCode::TooFast, &error, nonce);
                if let ServerMessage::Error(refusal) = &mut message {
                    let milliseconds = error.retry_after.as_millis();
                    refusal.retry_after = u64::try_from(milliseconds).ok();
                }
                message
            }
            Err(error @ PublishError::NonceReused) => {
                refuse(RefusalCode::NonceReused, &error, nonce)
            }
            Err(PublishError::Log(error)) => refuse(RefusalCode::Unavailable, &error, nonce),
        }
    }

    fn rename(&self, name: &str) -> Option<ServerMessage> {
        match PersonName::parse(name) {
            Ok(name) => {
                self.room.rename(self.person, name);
                None
            }
            Err(error) => {
                let detail = format!("Not renamed: {error}.");
                Some(refuse(RefusalCode::InvalidName, detail, None))
            }
        }
    }
}

/// What is wrong with a message that is none of this protocol, and which one it was.
fn not_understood(text: &str, error: &serde_json::Error) -> ServerMessage {
    /// What an answer needs to know of any message.
    #[derive(Deserialize)]
    struct AnyMessage {
        #[serde(rename = "type")]
        kind: String,
        nonce: Option<String>,
    }

    let (nonce, detail) = match serde_json::from_str(text) {
        Ok(AnyMessage { kind, nonce }) => {
            let kinds = ["say", "typing", "rename", "ping"];
            let detail = if kinds.contains(&kind.as_str()) {
                format!("Send `{kind}` as the protocol has it: {error}.")
            } else {
                format!("There is no `{kind}`: send one of {}.", kinds.join(", "))
            };
            (nonce, detail)
        }
        Err(error) if error.is_data() => {
            let detail = "Send a JSON object with a text as its `type`.";
            (None, detail.to_owned())
        }
        Err(error) => (None, format!("Send JSON: {error}.")),
    };
    refuse(RefusalCode::Invalid, detail, nonce)
}

fn refuse(code: RefusalCode, detail: String, nonce: Option<String>) -> ServerMessage {
    ServerMessage::Error(Refusal {
        code,
        detail,
        nonce,
        retry_after: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (String, Option<String>) {
        let error = serde_json::from_str::<ClientMessage>(text).unwrap_err();
        let ServerMessage::Error(refusal) = not_understood(text, &error) else {
            panic!("an error");
        };
        assert_eq!(refusal.code, RefusalCode::Invalid);
        (refusal.detail, refusal.nonce)
    }

    #[test]
    fn what_is_no_message_is_told_what_one_is() {
        for text in ["null", "[]", "1", "{}", r#"{"type":1}"#] {
            let expected = "Send a JSON object with a text as its `type`.";
            assert_eq!(refusal(text), (expected.to_owned(), None), "{text}");
        }
        let (detail, _) = refusal("{");
        assert!(detail.starts_with("Send JSON: "), "{detail}");
    }

    #[test]
    fn a_type_that_does_not_exist_is_told_which_ones_do() {
        let (detail, _) = refusal(r#"{"type":"shout"}"#);
        let expected = "There is no `shout`: send one of say, typing, rename, ping.";
        assert_eq!(detail, expected);
    }

    #[test]
    fn a_say_that_lacks_something_is_told_so_by_its_nonce() {
        let (detail, nonce) = refusal(r#"{"type":"say","nonce":"n1"}"#);
        assert_eq!(
            detail,
            "Send `say` as the protocol has it: missing field `text`."
        );
        assert_eq!(nonce.as_deref(), Some("n1"));
    }
}
