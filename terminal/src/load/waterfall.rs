//! A load as a picture of text: a line for each file, with a bar over time.

use std::fmt::Write as _;
use std::time::Duration;

use http::Version;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;
use url::Url;

use super::recording::{File, Initiator, Recording};
use super::units::{bytes, milliseconds};
use crate::output::{Colours, Style, harmless};

/// Columns that all cells but name and bar take, with the spaces between them.
const FIXED_COLUMNS: usize = 43;

/// Columns of the narrowest picture; a narrower terminal breaks its lines.
const MIN_COLUMNS: usize = 72;

/// Columns of the longest name.
const MAX_NAME_COLUMNS: usize = 48;

/// What a file does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is known, and waits for a connection.
    Queued,
    /// It was asked for.
    Waiting,
    /// Its body comes.
    Receiving,
}

impl Phase {
    const ALL: [Self; 3] = [Self::Queued, Self::Waiting, Self::Receiving];

    fn block(self) -> char {
        match self {
            Self::Queued => '·',
            Self::Waiting => '░',
            Self::Receiving => '█',
        }
    }

    /// The phase in words, for legends.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Queued => "waits for a connection",
            Self::Waiting => "waits for the response",
            Self::Receiving => "receives",
        }
    }

    /// When a file was in this phase.
    pub(super) fn times(self, file: &File) -> Option<(Duration, Duration)> {
        let end = file.end_at?;
        let sent = file.sent_at.unwrap_or(end);
        let first_byte = file.first_byte_at.unwrap_or(end);
        let (from, to) = match self {
            Self::Queued => (file.known_at, sent),
            Self::Waiting => (sent, first_byte),
            Self::Receiving => (file.first_byte_at?, end),
        };
        Some((from, to.max(from)))
    }
}

/// The picture, `columns` wide, of a load by the way that `label` names.
pub(super) fn waterfall(
    recording: &Recording,
    label: &str,
    columns: usize,
    colours: Colours,
) -> String {
    let picture = Picture::new(recording, columns.max(MIN_COLUMNS), colours);
    let mut text = String::new();
    picture.write(&mut text, label);
    text
}

struct Picture<'a> {
    recording: &'a Recording,
    colours: Colours,
    name_columns: usize,
    bar_columns: usize,
    /// The time at the right end of the bars.
    end: Duration,
}

impl<'a> Picture<'a> {
    fn new(recording: &'a Recording, columns: usize, colours: Colours) -> Self {
        let flexible = columns - FIXED_COLUMNS;
        let longest = recording
            .files
            .iter()
            .map(|file| name(file, &recording.url).width());
        let longest = longest.max().unwrap_or_default().max("file".len());
        let name_columns = longest.min(flexible * 2 / 5).min(MAX_NAME_COLUMNS);
        Self {
            recording,
            colours,
            name_columns,
            bar_columns: flexible - name_columns,
            end: recording.end(),
        }
    }

    fn write(&self, text: &mut String, label: &str) {
        let _ = writeln!(
            text,
            "{}",
            self.colours
                .paint(Style::Bold, &summary(self.recording, label))
        );
        let ruler = format!(
            "{:<names$} {:<6} {:<8} {:>3} {:>7} {:>7} {:>5} 0{:>bars$}",
            "file",
            "by",
            "protocol",
            "",
            "wire",
            "decoded",
            "ms",
            format!("{} ms", milliseconds(self.end)),
            names = self.name_columns,
            bars = self.bar_columns - 1,
        );
        let _ = writeln!(text, "{}", self.colours.paint(Style::Dim, &ruler));
        for file in &self.recording.files {
            self.row(text, file);
        }
        let legend = Phase::ALL.map(|phase| format!("{} {}", phase.block(), phase.words()));
        let _ = writeln!(
            text,
            "{}",
            self.colours.paint(Style::Dim, &legend.join("   "))
        );
        for note in &self.recording.left_out {
            let _ = writeln!(
                text,
                "{}",
                self.colours.paint(Style::Notable, &harmless(note))
            );
        }
    }

    fn row(&self, text: &mut String, file: &File) {
        let status = file
            .status
            .map_or_else(|| "-".to_owned(), |status| status.as_str().to_owned());
        let is_well = file.status.is_some_and(|status| status.as_u16() < 400);
        let style = if is_well && file.error.is_none() {
            Style::Good
        } else {
            Style::Bad
        };
        let initiator = format!("{:<6}", file.initiator.word());
        let initiator = match file.initiator {
            Initiator::Push | Initiator::Hint => self.colours.paint(Style::Name, &initiator),
            _ => initiator,
        };
        let _ = writeln!(
            text,
            "{:<names$} {initiator} {:<8} {} {:>7} {:>7} {:>5} {}",
            shortened(
                &harmless(&name(file, &self.recording.url)),
                self.name_columns
            ),
            protocol(file.version),
            self.colours.paint(style, &format!("{status:>3}")),
            bytes(file.wire_bytes),
            bytes(file.decoded_bytes),
            file.end_at.map_or_else(String::new, milliseconds),
            self.bar(file),
            names = self.name_columns,
        );
        if let Some(remark) = file.remark() {
            let style = if file.error.is_some() {
                Style::Bad
            } else {
                Style::Notable
            };
            let remark = self.colours.paint(style, &harmless(&remark));
            let _ = writeln!(text, "  ^ {remark}");
        }
    }

    /// The bar, without spaces after its end. Each cell shows the phase in its middle; the last cell of
    /// a file is never empty.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no terminal has so many columns"
    )]
    fn bar(&self, file: &File) -> String {
        let Some(end) = file.end_at else {
            return String::new();
        };
        let cell = self.end.as_secs_f64() / self.bar_columns as f64;
        let mut bar = String::new();
        for column in 0..self.bar_columns {
            let left = cell * column as f64;
            if left >= end.as_secs_f64() && column > 0 {
                break;
            }
            let middle = Duration::from_secs_f64(left + cell / 2.0);
            let in_middle = |phase: &&Phase| {
                phase
                    .times(file)
                    .is_some_and(|(from, to)| from <= middle && middle < to)
            };
            let is_last = left + cell >= end.as_secs_f64();
            let found = Phase::ALL.iter().find(in_middle).copied();
            let phase = if is_last {
                Some(Phase::Receiving)
            } else {
                found
            };
            bar.push(phase.map_or(' ', Phase::block));
        }
        self.colours.paint(Style::Name, &bar)
    }
}

/// One line that says what a load came to.
fn summary(recording: &Recording, label: &str) -> String {
    format!(
        "{} over {label}: {}, {} ms",
        harmless(recording.url.as_str()),
        totals(recording),
        milliseconds(recording.complete_at()),
    )
}

/// What came, in numbers.
pub(super) fn totals(recording: &Recording) -> String {
    let files = recording.files.len();
    let connections = recording.connections.len();
    format!(
        "{files} {}, {} on the wire, {} decoded, {connections} {}",
        if files == 1 { "file" } else { "files" },
        bytes(recording.wire_bytes()),
        bytes(recording.decoded_bytes()),
        if connections == 1 {
            "connection"
        } else {
            "connections"
        },
    )
}

/// How a version of HTTP is written.
pub(super) fn protocol(version: Option<Version>) -> &'static str {
    match version {
        Some(Version::HTTP_2) => "HTTP/2",
        Some(_) => "HTTP/1.1",
        None => "-",
    }
}

/// The path of a file; with its host, if that is not the address's.
pub(super) fn name(file: &File, address: &Url) -> String {
    let whole = file.url.as_str();
    if file.url.origin() == address.origin() {
        let path = &file.url[url::Position::BeforePath..];
        return path.to_owned();
    }
    whole
        .split_once(':')
        .map_or(whole, |(_, rest)| rest)
        .to_owned()
}

/// The text in this many columns; of a long one beginning and end.
pub(super) fn shortened(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let tail = (columns - 1) * 2 / 3;
    let head = columns - 1 - tail;
    let mut start = String::new();
    for character in text.graphemes(true) {
        if start.width() + character.width() > head {
            break;
        }
        start.push_str(character);
    }
    let mut end = text.len();
    for (index, _) in text.grapheme_indices(true).rev() {
        if text[index..].width() > tail {
            break;
        }
        end = index;
    }
    format!("{start}…{}", &text[end..])
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_load_is_drawn_in_80_columns() {
        let text = waterfall(&sample::recording(), "HTTP/2", 80, Colours::Off);
        assert_eq!(text, SNAPSHOT);
    }

    const SNAPSHOT: &str = "\
https://localhost:8443/ over HTTP/2: 6 files, 111 kB on the wire, 142 kB decoded, 1 connection, 400 ms
file           by     protocol        wire decoded    ms 0                400 ms
/              -      HTTP/2   200  1.2 kB  4.1 kB   200 ·······░░░██
/app-…?a=1&b=2 hint   HTTP/2   200  7.1 kB   27 kB   244           ░░░░█
/style.css     push   HTTP/2   200  2.0 kB  9.2 kB   240           ████
  ^ pushed, and not needed
/old.png       parser HTTP/2   301     0 B     0 B   261            ·░░░█
/new.png       redir  HTTP/2   404   100 B   100 B   360                ░░░███
//cdn…b%3E.png style  HTTP/2   200  101 kB  101 kB   400               ···░░░░░█
  ^ the body broke off�[2J
· waits for a connection   ░ waits for the response   █ receives
2 references left out: beyond --max-files 6
";

    #[test]
    fn no_line_is_wider_than_the_terminal_and_the_summary_alone_may_be() {
        for columns in [72, 80, 99, 132, 250] {
            let text = waterfall(&sample::recording(), "HTTP/2", columns, Colours::Off);
            let rows = text.lines().skip(1).filter(|line| !line.starts_with("  ^"));
            for row in rows {
                assert!(row.chars().count() <= columns, "{columns}: {row}");
            }
        }
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let coloured = waterfall(&sample::recording(), "HTTP/2", 80, Colours::On);
        let mut plain = String::new();
        for (index, part) in coloured.split("\x1b[").enumerate() {
            let text = if index == 0 {
                part
            } else {
                part.split_once('m').unwrap().1
            };
            plain.push_str(text);
        }
        assert_eq!(
            plain,
            waterfall(&sample::recording(), "HTTP/2", 80, Colours::Off)
        );
    }

    #[test]
    fn a_load_without_any_time_is_drawn() {
        let mut recording = sample::recording();
        recording.files.truncate(1);
        recording.files[0].end_at = Some(Duration::ZERO);
        assert!(waterfall(&recording, "HTTP/2", 80, Colours::Off).contains('█'));
        recording.files[0].end_at = None;
        assert!(
            !waterfall(&recording, "HTTP/2", 80, Colours::Off)
                .lines()
                .nth(2)
                .unwrap()
                .contains('█')
        );
    }

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        assert_eq!(shortened("/app-0123456789.js", 10), "/ap…789.js");
        assert_eq!(shortened("0123456789", 10), "0123456789");
    }

    #[test]
    fn a_name_is_cut_between_characters_and_by_their_width() {
        assert_eq!(shortened("/日本語の長い名前.png", 10), "/日…前.png");
        let family = "👨\u{200d}👩\u{200d}👧";
        let name = format!("/{family}{family}{family}{family}");
        assert_eq!(shortened(&name, 8), format!("/{family}…{family}{family}"));
        assert_eq!(shortened("e\u{301}e\u{301}", 2), "e\u{301}e\u{301}");
    }
}
