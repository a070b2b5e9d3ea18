//! What the browser keeps when the page is left: the person's name, how far they have read, and what
//! was not sent yet. Where keeping is not allowed, the page does without. Servers on one host under other base paths have
//! names of their own for what is kept.

use roomcast_shared::client_message::ClientMessage;
use roomcast_shared::position::Position;
use serde::Deserialize;

use crate::base_path;
use crate::connection::json;
use crate::dom::{local_storage, session_storage};
use crate::store::room::Room;
use crate::store::room::outbox::Unsent;

const NAME: &str = "roomcast.name";
const READ: &str = "roomcast.read.";
const OUTBOX: &str = "roomcast.outbox.";
const DRAFT: &str = "roomcast.draft.";

/// A message that was not sent, as far as it is read back.
#[derive(Deserialize)]
struct KeptSay {
    nonce: String,
    text: String,
}

/// The name that the person has chosen; empty when they have not.
pub fn name() -> String {
    kept_name().unwrap_or_default()
}

/// Returns `true` once a name was kept, be it the empty one of a person who chose none.
pub fn has_name() -> bool {
    kept_name().is_some()
}

fn kept_name() -> Option<String> {
    local_storage()?.get_item(&base_path::join(NAME)).ok()?
}

/// Keeps the name; an empty one says that the person wants none.
pub fn keep_name(name: &str) {
    if let Some(storage) = local_storage() {
        let _ = storage.set_item(&base_path::join(NAME), name);
    }
}

/// How far the person has read in a room.
pub fn read_up_to(room: &str) -> Option<Position> {
    let kept = local_storage()?.get_item(&key(READ, room)).ok()??;
    kept.parse().ok()
}

/// Keeps how far the person has read.
pub fn keep_read_up_to(room: &str, position: Position) {
    if let Some(storage) = local_storage() {
        let _ = storage.set_item(&key(READ, room), &String::from(position));
    }
}

/// Puts what this tab had not sent back into the outbox.
pub fn restore_outbox(room: &str, state: &mut Room) {
    let kept = session_storage().and_then(|storage| storage.get_item(&key(OUTBOX, room)).ok()?);
    for line in kept.unwrap_or_default().lines() {
        if let Some(KeptSay { nonce, text }) = json::read(line) {
            state.outbox.restore(nonce, text);
        }
    }
}

/// Keeps what is not sent yet: the messages to the server themselves, one a line, since JSON has no
/// line breaks.
pub fn keep_outbox(room: &str, state: &Room) {
    let Some(storage) = session_storage() else {
        return;
    };
    let mut kept = String::new();
    for unsent in state.outbox.unconfirmed() {
        if let Ok(json) = serde_json::to_string(&say(unsent)) {
            kept.push_str(&json);
            kept.push('\n');
        }
    }
    let _ = storage.set_item(&key(OUTBOX, room), &kept);
}

/// Returns what was being written in this tab; empty if it was nothing.
pub fn draft(room: &str) -> String {
    let kept = session_storage().and_then(|storage| storage.get_item(&key(DRAFT, room)).ok()?);
    kept.unwrap_or_default()
}

/// Stores what is being written.
pub fn keep_draft(room: &str, text: &str) {
    if let Some(storage) = session_storage() {
        let key = key(DRAFT, room);
        // Where there is no space, the draft does not survive a reload.
        let _ = if text.is_empty() {
            storage.remove_item(&key)
        } else {
            storage.set_item(&key, text)
        };
    }
}

/// The message to the server that publishes what is unsent.
pub fn say(unsent: &Unsent) -> ClientMessage {
    ClientMessage::Say {
        nonce: unsent.nonce.clone(),
        text: unsent.text.clone(),
    }
}

/// The name under which something of a room is kept. `room` is its part of the page's URL, in which one room can
/// be written in several ways (upper case, decomposed letters).
fn key(kind: &str, room: &str) -> String {
    let mut key = base_path::join(kind);
    let name = js_sys::decode_uri_component(room).unwrap_or_else(|_| room.into());
    let folded = name.normalize("NFD").to_upper_case().to_lower_case();
    key.push_str(&String::from(folded.normalize("NFC")));
    key
}
