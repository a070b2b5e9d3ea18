//! An event as it is printed.

use std::io::{self, IsTerminal as _, Write};

use roomcast_shared::event_stream::Event;
use serde_json::json;

use crate::output::{harmless, harmless_json};

/// What stands before each further line of an event, so that none of them looks like another event.
const INDENT: &str = "    ";

/// How events are printed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Format {
    /// For people, with what could play with their terminal made visible.
    Terminal,
    /// For programs that read what people read.
    Text,
    /// One JSON object a line.
    Json,
}

impl Format {
    pub(super) fn new(json: bool) -> Self {
        if json {
            Self::Json
        } else if io::stdout().is_terminal() {
            Self::Terminal
        } else {
            Self::Text
        }
    }

    pub(super) fn write(self, output: &mut impl Write, event: &Event) -> io::Result<()> {
        let Event {
            last_event_id: id,
            event_type,
            data,
        } = event;
        match self {
            Self::Json => {
                let json = json!({"id": id, "event": event_type, "data": data});
                writeln!(output, "{}", harmless_json(&json.to_string()))
            }
            Self::Terminal => write_text(
                output,
                &harmless(id),
                &harmless(event_type),
                data.split('\n').map(harmless),
            ),
            Self::Text => write_text(output, id, event_type, data.split('\n')),
        }
    }
}

fn write_text<T: AsRef<str>>(
    output: &mut impl Write,
    id: &str,
    event_type: &str,
    lines: impl Iterator<Item = T>,
) -> io::Result<()> {
    write!(output, "Event(Id={id}, Event={event_type}): ")?;
    for (index, line) in lines.enumerate() {
        if index > 0 {
            output.write_all(INDENT.as_bytes())?;
        }
        writeln!(output, "{}", line.as_ref())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(format: Format, data: &str) -> String {
        let event = Event {
            event_type: "message".to_owned(),
            data: data.to_owned(),
            last_event_id: "17".to_owned(),
        };
        let mut output = Vec::new();
        format.write(&mut output, &event).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn an_event_looks_as_the_book_has_it() {
        let line = print(Format::Text, "{\"prime\":3}");
        assert_eq!(line, "Event(Id=17, Event=message): {\"prime\":3}\n");
    }

    #[test]
    fn no_further_line_of_an_event_can_be_taken_for_another_one() {
        let lines = print(Format::Text, "a\nEvent(Id=18, Event=message): b\n");
        assert_eq!(
            lines,
            "Event(Id=17, Event=message): a\n    Event(Id=18, Event=message): b\n    \n"
        );
    }

    #[test]
    fn only_a_terminal_is_guarded_from_control_characters() {
        assert!(print(Format::Text, "\u{1b}[2J").contains('\u{1b}'));
        assert!(!print(Format::Terminal, "\u{1b}[2J\nb\u{1b}").contains('\u{1b}'));
    }

    #[test]
    fn an_event_in_json_is_one_line_whatever_it_says() {
        let line = print(Format::Json, "a\n\"b\"\u{1b}\u{9b}");
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.contains('\u{9b}'), "{line}");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            value,
            json!({"id": "17", "event": "message", "data": "a\n\"b\"\u{1b}\u{9b}"})
        );
    }
}
