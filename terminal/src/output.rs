//! What goes to a terminal and what goes to a file or a pipe.

use std::io::{IsTerminal, Write as _};
use std::pin::pin;
use std::time::Duration;

use http::Version;
use roomcast_shared::io_reason::without_os_codes;
pub use roomcast_shared::terminal_text::{harmless, harmless_json};

/// Whether something printed may have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// It goes to a terminal, and nobody said no.
    On,
    /// It goes elsewhere, or `NO_COLOR` is set (<https://no-color.org>).
    Off,
}

/// A colour or weight of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What stands out: names, headings.
    Bold,
    /// What stands back: times, units, explanations.
    Dim,
    /// What went well.
    Good,
    /// What is worth a look.
    Notable,
    /// What failed.
    Bad,
    /// A name among others, such as a header field's.
    Name,
}

impl Colours {
    /// For what is written to this stream.
    pub fn of(stream: &impl IsTerminal) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self::decide(stream.is_terminal(), refused)
    }

    /// On for a terminal whose owner did not refuse.
    fn decide(is_terminal: bool, refused: bool) -> Self {
        if is_terminal && !refused {
            Self::On
        } else {
            Self::Off
        }
    }

    /// The text in this style, or as it is.
    pub fn paint(self, style: Style, text: &str) -> String {
        if self == Self::Off {
            return text.to_owned();
        }
        // SGR parameters of ECMA-48, section 8.3.117; colours of the terminal's own palette.
        let parameter = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Notable => "33",
            Style::Bad => "31",
            Style::Name => "36",
        };
        format!("\x1b[{parameter}m{text}\x1b[0m")
    }
}

/// The columns of the terminal; `None` if there is none or it does not say.
pub fn terminal_columns() -> Option<usize> {
    let (columns, _) = ratatui::crossterm::terminal::size().ok()?;
    (columns > 0).then_some(usize::from(columns))
}

/// What a command says about itself while it works, on standard error.
#[derive(Clone, Copy, Debug)]
pub struct Notes {
    quiet: bool,
    colours: Colours,
}

impl Notes {
    /// Says everything, or nothing.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            colours: Colours::of(&std::io::stderr()),
        }
    }

    /// Says one sentence. What strangers wrote in it cannot play with the terminal.
    pub fn say(self, sentence: &str) {
        if self.quiet {
            return;
        }
        let line = format!("roomcast: {}", harmless(&without_os_codes(sentence)));
        // Who closed standard error does not want to know.
        let _ = writeln!(
            std::io::stderr(),
            "{}",
            self.colours.paint(Style::Dim, &line)
        );
    }
}

/// How long something may take before one wants to know what it is.
const PROGRESS_DELAY: Duration = Duration::from_secs(1);

/// Does something, and says what it is when it takes longer than a second.
pub async fn with_progress<T>(notes: Notes, sentence: &str, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    tokio::select! {
        result = &mut work => return result,
        () = tokio::time::sleep(PROGRESS_DELAY) => notes.say(sentence),
    }
    work.await
}

/// A version of HTTP by its name.
pub fn version(version: Version) -> &'static str {
    if version == Version::HTTP_2 {
        "HTTP/2"
    } else {
        "HTTP/1.1"
    }
}

/// A time for people, in seconds: `0.3 s`, `12 s`.
pub fn seconds(time: Duration) -> String {
    /// From here on tenths are of no interest.
    const WHOLE: Duration = Duration::from_secs(10);
    if time < WHOLE {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{:.0} s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_whose_owner_did_not_refuse_gets_colours() {
        assert_eq!(Colours::decide(true, false), Colours::On);
        assert_eq!(Colours::decide(true, true), Colours::Off);
        assert_eq!(Colours::decide(false, false), Colours::Off);
        assert_eq!(Colours::On.paint(Style::Good, "200"), "\x1b[32m200\x1b[0m");
        assert_eq!(Colours::Off.paint(Style::Good, "200"), "200");
    }
}
