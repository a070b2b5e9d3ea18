//! The document while it arrives: a thread that reads it and tells what it refers to.

use std::sync::mpsc;

use url::Url;

use super::fetch::{News, Report, Shared};
use super::html::{self, Gone};

/// Reads a document on a thread of its own, as the tokenizer waits for bytes. Dropping this is the end
/// of the document.
pub(super) struct DocumentReader {
    /// The index of the document's file.
    pub(super) file: usize,
    // What waits in it is bounded by the size that a page may have.
    text: mpsc::Sender<Vec<u8>>,
}

impl DocumentReader {
    /// Reads the document that is the file of this index. Its references come as reports, and a last
    /// one when it holds no more.
    pub(super) fn start(file: usize, base: Url, shared: &Shared) -> Self {
        let (text, received) = mpsc::channel();
        let (reports, start) = (shared.reports.clone(), shared.start);
        tokio::task::spawn_blocking(move || {
            let report = |news| {
                let at = start.elapsed();
                reports
                    .blocking_send(Report { file, at, news })
                    .map_err(|_| Gone)
            };
            html::read_references(
                || received.recv().ok(),
                base,
                |found| report(News::Found(found)),
            );
            // Nobody who stopped listening is missed: then the load is over.
            drop(report(News::Parsed));
        });
        Self { file, text }
    }

    pub(super) fn feed(&self, piece: Vec<u8>) {
        // The thread ends early only when nobody listens to it.
        drop(self.text.send(piece));
    }
}
