//! One event, in the bytes of each way to receive it.

use std::fmt::Write as _;

use bytes::{BufMut as _, Bytes, BytesMut};
use roomcast_shared::event_stream;
use roomcast_shared::position::Position;
use roomcast_shared::server_message::{GapReason, MessageEvent, ServerMessage};
use roomcast_shared::terminal_text::harmless;
use roomcast_websocket::EncodedFrames;

use crate::defaults::RECONNECTION_TIME;

/// How a subscriber receives events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Frames of a WebSocket with JSON in them.
    WebSocket,
    /// `text/event-stream` with JSON in it.
    EventStream,
    /// Lines of plain text, for terminals.
    Lines,
}

impl Format {
    /// Writes a kept event behind others. `payload` is its JSON object but for the position.
    pub(crate) fn put_event(self, out: &mut BytesMut, position: Position, payload: &[u8]) {
        match self {
            Self::WebSocket => {
                EncodedFrames::put_text(out, &event_json(position, payload));
            }
            Self::EventStream => {
                let json = event_json(position, payload);
                put_server_sent_event(out, Some(position), None, &json);
            }
            Self::Lines => {
                if let Some(event) = parse_event(position, payload) {
                    put_line(out, &event);
                }
            }
        }
    }

    /// What says that the server is still there, where the protocol has nothing for it.
    pub(crate) fn heartbeat(self) -> Option<Bytes> {
        match self {
            Self::EventStream => Some(Bytes::from_static(b":\n\n")),
            Self::WebSocket | Self::Lines => None,
        }
    }

    /// [`Format::encode`] for a reader that wants a `welcome` where the format says only the position.
    pub(crate) fn encode_with_welcome(self, message: &ServerMessage) -> Bytes {
        let mut out = BytesMut::from(self.encode(message));
        if self == Self::EventStream {
            put_server_sent_event(&mut out, None, Some("welcome"), &to_json(message));
        }
        out.freeze()
    }

    /// A message that is not kept, in this format; empty when the format has no place for it.
    pub(crate) fn encode(self, message: &ServerMessage) -> Bytes {
        let mut out = BytesMut::new();
        match self {
            Self::WebSocket => EncodedFrames::put_text(&mut out, &to_json(message)),
            Self::EventStream => put_server_message(&mut out, message),
            Self::Lines => {
                if let ServerMessage::Gap(gap) = message {
                    let why = match gap.reason {
                        GapReason::Expired => "they are deleted",
                        GapReason::UnknownPosition => "the room never had that position",
                        GapReason::StoreReplaced => "that store is gone",
                    };
                    let (after, position) = (gap.after, gap.position);
                    let _ = writeln!(out, "* no events from {after} to {position}: {why}");
                }
            }
        }
        out.freeze()
    }
}

/// The JSON of a kept event, as both WebSockets and event streams carry it.
pub(crate) fn event_json(position: Position, payload: &[u8]) -> String {
    let mut json = String::with_capacity(payload.len() + 48);
    let fields = payload.strip_prefix(b"{").unwrap_or_default();
    let fields = String::from_utf8_lossy(fields);
    let _ = write!(json, "{{\"position\":\"{position}\",{fields}");
    json
}

/// Reads a kept event back; `None` when it is none that this version knows.
pub(crate) fn parse_event(position: Position, payload: &[u8]) -> Option<MessageEvent> {
    match serde_json::from_str(&event_json(position, payload)) {
        Ok(ServerMessage::Message(event)) => Some(event),
        _ => None,
    }
}

fn put_server_message(out: &mut BytesMut, message: &ServerMessage) {
    let (name, id) = match message {
        ServerMessage::Welcome(welcome) => {
            let mut text = String::new();
            // No data: it is no event, but readers keep the id (WHATWG HTML, section 9.2.6).
            let _ = writeln!(text, "id: {}", welcome.position);
            let retry = u64::try_from(RECONNECTION_TIME.as_millis()).unwrap_or(u64::MAX);
            event_stream::encode_retry(&mut text, retry);
            out.put_slice(text.as_bytes());
            return;
        }
        ServerMessage::Message(event) => ("message", Some(event.position)),
        ServerMessage::Gap(gap) => ("gap", Some(gap.position)),
        ServerMessage::CaughtUp { .. } => ("caught-up", None),
        ServerMessage::Presence(_) => ("presence", None),
        ServerMessage::Typing { .. } => ("typing", None),
        // Answers to what a client sends, which over this format it cannot.
        ServerMessage::Said { .. } | ServerMessage::Error(_) | ServerMessage::Pong => return,
    };
    put_server_sent_event(out, id, Some(name), &to_json(message));
}

fn put_server_sent_event(out: &mut BytesMut, id: Option<Position>, name: Option<&str>, data: &str) {
    let id = id.map(|position| position.to_string());
    let mut text = String::with_capacity(data.len() + 64);
    event_stream::encode_event(&mut text, id.as_deref(), name, data)
        .expect("neither positions nor our names of events have line breaks");
    out.put_slice(text.as_bytes());
}

/// `Ada: hello`, further lines indented. What could play with the reader's terminal becomes visible.
fn put_line(out: &mut BytesMut, event: &MessageEvent) {
    let _ = write!(out, "{}: ", harmless(event.person.name.as_str()));
    for (index, line) in event.text.as_str().split('\n').enumerate() {
        if index > 0 {
            out.put_slice(b"\n    ");
        }
        out.put_slice(harmless(line).as_bytes());
    }
    out.put_u8(b'\n');
}

fn to_json(message: &ServerMessage) -> String {
    serde_json::to_string(message)
        .expect("wire types have text keys alone and no failing serialisers")
}

#[cfg(test)]
mod tests {
    use roomcast_shared::position::Epoch;
    use roomcast_shared::server_message::Gap;

    use super::*;

    const PAYLOAD: &[u8] = br#"{"type":"message","time":5,"person":{"id":"0000000000000000","name":"Ada"},"text":"a\nb\u001b"}"#;

    fn position(offset: u64) -> Position {
        Position {
            epoch: Epoch::from_random([0; 8]),
            offset,
        }
    }

    fn put(format: Format) -> String {
        let mut out = BytesMut::new();
        format.put_event(&mut out, position(7), PAYLOAD);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_kept_event_is_a_message_of_the_wire_with_its_position() {
        let event = parse_event(position(7), PAYLOAD).unwrap();
        assert_eq!(event.position, position(7));
        assert_eq!(event.text.as_str(), "a\nb\u{1b}");
        let json = event_json(position(7), PAYLOAD);
        assert_eq!(
            serde_json::from_str::<ServerMessage>(&json).unwrap(),
            ServerMessage::Message(event)
        );
        assert!(put(Format::WebSocket).ends_with(&json));
        assert_eq!(
            put(Format::EventStream),
            format!("id: 00000000-7\ndata: {json}\n\n")
        );
    }

    #[test]
    fn a_line_cannot_play_with_the_terminal() {
        assert_eq!(put(Format::Lines), "Ada: a\n    b\u{fffd}\n");
        let payload = r#"{"type":"message","time":5,"person":{"id":"0000000000000000","name":"Ada"},"text":"exe\u202egpj 👩\u200d💻"}"#;
        let mut out = BytesMut::new();
        Format::Lines.put_event(&mut out, position(7), payload.as_bytes());
        let line = String::from_utf8_lossy(&out);
        assert_eq!(line, "Ada: exe\u{fffd}gpj 👩\u{200d}💻\n");
    }

    #[test]
    fn a_gap_moves_the_id_of_an_event_stream() {
        let gap = ServerMessage::Gap(Gap {
            reason: GapReason::Expired,
            after: position(1),
            position: position(4),
        });
        let text = Format::EventStream.encode(&gap);
        let text = String::from_utf8_lossy(&text);
        assert!(
            text.starts_with("id: 00000000-4\nevent: gap\ndata: {"),
            "{text}"
        );
        let line = Format::Lines.encode(&gap);
        assert_eq!(
            &line[..],
            b"* no events from 00000000-1 to 00000000-4: they are deleted\n"
        );
    }
}
