//! Frames as lines for people.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::frame::{Excerpt, Frame, HeaderBlock, Payload};
use crate::hpack::Field;
use crate::secrets::{address_without_secrets, body_without_secrets, is_secret_field};
use crate::tap::{Direction, Observe};

/// Fields that hold an address, whose parameters may be secret.
const ADDRESS_FIELDS: [&[u8]; 4] = [b":path", b"location", b"content-location", b"referer"];

/// How much of a field's value is printed, in bytes.
const MAX_VALUE_BYTES: usize = 512;

/// When the first connection of this program was watched: what times are counted from.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// How many connections of this program were watched.
static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

/// Prints every frame of one connection to standard error, a line each: the connection's number, the
/// time since the first connection, direction, type, stream, flags, length and what a control frame
/// says. Header fields and bodies, where frames have them, follow in lines of their own.
///
/// Everything in them comes from strangers: control characters are escaped. Values of cookies, and those
/// whose names say that they are secret, are left out.
#[derive(Debug)]
pub struct Printer {
    connection: u64,
}

impl Printer {
    /// A printer for the next connection.
    pub fn for_next_connection() -> Self {
        LazyLock::force(&START);
        Self {
            connection: 1 + CONNECTIONS.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl Observe for Printer {
    fn frame(&mut self, direction: Direction, frame: &Frame) {
        let text = describe(self.connection, START.elapsed(), direction, frame);
        // Who has closed standard error does not want to hear of it.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

/// The lines for one frame.
fn describe(connection: u64, time: Duration, direction: Direction, frame: &Frame) -> String {
    let direction = match direction {
        Direction::Received => "received",
        Direction::Sent => "sent",
    };
    let mut text = format!(
        "http2 #{connection} {:10.6} {direction:8} {} stream={} flags={} length={}",
        time.as_secs_f64(),
        frame.kind,
        frame.stream,
        frame.flags.names(frame.kind),
        frame.length,
    );
    describe_payload(&mut text, &frame.payload);
    text
}

/// Ends the line, and adds others for contents. Writing to a string cannot fail.
fn describe_payload(text: &mut String, payload: &Payload) {
    match payload {
        Payload::Data(data) => {
            text.push('\n');
            if let Some(data) = data.as_ref().filter(|data| !data.bytes.is_empty()) {
                let _ = writeln!(text, "    {}", quoted(data));
            }
        }
        Payload::Headers(block) | Payload::Continuation(block) => header_block(text, block),
        Payload::PushPromise { promised, fields } => {
            let _ = write!(text, " promised={promised}");
            header_block(text, fields);
        }
        Payload::Priority {
            dependency,
            exclusive,
            weight,
        } => {
            let exclusive = if *exclusive { " exclusive" } else { "" };
            let _ = writeln!(text, " dependency={dependency}{exclusive} weight={weight}");
        }
        Payload::ResetStream(code) => {
            let _ = writeln!(text, " code={code}");
        }
        Payload::Settings(settings) => {
            for setting in settings {
                let _ = write!(text, " {setting}");
            }
            text.push('\n');
        }
        Payload::Ping(opaque) => {
            let _ = writeln!(text, " opaque={:016x}", u64::from_be_bytes(*opaque));
        }
        Payload::GoAway {
            last_stream,
            code,
            debug_data,
        } => {
            let _ = write!(text, " last_stream={last_stream} code={code}");
            if !debug_data.bytes.is_empty() {
                let _ = write!(text, " debug_data={}", quoted(debug_data));
            }
            text.push('\n');
        }
        Payload::WindowUpdate { increment } => {
            let _ = writeln!(text, " increment={increment}");
        }
        Payload::Unknown(excerpt) => {
            let _ = writeln!(text, " payload={}", quoted(excerpt));
        }
        Payload::Malformed => text.push_str(" (its payload does not fit its type)\n"),
    }
}

fn header_block(text: &mut String, block: &HeaderBlock) {
    match block {
        HeaderBlock::NotRead | HeaderBlock::Unfinished => text.push('\n'),
        HeaderBlock::Undecodable => text.push_str(" (its header block cannot be decoded)\n"),
        HeaderBlock::Fields(list) => {
            text.push('\n');
            for field in &list.fields {
                let _ = writeln!(text, "    {}: {}", escaped(&field.name), value(field));
            }
            if list.left_out > 0 {
                let _ = writeln!(text, "    and {} more fields", list.left_out);
            }
        }
    }
}

/// A field's value as far as it may be seen.
fn value(field: &Field) -> String {
    let name = field.name.to_ascii_lowercase();
    if is_secret_field(&name) {
        return format!("({} bytes, hidden)", field.value.len());
    }
    let value = if ADDRESS_FIELDS.contains(&name.as_slice()) {
        Cow::Owned(address_without_secrets(&field.value))
    } else {
        Cow::Borrowed(&field.value)
    };
    match value.get(..MAX_VALUE_BYTES) {
        Some(beginning) if beginning.len() < value.len() => {
            format!("{}… ({} bytes)", escaped(beginning), field.value.len())
        }
        _ => escaped(&value),
    }
}

fn quoted(excerpt: &Excerpt) -> String {
    let more = if excerpt.is_whole { "" } else { "…" };
    let shown = body_without_secrets(&excerpt.bytes);
    format!("\"{}\"{more}", escaped(&shown))
}

/// Text without control characters, and what is no text in hexadecimal.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' => text.push('\''),
                c => text.extend(c.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{ErrorCode, Flags, FrameType, Setting, SettingId};
    use crate::hpack::FieldList;

    fn lines(kind: FrameType, flags: u8, payload: Payload) -> String {
        let frame = Frame {
            kind,
            flags: Flags(flags),
            stream: 1,
            length: 42,
            payload,
        };
        let time = Duration::from_micros(1_500);
        describe(3, time, Direction::Received, &frame)
    }

    fn field(name: &str, value: &str) -> Field {
        Field {
            name: name.as_bytes().to_vec(),
            value: value.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_frame_is_a_line() {
        let settings = Payload::Settings(vec![
            Setting {
                id: SettingId::ENABLE_PUSH,
                value: 0,
            },
            Setting {
                id: SettingId(0x4242),
                value: 7,
            },
        ]);
        assert_eq!(
            lines(FrameType::SETTINGS, 0, settings),
            "http2 #3   0.001500 received SETTINGS stream=1 flags=none length=42 ENABLE_PUSH=0 UNKNOWN(0x4242)=7\n"
        );
        assert_eq!(
            lines(FrameType::DATA, 1, Payload::Data(None)),
            "http2 #3   0.001500 received DATA stream=1 flags=END_STREAM length=42\n"
        );
    }

    #[test]
    fn fields_follow_without_secrets() {
        let fields = FieldList {
            fields: vec![
                field(":path", "/?a='b'"),
                field("Cookie", "id=tell-nobody"),
                field("set-cookie", "id=tell-nobody"),
                field("authorization", "tell-nobody"),
                field("proxy-authorization", "tell-nobody"),
                field("x-long", &"v".repeat(MAX_VALUE_BYTES + 1)),
            ],
            left_out: 2,
        };
        let text = lines(
            FrameType::HEADERS,
            5,
            Payload::Headers(HeaderBlock::Fields(fields)),
        );
        let (_, below) = text.split_once('\n').unwrap();
        let long = "v".repeat(MAX_VALUE_BYTES);
        assert_eq!(
            below,
            format!(
                "    :path: /?a='b'\n    Cookie: (14 bytes, hidden)\n    set-cookie: (14 bytes, hidden)\n    \
                authorization: (11 bytes, hidden)\n    proxy-authorization: (11 bytes, hidden)\n    \
                x-long: {long}… (513 bytes)\n    and 2 more fields\n"
            )
        );
    }

    #[test]
    fn what_is_named_a_secret_is_hidden_in_fields_and_in_addresses() {
        for name in ["X-CSRF-Token", "x-api-key", "my-secret", "x-password"] {
            assert_eq!(value(&field(name, "tell-nobody")), "(11 bytes, hidden)");
        }
        for (name, text, shown) in [
            (
                ":path",
                "/token=x?a=1&access_token=abc&b=2&API-Key=x",
                "/token=(hidden)?a=1&access_token=(hidden)&b=2&API-Key=(hidden)",
            ),
            ("location", "/?token=a=b#c=d", "/?token=(hidden)#c=d"),
            (":path", "/?tokenize&a=b", "/?tokenize&a=b"),
            ("x-other", "/?token=a", "/?token=a"),
            ("sec-websocket-protocol", "a, b", "a, b"),
        ] {
            assert_eq!(value(&field(name, text)), shown);
        }
    }

    #[test]
    fn a_body_is_shown_without_secrets() {
        let excerpt = Excerpt {
            bytes: b"a=b&password=tell-nobody".to_vec(),
            is_whole: true,
        };
        let text = lines(FrameType::DATA, 1, Payload::Data(Some(excerpt)));
        assert!(text.ends_with("    \"a=b&password=(hidden)\"\n"), "{text}");
    }

    #[test]
    fn a_stranger_cannot_play_with_the_terminal() {
        let excerpt = Excerpt {
            bytes: b"a\x1b[2J\r\n\"\xffb\xe2\x80\xae".to_vec(),
            is_whole: false,
        };
        let data = lines(FrameType::DATA, 0, Payload::Data(Some(excerpt.clone())));
        let (_, below) = data.split_once('\n').unwrap();
        let harmless = "\"a\\u{1b}[2J\\r\\n\\\"\\xffb\\u{202e}\"…\n";
        assert_eq!(below, format!("    {harmless}"));
        let goaway = Payload::GoAway {
            last_stream: 5,
            code: ErrorCode(0xb),
            debug_data: excerpt,
        };
        let goaway = lines(FrameType::GOAWAY, 0, goaway);
        assert!(
            goaway.ends_with(&format!(
                " last_stream=5 code=ENHANCE_YOUR_CALM debug_data={harmless}"
            )),
            "{goaway}"
        );
    }
}
