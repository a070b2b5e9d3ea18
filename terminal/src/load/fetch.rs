//! One request: from a connection to the last byte, told to the one who keeps the record.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, Response, StatusCode, Version};
use http_body_util::BodyExt as _;
use roomcast_client::http::{CodingError, ContentDecoder, Head, Push, Pushes, ResponseBody};
use tokio::sync::mpsc;
use tokio::time::Instant;
use url::Url;

use super::failed::Failed;
use super::page::dom::Tree;
use super::page::found::Found;
use super::pool::{Lease, Pool};
use super::reference::Purpose;
use super::style::Needs;
use super::{media_types, sniff};

/// What happened to the file of this index, and when.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) file: usize,
    pub(super) at: Duration,
    pub(super) news: News,
}

#[derive(Debug)]
pub(super) enum News {
    Sent(Version),
    /// A 103 came.
    Hints(HeaderMap),
    /// The server pushes something along with it.
    Promise(Box<Push>),
    Head(StatusCode, HeaderMap),
    /// The document does not say what it is, and looks like HTML.
    LooksLikeHtml,
    Data {
        wire_bytes: u64,
        decoded_bytes: u64,
        /// The decoded bytes, if it is something that refers to more.
        text: Vec<u8>,
    },
    End(Result<(), Failed>),
    /// The document of this page says this.
    Found(usize, Found),
    /// The document of this page holds no more.
    Parsed(usize, Option<Box<Tree>>),
    /// The style of this page needs this.
    Styled(usize, Needs),
}

/// What to ask for.
pub(super) struct Task {
    pub(super) file: usize,
    pub(super) purpose: Purpose,
    pub(super) url: Url,
    pub(super) fields: HeaderMap,
}

/// What all requests of a load share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) pool: Arc<Pool>,
    pub(super) reports: mpsc::Sender<Report>,
    pub(super) start: Instant,
    pub(super) max_bytes: u64,
}

impl Shared {
    /// Nobody who stopped listening is missed: then the load is over.
    async fn report(&self, file: usize, news: News) {
        let at = self.start.elapsed();
        drop(self.reports.send(Report { file, at, news }).await);
    }
}

/// Requests a file.
pub(super) async fn fetch(task: Task, shared: Shared) {
    let file = task.file;
    let result = try_fetch(task, &shared).await;
    shared.report(file, News::End(result)).await;
}

/// Receives what a server pushes.
pub(super) async fn receive_push(file: usize, purpose: Purpose, push: Push, shared: Shared) {
    let result = async {
        let response = push.response().await.map_err(|error| error.to_string())?;
        let mut no_pushes = None;
        receive(file, purpose, response, &mut no_pushes, &shared).await
    };
    let result = result.await;
    shared
        .report(file, News::End(result.map_err(String::into)))
        .await;
}

async fn try_fetch(task: Task, shared: &Shared) -> Result<(), Failed> {
    let mut again = false;
    loop {
        let mut lease = shared.pool.lease(&task.url, task.purpose, again).await?;
        match begin(&task, &mut lease, shared).await {
            Ok((response, mut pushes)) => {
                receive(task.file, task.purpose, response, &mut pushes, shared).await?;
                lease.give_back();
                return Ok(());
            }
            // A server may end a connection that nobody seems to need, just when we do.
            Err(error) => {
                let is_final = again || !lease.was_used;
                lease.discard().await;
                if is_final {
                    return Err(error.into());
                }
                again = true;
            }
        }
    }
}

/// Sends the request and waits for the final head. `None` instead of pushes once there can be no more.
async fn begin(
    task: &Task,
    lease: &mut Lease,
    shared: &Shared,
) -> Result<(Response<ResponseBody>, Option<Pushes>), roomcast_client::http::Error> {
    let mut request = Request::new(());
    *request.headers_mut() = task.fields.clone();
    *request.uri_mut() =
        task.url
            .as_str()
            .parse()
            .map_err(|_| roomcast_client::http::Error::Url {
                url: task.url.to_string(),
            })?;
    let (mut pending, version) = lease.begin(request).await?;
    shared.report(task.file, News::Sent(version)).await;
    let mut pushes = Some(pending.take_pushes());
    loop {
        tokio::select! {
            // Promises first: they are made before what refers to them.
            biased;
            promise = next_push(&mut pushes) => {
                shared.report(task.file, News::Promise(promise)).await;
            }
            head = pending.next_head() => match head? {
                Head::Informational(head) if head.status() == StatusCode::EARLY_HINTS => {
                    let fields = head.into_parts().0.headers;
                    shared.report(task.file, News::Hints(fields)).await;
                }
                Head::Informational(_) => {}
                Head::Final(response) => return Ok((response, pushes)),
            },
        }
    }
}

/// Waits for ever when there are no more.
async fn next_push(pushes: &mut Option<Pushes>) -> Box<Push> {
    if let Some(open) = pushes {
        if let Ok(Some(push)) = open.next().await {
            return Box::new(push);
        }
        *pushes = None;
    }
    std::future::pending().await
}

/// Reason why a body cannot be decoded, with the option that moves the limit.
fn coding_sentence(error: &CodingError) -> String {
    match error {
        CodingError::TooLarge(_) => format!("{error} (--max-mebibytes)"),
        _ => error.to_string(),
    }
}

/// Reads a response to its end.
async fn receive(
    file: usize,
    purpose: Purpose,
    response: Response<ResponseBody>,
    pushes: &mut Option<Pushes>,
    shared: &Shared,
) -> Result<(), String> {
    let (head, mut body) = response.into_parts();
    let is_untyped = purpose.is_document() && media_type(&head.headers).is_none();
    let is_wanted = is_untyped || refers_to_more(purpose, &head.headers);
    let decoder = ContentDecoder::new(&head.headers, is_wanted, shared.max_bytes);
    shared
        .report(file, News::Head(head.status, head.headers))
        .await;
    let mut decoder = decoder.map_err(|error| coding_sentence(&error))?;
    let mut known_bytes = 0;
    let mut beginning = is_untyped.then(Vec::new);
    let mut is_text_wanted = true;
    loop {
        let frame = tokio::select! {
            biased;
            promise = next_push(pushes) => {
                shared.report(file, News::Promise(promise)).await;
                continue;
            }
            frame = body.frame() => frame,
        };
        let is_end = frame.is_none();
        let (wire_bytes, text) = match frame {
            None => (0, decoder.finish()),
            Some(frame) => match frame.map_err(|error| error.to_string())?.into_data() {
                Ok(data) => (data.len() as u64, decoder.decode(&data)),
                // Trailers say nothing about the body.
                Err(_) => continue,
            },
        };
        let decoded_bytes = decoder.decoded_bytes();
        let (mut text, failed) = match text {
            Ok(text) => (text, None),
            Err(error) => (Vec::new(), Some(coding_sentence(&error))),
        };
        // What may decide is held back until it does.
        if let Some(held) = &mut beginning {
            held.append(&mut text);
            if is_end || failed.is_some() || held.len() >= sniff::DECIDING_BYTES {
                if sniff::is_html(held) {
                    text = std::mem::take(held);
                    shared.report(file, News::LooksLikeHtml).await;
                } else {
                    is_text_wanted = false;
                }
                beginning = None;
            }
        }
        if !is_text_wanted {
            text.clear();
        }
        let news = News::Data {
            wire_bytes,
            decoded_bytes: decoded_bytes - known_bytes,
            text,
        };
        known_bytes = decoded_bytes;
        shared.report(file, news).await;
        if let Some(error) = failed {
            return Err(error);
        }
        if is_end {
            return Ok(());
        }
    }
}

/// Whether the text of a response has to be looked at: documents, style sheets and modules.
fn refers_to_more(purpose: Purpose, fields: &HeaderMap) -> bool {
    let media_type = media_type(fields).unwrap_or_default();
    purpose == Purpose::Style
        || (purpose.is_document() && is_document(&media_type))
        || is_css(&media_type)
        || (purpose != Purpose::Document && media_types::is_javascript(&media_type))
}

/// The media type of a response without its parameters, in lower case.
pub(super) fn media_type(fields: &HeaderMap) -> Option<String> {
    let value = String::from_utf8_lossy(fields.get(CONTENT_TYPE)?.as_bytes()).to_ascii_lowercase();
    Some(
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned(),
    )
}

/// Whether it is the type of a document that may refer to files.
pub(super) fn is_document(media_type: &str) -> bool {
    matches!(
        media_type,
        "text/html" | "application/xhtml+xml" | "image/svg+xml"
    )
}

pub(super) fn is_css(media_type: &str) -> bool {
    media_type == "text/css"
}
