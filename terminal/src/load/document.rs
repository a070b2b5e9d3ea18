//! The document while it arrives: a thread that reads it and tells what it refers to.

use std::sync::mpsc;

use super::fetch::{News, Report, Shared};
use super::page::found::Gone;
use super::page::{self, Context};

/// Reads a document on a thread of its own, as the parser waits for bytes. Dropping this is the end
/// of the document.
pub(super) struct DocumentReader {
    // What waits in it is bounded by the size that a page may have.
    text: mpsc::Sender<Vec<u8>>,
}

impl DocumentReader {
    /// Reads the document of the page of this index. What it says comes as reports, and a last one when it
    /// holds no more.
    pub(super) fn start(page: usize, context: Context, shared: &Shared) -> Self {
        let (text, received) = mpsc::channel();
        let (reports, start) = (shared.reports.clone(), shared.start);
        tokio::task::spawn_blocking(move || {
            let report = |news| {
                let at = start.elapsed();
                let file = 0;
                reports
                    .blocking_send(Report { file, at, news })
                    .map_err(|_| Gone)
            };
            let parsed = page::read(
                context,
                || received.recv().ok(),
                |found| report(News::Found(page, found)),
            );
            // Nobody who stopped listening is missed: then the load is over.
            drop(report(News::Parsed(page, parsed.map(Box::new))));
        });
        Self { text }
    }

    pub(super) fn feed(&self, piece: Vec<u8>) {
        // The thread ends early only when nobody listens to it.
        drop(self.text.send(piece));
    }
}
