//! Loads a page: keeps the record, and asks for what is referred to as soon as it is known.

mod redirects;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use roomcast_client::http::Push;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::document::DocumentReader;
use super::failed::Failed;
use super::fetch::{self, News, Report, Shared, Task, is_css, is_html};
use super::limits::{MAX_DEPTH, MAX_REPORTS_WAITING, MEBIBYTE};
use super::pool::Pool;
use super::progress::{Progress, ProgressLine};
use super::recording::{File, Initiator, Recording};
use super::reference::{Purpose, Reference};
use super::settings::Settings;
use super::{css, link_field};

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
    document: Option<DocumentReader>,
    bytes: u64,
    files_left_out: usize,
    deep_left_out: usize,
}

struct State {
    purpose: Purpose,
    /// Steps from the document.
    depth: usize,
    /// The text of a style sheet so far.
    text: Vec<u8>,
    /// What a style sheet refers to that nothing refers to yet.
    waiting: Vec<Reference>,
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
            document: None,
            bytes: 0,
            files_left_out: 0,
            deep_left_out: 0,
        }
    }

    fn begin(&mut self) {
        let mut url = self.recording.url.clone();
        url.set_fragment(None);
        let purpose = Purpose::Document;
        self.request(Reference { url, purpose }, Initiator::Address, None);
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
            News::Hints(fields) => self.hints(file, &fields),
            News::Promise(push) => self.promise(file, *push),
            News::Head(status, fields) => self.head(file, at, status, &fields),
            News::LooksLikeHtml => {
                self.recording.files[file].media_type = Some("text/html".to_owned());
                self.read_document(file);
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
            News::Found(reference) => self.request(reference, Initiator::Parser, Some(file)),
            News::Parsed => self.under_way -= 1,
        }
    }

    fn hints(&mut self, file: usize, fields: &HeaderMap) {
        if !self.settings.use_hints {
            return;
        }
        let base = self.recording.files[file].url.clone();
        for reference in link_field::references(fields, &base) {
            self.request(reference, Initiator::Hint, Some(file));
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
        let reference = Reference { url, purpose };
        let Some(file) = self.add(reference, Initiator::Push, Some(parent)) else {
            return;
        };
        let record = &mut self.recording.files[file];
        record.sent_at = Some(record.known_at);
        record.version = Some(http::Version::HTTP_2);
        let shared = self.shared.clone();
        self.tasks
            .spawn(fetch::receive_push(file, purpose, push, shared));
    }

    fn head(&mut self, file: usize, at: Duration, status: StatusCode, fields: &HeaderMap) {
        let record = &mut self.recording.files[file];
        record.first_byte_at = Some(at);
        record.status = Some(status);
        record.media_type = fetch::media_type(fields);
        let is_html = record.media_type.as_deref().is_some_and(is_html);
        if let Some(location) = redirects::location(status, fields) {
            return self.redirect(file, location);
        }
        if self.states[file].purpose == Purpose::Document {
            self.hints(file, fields);
            if is_html {
                self.read_document(file);
            }
        }
    }

    /// Looks for references in the text of this file.
    fn read_document(&mut self, file: usize) {
        let url = self.recording.files[file].url.clone();
        self.under_way += 1;
        self.document = Some(DocumentReader::start(file, url, &self.shared));
    }

    fn text(&mut self, file: usize, text: Vec<u8>) {
        match &self.document {
            _ if text.is_empty() => {}
            Some(document) if document.file == file => document.feed(text),
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
        let record = &self.recording.files[file];
        let media_type = record.media_type.as_deref().unwrap_or_default();
        if is_css(media_type) {
            let text = std::mem::take(&mut self.states[file].text);
            let references = css::references(&String::from_utf8_lossy(&text), &record.url);
            if record.needed {
                self.request_all(references, file);
            } else {
                self.states[file].waiting = references;
            }
        }
        if self
            .document
            .as_ref()
            .is_some_and(|document| document.file == file)
        {
            self.document = None;
        }
    }

    fn fail(&mut self, file: usize, error: String) {
        self.recording.files[file].error.get_or_insert(error);
    }

    fn request_all(&mut self, references: Vec<Reference>, from: usize) {
        for reference in references {
            self.request(reference, Initiator::Style, Some(from));
        }
    }

    /// Asks for a file, unless somebody has.
    fn request(&mut self, reference: Reference, initiator: Initiator, from: Option<usize>) {
        if let Some(&file) = self.by_url.get(&reference.url) {
            if initiator != Initiator::Hint {
                self.mark_needed(file);
            }
            return;
        }
        let Some(file) = self.add(reference.clone(), initiator, from) else {
            return;
        };
        let task = Task {
            file,
            purpose: reference.purpose,
            fields: self.settings.fields_for(&reference, &self.recording.url),
            url: reference.url,
        };
        self.tasks.spawn(fetch::fetch(task, self.shared.clone()));
    }

    /// Notes a new file; `None` when there may be no more of them.
    fn add(
        &mut self,
        reference: Reference,
        initiator: Initiator,
        from: Option<usize>,
    ) -> Option<usize> {
        let is_redirect = initiator == Initiator::Redirect;
        let step = usize::from(!is_redirect);
        let depth = from.map_or(0, |from| self.states[from].depth + step);
        if self.recording.files.len() >= self.settings.max_files {
            self.files_left_out += 1;
            return None;
        }
        if depth > MAX_DEPTH {
            self.deep_left_out += 1;
            return None;
        }
        let file = self.recording.files.len();
        let now = self.shared.start.elapsed();
        self.by_url.insert(reference.url.clone(), file);
        self.recording.files.push(File {
            is_icon: reference.purpose == Purpose::Icon,
            ..File::new(reference.url, initiator, from, now)
        });
        self.states.push(State {
            purpose: reference.purpose,
            depth,
            text: Vec::new(),
            waiting: Vec::new(),
        });
        self.under_way += 1;
        Some(file)
    }

    /// The page refers to a file that was only hinted or pushed so far.
    fn mark_needed(&mut self, file: usize) {
        if std::mem::replace(&mut self.recording.files[file].needed, true) {
            return;
        }
        let references = std::mem::take(&mut self.states[file].waiting);
        self.request_all(references, file);
        let next = self
            .recording
            .files
            .iter()
            .position(|next| next.initiator == Initiator::Redirect && next.from == Some(file));
        if let Some(next) = next {
            self.mark_needed(next);
        }
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
        self.recording
    }
}

#[cfg(test)]
mod tests;
