//! The same page by several ways, one after the other.

use std::fmt::Write as _;
use std::time::Duration;

use roomcast_client::http::Versions;

use super::recording::{Initiator, Recording};
use super::units::{bytes, milliseconds};
use crate::output::{Colours, Style};

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

/// The table, 78 columns wide, and which rows lack files.
pub(super) fn table(rows: &[Row], colours: Colours) -> String {
    let mut text = String::new();
    let head = format!(
        "{:<18} {:>8} {:>8} {:>8} {:>6} {:>8} {:>6} {:>8}",
        "", "document", "complete", "saved", "", "requests", "pushed", "wire"
    );
    let _ = writeln!(text, "{}", colours.paint(Style::Dim, &head));
    for (index, row) in rows.iter().enumerate() {
        let (saved, percent) = match row.saving(&rows[0]) {
            _ if index == 0 => (String::new(), String::new()),
            Some((saved, percent)) => (format!("{saved:.0} ms"), format!("{percent:.0} %")),
            None => ("-".to_owned(), "-".to_owned()),
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
    for row in rows.iter().filter(|row| row.missing > 0) {
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
        assert_eq!(table(&[slow, fast], Colours::Off), SNAPSHOT);
    }

    #[test]
    fn a_load_that_lacks_more_files_is_called_no_faster() {
        let slow = Row::new("HTTP/1.1", &sample::recording());
        let mut fast = Row::new("HTTP/2", &sample::recording());
        fast.complete /= 2;
        assert!(fast.saving(&slow).is_some());
        fast.missing += 1;
        assert_eq!(fast.saving(&slow), None);
        let table = table(&[slow, fast], Colours::Off);
        assert!(table.contains("200 ms   200 ms        -      -"), "{table}");
        assert!(table.ends_with("HTTP/2: 3 files did not come\n"), "{table}");
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
