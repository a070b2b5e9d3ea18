//! The same page by several ways, one after the other.

use std::fmt::Write as _;
use std::time::Duration;

use roomcast_client::http::Versions;

use super::recording::{Initiator, Recording};
use super::units::{bytes, milliseconds};
use crate::output::{Colours, Style, harmless};

/// A way to load a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) label: &'static str,
    pub(super) versions: Versions,
    pub(super) use_hints: bool,
    pub(super) accept_push: bool,
}

/// The ways that are compared. The first is what the others are compared with.
pub(super) const MODES: [Mode; 4] = [
    Mode {
        label: "HTTP/1.1",
        versions: Versions::Http1,
        use_hints: false,
        accept_push: false,
    },
    Mode {
        label: "HTTP/2",
        versions: Versions::Http2,
        use_hints: false,
        accept_push: false,
    },
    Mode {
        label: "HTTP/2 with hints",
        versions: Versions::Http2,
        use_hints: true,
        accept_push: false,
    },
    Mode {
        label: "HTTP/2 with push",
        versions: Versions::Http2,
        use_hints: true,
        accept_push: true,
    },
];

/// What came of a way.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) label: &'static str,
    /// The median load, or why the server does not speak that version of HTTP.
    pub(super) load: Result<Load, String>,
}

/// A load and its row.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) row: Row,
    pub(super) recording: Recording,
}

impl Way {
    pub(super) fn new(label: &'static str, recording: Result<Recording, String>) -> Self {
        let load = recording.map(|recording| Load {
            row: Row::new(label, &recording),
            recording,
        });
        Self { label, load }
    }
}

/// The loads of the ways that are spoken; what the others are compared with comes first.
pub(super) fn loads(ways: &[Way]) -> impl Iterator<Item = &Load> {
    ways.iter().filter_map(|way| way.load.as_ref().ok())
}

/// Which ways are not spoken, and why: a sentence for each reason.
pub(super) fn not_spoken(ways: &[Way]) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut sentences = Vec::new();
    for way in ways {
        // Ways over the same version have the same reason.
        if let Err(why) = &way.load
            && !reasons.contains(&why)
        {
            reasons.push(why);
            sentences.push(format!("{}: {why}", way.label));
        }
    }
    sentences
}

/// One row of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) label: &'static str,
    /// When the document was whole.
    pub(super) document: Duration,
    /// When everything that the page needs was there.
    pub(super) complete: Duration,
    pub(super) requests: usize,
    pub(super) pushed: usize,
    /// How many files did not come.
    pub(super) missing: usize,
    pub(super) connections: usize,
    pub(super) wire_bytes: u64,
}

impl Row {
    pub(super) fn new(label: &'static str, recording: &Recording) -> Self {
        let files = &recording.files;
        let pushed = files
            .iter()
            .filter(|file| file.initiator == Initiator::Push)
            .count();
        let document = recording.document().and_then(|file| file.end_at);
        Self {
            label,
            document: document.unwrap_or_default(),
            complete: recording.complete_at(),
            requests: files.len() - pushed,
            pushed,
            missing: recording.missing(),
            connections: recording.connections.len(),
            wire_bytes: recording.wire_bytes(),
        }
    }

    /// Milliseconds by which it is faster than another, and what part of the other's time that is, in
    /// percent; negative when it is slower. `None` when it lacks more files than the other: who does
    /// less is no faster.
    pub(super) fn saving(&self, than: &Self) -> Option<(f64, f64)> {
        if self.missing > than.missing {
            return None;
        }
        let (own, other) = (self.complete.as_secs_f64(), than.complete.as_secs_f64());
        let percent = if other > 0.0 {
            (other - own) / other * 100.0
        } else {
            0.0
        };
        Some(((other - own) * 1000.0, percent))
    }
}

/// The recording in the middle, by the time until the page is complete; those that lack files come
/// last.
pub(super) fn median(mut recordings: Vec<Recording>) -> Option<Recording> {
    recordings.sort_by_key(|recording| (recording.missing(), recording.complete_at()));
    let middle = recordings.len() / 2;
    recordings.into_iter().nth(middle)
}

/// The table, 78 columns wide, which ways are not spoken and which lack files.
pub(super) fn table(ways: &[Way], colours: Colours) -> String {
    let first = loads(ways).next().map(|load| &load.row);
    let mut text = String::new();
    let head = format!(
        "{:<18} {:>8} {:>8} {:>8} {:>6} {:>8} {:>6} {:>8}",
        "", "document", "complete", "saved", "", "requests", "pushed", "wire"
    );
    let _ = writeln!(text, "{}", colours.paint(Style::Dim, &head));
    for way in ways {
        let Ok(Load { row, .. }) = &way.load else {
            let line = format!("{:<18} not spoken", way.label);
            let _ = writeln!(text, "{}", colours.paint(Style::Dim, &line));
            continue;
        };
        let others = first.filter(|first| !std::ptr::eq(*first, row));
        let (saved, percent) = match others.map(|first| row.saving(first)) {
            None => (String::new(), String::new()),
            Some(Some((saved, percent))) => (format!("{saved:.0} ms"), format!("{percent:.0} %")),
            Some(None) => ("-".to_owned(), "-".to_owned()),
        };
        let _ = writeln!(
            text,
            "{:<18} {:>8} {:>8} {:>8} {:>6} {:>8} {:>6} {:>8}",
            row.label,
            format!("{} ms", milliseconds(row.document)),
            format!("{} ms", milliseconds(row.complete)),
            saved,
            percent,
            row.requests,
            row.pushed,
            bytes(row.wire_bytes),
        );
    }
    for line in not_spoken(ways) {
        let _ = writeln!(text, "{}", colours.paint(Style::Notable, &harmless(&line)));
    }
    let rows = loads(ways).map(|load| &load.row);
    for row in rows.filter(|row| row.missing > 0) {
        let files = if row.missing == 1 { "file" } else { "files" };
        let line = format!("{}: {} {files} did not come", row.label, row.missing);
        let _ = writeln!(text, "{}", colours.paint(Style::Bad, &line));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_table_says_what_is_saved_against_the_first_row() {
        let mut slow = Row::new("HTTP/1.1", &sample::recording());
        slow.complete = Duration::from_millis(800);
        let fast = Row::new("HTTP/2 with push", &sample::recording());
        assert_eq!(table(&[way(slow), way(fast)], Colours::Off), SNAPSHOT);
    }

    #[test]
    fn a_load_that_lacks_more_files_is_called_no_faster() {
        let slow = Row::new("HTTP/1.1", &sample::recording());
        let mut fast = Row::new("HTTP/2", &sample::recording());
        fast.complete /= 2;
        assert!(fast.saving(&slow).is_some());
        fast.missing += 1;
        assert_eq!(fast.saving(&slow), None);
        let table = table(&[way(slow), way(fast)], Colours::Off);
        assert!(table.contains("200 ms   200 ms        -      -"), "{table}");
        assert!(table.ends_with("HTTP/2: 3 files did not come\n"), "{table}");
    }

    fn way(row: Row) -> Way {
        let recording = sample::recording();
        Way {
            label: row.label,
            load: Ok(Load { row, recording }),
        }
    }

    #[test]
    fn a_way_that_is_not_spoken_is_marked_and_the_others_are_compared() {
        let why = || Err("it does not speak HTTP/1.1".to_owned());
        let slow = Row::new("HTTP/2", &sample::recording());
        let mut fast = Row::new("HTTP/2 with push", &sample::recording());
        fast.complete /= 2;
        let ways = [Way::new("HTTP/1.1", why()), way(slow), way(fast)];
        let table = table(&ways, Colours::Off);
        assert!(
            table.contains("\nHTTP/1.1           not spoken\n"),
            "{table}"
        );
        assert!(table.contains(" 200 ms   50 % "), "{table}");
        assert!(
            table.contains("\nHTTP/1.1: it does not speak HTTP/1.1\n"),
            "{table}"
        );
    }

    const SNAPSHOT: &str = "\
\x20                  document complete    saved        requests pushed     wire
HTTP/1.1             200 ms   800 ms                        5      1   111 kB
HTTP/2 with push     200 ms   400 ms   400 ms   50 %        5      1   111 kB
HTTP/1.1: 2 files did not come
HTTP/2 with push: 2 files did not come
";

    #[test]
    fn the_median_is_the_load_in_the_middle() {
        let with_end = |milliseconds| {
            let mut recording = sample::recording();
            recording.files.truncate(1);
            recording.files[0].end_at = Some(Duration::from_millis(milliseconds));
            recording
        };
        let median = median(vec![with_end(30), with_end(10), with_end(20)]).unwrap();
        assert_eq!(median.complete_at().as_millis(), 20);
        assert_eq!(super::median(Vec::new()), None);
    }
}
