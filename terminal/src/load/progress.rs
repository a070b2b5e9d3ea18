//! How far everything is: one line of a terminal, written anew about once a second.

use std::io::{IsTerminal as _, Write};

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::limits::QUIET;
use super::units;

/// How far a load is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) files: usize,
    pub(super) ended: usize,
    pub(super) wire_bytes: u64,
}

/// The line about all loads of a command. Each load may be short and all of them long, so its time
/// counts from the first one.
pub(super) struct ProgressLine {
    start: Instant,
    ticks: Interval,
    /// Which load is under way; empty if it is the only one.
    label: String,
    /// `None` where nobody would see it.
    out: Option<Box<dyn Write + Send>>,
    is_shown: bool,
}

impl ProgressLine {
    /// On standard error, if that is a terminal.
    pub(super) fn on_stderr() -> Self {
        let stderr = std::io::stderr();
        let is_seen = stderr.is_terminal();
        Self::new(is_seen.then(|| Box::new(stderr) as Box<dyn Write + Send>))
    }

    pub(super) fn new(out: Option<Box<dyn Write + Send>>) -> Self {
        let start = Instant::now();
        let mut ticks = interval_at(start + QUIET, QUIET);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            start,
            ticks,
            label: String::new(),
            out,
            is_shown: false,
        }
    }

    /// Says which load is under way from now on.
    pub(super) fn begin(&mut self, label: String) {
        self.label = label;
    }

    /// Waits until the line is to be shown.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has taken no tick.
    pub(super) async fn tick(&mut self) {
        self.ticks.tick().await;
    }

    pub(super) fn show(&mut self, progress: Progress) {
        let Progress {
            files,
            ended,
            wire_bytes,
        } = progress;
        let label = &self.label;
        let space = if label.is_empty() { "" } else { ": " };
        let bytes = units::bytes(wire_bytes);
        let seconds = self.start.elapsed().as_secs();
        let line = format!("{label}{space}{ended} of {files} files, {bytes}, {seconds} s");
        self.replace(&line);
        self.is_shown = true;
    }

    /// Takes the line away again, before something else is printed.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            self.replace("");
        }
    }

    /// Who closed standard error does not want to know.
    fn replace(&mut self, line: &str) {
        if let Some(out) = &mut self.out {
            let _ = write!(out, "\r\x1b[K{line}");
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn loads_that_are_short_each_and_long_together_have_a_line_a_second() {
        let screen = Screen::default();
        let mut line = ProgressLine::new(Some(Box::new(screen.clone())));
        for round in 1..=6 {
            line.begin(format!("round {round}"));
            let load = async {
                loop {
                    line.tick().await;
                    line.show(Progress::default());
                }
            };
            let _: Result<(), _> = timeout(Duration::from_millis(450), load).await;
        }
        drop(line);
        let shown = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            shown,
            "\r\x1b[Kround 3: 0 of 0 files, 0 B, 1 s\
             \r\x1b[Kround 5: 0 of 0 files, 0 B, 2 s\
             \r\x1b[K"
        );
    }
}
