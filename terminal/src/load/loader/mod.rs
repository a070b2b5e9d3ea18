//! Loads a page: keeps the record, and asks for what is referred to as soon as it is known.

mod modules;
mod pages;
mod redirects;
mod requests;
mod sheets;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};
use roomcast_client::http::Push;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::cookies::Cookies;
use super::document::DocumentReader;
use super::failed::Failed;
use super::fetch::{self, News, Report, Shared, is_document};
use super::limits::{MAX_DEPTH, MAX_REPORTS_WAITING, MEBIBYTE};
use super::link_field;
use super::pool::Pool;
use super::progress::{Progress, ProgressLine};
use super::recording::{Initiator, Recording};
use super::reference::{Purpose, Reference};
use super::settings::Settings;
use pages::{InFrame, Page};

/// Loads a page and everything that it needs, and shows how far that is.
pub(super) async fn load(url: &Url, settings: &Settings, line: &mut ProgressLine) -> Recording {
    let (reports, mut received) = mpsc::channel(MAX_REPORTS_WAITING);
    let mut loader = Loader::new(url, settings, reports);
    loader.begin();
    let deadline = loader.shared.start + settings.timeout;
    while loader.is_under_way() {
        tokio::select! {
            Some(report) = received.recv() => loader.take(report),
            () = line.tick() => line.show(loader.progress()),
            () = sleep_until(deadline) => {
                let seconds = settings.timeout.as_secs_f64();
                loader.stop(&format!("not finished after {seconds} s (--timeout)"));
            }
        }
    }
    loader.into_recording()
}

struct Loader<'a> {
    settings: &'a Settings,
    shared: Shared,
    recording: Recording,
    /// What is known of each file besides what is shown, by its index.
    states: Vec<State>,
    by_url: HashMap<Url, usize>,
    tasks: JoinSet<()>,
    /// Files and the document's reader that have not ended.
    under_way: usize,
    /// The documents, in the order in which they began.
    pages: Vec<Page>,
    /// Readers of documents that still come, by their files.
    readers: HashMap<usize, DocumentReader>,
    cookies: Cookies,
    bytes: u64,
    files_left_out: usize,
    deep_left_out: usize,
    is_style_cut: bool,
}

struct State {
    purpose: Purpose,
    /// Steps from the document.
    depth: usize,
    /// The page that first referred to it.
    page: Option<usize>,
    nonce: Option<Arc<str>>,
    /// The frame in which it is shown, if it is a document.
    frame: Option<InFrame>,
    /// The field `cookie` of its request.
    cookies: Option<HeaderValue>,
    fields: HeaderMap,
    /// Its text so far, if it may refer to more.
    text: Vec<u8>,
}

impl<'a> Loader<'a> {
    fn new(url: &Url, settings: &'a Settings, reports: mpsc::Sender<Report>) -> Self {
        let start = Instant::now();
        Self {
            settings,
            shared: Shared {
                pool: Arc::new(Pool::new(settings.options.clone(), start)),
                reports,
                start,
                max_bytes: settings.max_mebibytes * MEBIBYTE,
            },
            recording: Recording {
                url: url.clone(),
                files: Vec::new(),
                connections: Vec::new(),
                left_out: Vec::new(),
            },
            states: Vec::new(),
            by_url: HashMap::new(),
            tasks: JoinSet::new(),
            under_way: 0,
            pages: Vec::new(),
            readers: HashMap::new(),
            cookies: Cookies::default(),
            bytes: 0,
            files_left_out: 0,
            deep_left_out: 0,
            is_style_cut: false,
        }
    }

    fn begin(&mut self) {
        let mut url = self.recording.url.clone();
        url.set_fragment(None);
        let reference = Reference {
            url,
            purpose: Purpose::Document,
            nonce: None,
        };
        self.request(reference, Initiator::Address, None, None);
    }

    fn is_under_way(&self) -> bool {
        self.under_way > 0
    }

    fn progress(&self) -> Progress {
        let files = &self.recording.files;
        Progress {
            files: files.len(),
            ended: files.iter().filter(|file| file.end_at.is_some()).count(),
            wire_bytes: self.recording.wire_bytes(),
        }
    }

    fn take(&mut self, Report { file, at, news }: Report) {
        match news {
            News::Sent(version) => {
                let record = &mut self.recording.files[file];
                record.sent_at = Some(at);
                record.version = Some(version);
            }
            News::Hints(fields) => self.hints(file, None, &fields),
            News::Promise(push) => self.promise(file, *push),
            News::Head(status, fields) => self.head(file, at, status, fields),
            News::LooksLikeHtml => {
                self.recording.files[file].media_type = Some("text/html".to_owned());
                self.begin_page(file);
            }
            News::Data {
                wire_bytes,
                decoded_bytes,
                text,
            } => {
                let record = &mut self.recording.files[file];
                record.wire_bytes += wire_bytes;
                record.decoded_bytes += decoded_bytes;
                self.text(file, text);
                self.bytes += wire_bytes.max(decoded_bytes);
                if self.bytes > self.shared.max_bytes {
                    let mebibytes = self.settings.max_mebibytes;
                    self.stop(&format!(
                        "the page is larger than {mebibytes} MiB (--max-mebibytes)"
                    ));
                }
            }
            News::End(result) => self.end(file, at, result),
            News::Found(page, found) => self.found(page, found),
            News::Parsed(page, tree) => self.parsed(page, tree),
            News::Styled(page, needs) => self.styled(page, needs),
        }
    }

    fn hints(&mut self, file: usize, page: Option<usize>, fields: &HeaderMap) {
        if !self.settings.use_hints {
            return;
        }
        let base = self.recording.files[file].url.clone();
        for reference in link_field::references(fields, &base, &self.settings.viewport) {
            self.request(reference, Initiator::Hint, Some(file), page);
        }
    }

    fn promise(&mut self, parent: usize, push: Push) {
        let url = Url::parse(&push.request.uri().to_string());
        let is_ours = |url: &Url| url.origin() == self.recording.files[parent].url.origin();
        // What a server has no right to push, and what is known already, is refused: dropping it
        // resets its stream.
        let Some(url) = url.ok().filter(is_ours) else {
            return;
        };
        if self.by_url.contains_key(&url) {
            return;
        }
        let purpose = Purpose::Other;
        let reference = Reference {
            url,
            purpose,
            nonce: None,
        };
        let Some(file) = self.add(&reference, Initiator::Push, Some(parent)) else {
            return;
        };
        let record = &mut self.recording.files[file];
        record.sent_at = Some(record.known_at);
        record.version = Some(http::Version::HTTP_2);
        let shared = self.shared.clone();
        self.tasks
            .spawn(fetch::receive_push(file, purpose, push, shared));
    }

    fn head(&mut self, file: usize, at: Duration, status: StatusCode, fields: HeaderMap) {
        let record = &mut self.recording.files[file];
        record.first_byte_at = Some(at);
        record.status = Some(status);
        record.media_type = fetch::media_type(&fields);
        let is_document = record.media_type.as_deref().is_some_and(is_document);
        self.cookies.keep(&record.url, &fields);
        if let Some(location) = redirects::location(status, &fields) {
            return self.redirect(file, location);
        }
        self.states[file].fields = fields;
        if !self.states[file].purpose.is_document() {
            return;
        }
        let fields = self.states[file].fields.clone();
        let page = if is_document {
            self.begin_page(file)
        } else {
            None
        };
        self.hints(file, page, &fields);
        if let Some(page) = page {
            self.refresh_of(page, &fields);
        }
    }

    fn text(&mut self, file: usize, text: Vec<u8>) {
        match self.readers.get(&file) {
            _ if text.is_empty() => {}
            Some(reader) => reader.feed(text),
            _ => self.states[file].text.extend(text),
        }
    }

    fn end(&mut self, file: usize, at: Duration, result: Result<(), Failed>) {
        self.under_way -= 1;
        self.recording.files[file].end_at = Some(at);
        if let Err(failed) = result {
            self.recording.files[file].is_version_refused = failed.is_version;
            self.fail(file, failed.why);
        }
        self.readers.remove(&file);
        self.settle_all(file);
        self.import_of(file);
    }

    fn fail(&mut self, file: usize, error: String) {
        self.recording.files[file].error.get_or_insert(error);
    }

    /// Ends everything that is under way.
    fn stop(&mut self, why: &str) {
        let now = self.shared.start.elapsed();
        for file in &mut self.recording.files {
            if file.end_at.is_none() {
                file.end_at = Some(now);
                file.error.get_or_insert_with(|| why.to_owned());
            }
        }
        self.tasks.abort_all();
        self.under_way = 0;
    }

    fn into_recording(mut self) -> Recording {
        self.recording.connections = self.shared.pool.records();
        let notes = [
            (
                self.files_left_out,
                format!("beyond --max-files {}", self.settings.max_files),
            ),
            (
                self.deep_left_out,
                format!("more than {MAX_DEPTH} steps from the document"),
            ),
        ];
        for (count, why) in notes {
            if count > 0 {
                let references = if count == 1 {
                    "reference"
                } else {
                    "references"
                };
                self.recording
                    .left_out
                    .push(format!("{count} {references} left out: {why}"));
            }
        }
        if self.is_style_cut {
            let note = "backgrounds and fonts left out: the style sheets ask for too much work";
            self.recording.left_out.push(note.to_owned());
        }
        self.recording
    }
}

#[cfg(test)]
mod tests;
