//! The request, and everything that comes back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Request, Response, Uri, header};
use http_body_util::BodyExt as _;
use roomcast_client::http::{
    Connection, Error, FrameObserver, Head, Options, Push, Pushes, ResponseBody, TlsDetails, empty,
};
use roomcast_http2_debug::Direction;
use roomcast_http2_debug::frame::{Flags, Payload, Setting};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::certificate::Certificate;
use super::failure::ProbeFailure;
use super::report::{
    Answer, BodyEnd, BodyReport, Outcome, ProbeTimes, PushReport, Report, TlsReport,
};

/// How long a body is read that does not end.
const BODY_TIME: Duration = Duration::from_secs(2);

/// The server's first SETTINGS, once they have come.
type SeenSettings = Arc<Mutex<Option<Vec<Setting>>>>;

/// Opens a connection, sends a GET and gathers what is to be known.
pub(super) async fn ask(
    url: &Uri,
    options: &Options,
    headers: &HeaderMap,
    timeout: Duration,
) -> Outcome {
    let outcome = try_ask(url, options, headers, timeout).await;
    outcome.unwrap_or_else(Outcome::failed)
}

/// # Errors
/// [`ProbeFailure`] when there was no connection.
async fn try_ask(
    url: &Uri,
    options: &Options,
    headers: &HeaderMap,
    timeout: Duration,
) -> Result<Outcome, ProbeFailure> {
    let begin = Instant::now();
    let deadline = begin + timeout;
    let settings = SeenSettings::default();
    let options = Options {
        observer: Some(observe_settings(&settings)),
        ..options.clone()
    };
    let mut connection = Connection::open(url, &options)
        .await
        .map_err(ProbeFailure::Client)?;
    let request_begin = Instant::now();
    let mut early = Early::default();
    let heads = final_head(&mut connection, request(url, headers), &mut early);
    let heads = timeout_at(deadline, heads)
        .await
        .unwrap_or(Err(ProbeFailure::NoAnswer(timeout)));
    let answered_in = heads.as_ref().ok().map(|(response, _)| response.version());
    let (answer, failure) = match heads {
        Ok((response, pushes)) => {
            let (answer, failure) = read_answer(response, pushes, deadline).await;
            (Some(answer), failure)
        }
        Err(failure) => (None, Some(failure)),
    };
    let details = connection.details();
    let settings = settings
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let is_agreed = details.tls.as_ref().is_some_and(|tls| tls.alpn.is_some());
    let is_spoken = is_agreed || settings.is_some() || !early.informational.is_empty();
    let report = Report {
        remote: details.remote,
        version: answered_in.or(is_spoken.then(|| connection.version())),
        tls: details.tls.as_ref().map(tls_report),
        settings,
        informational: early.informational,
        answer,
        times: ProbeTimes {
            opening: details.times,
            first_byte: early.first_at.map(|at| at - request_begin),
            total: begin.elapsed(),
        },
    };
    Ok(Outcome {
        report: Some(report),
        failure,
    })
}

/// Reads what follows the head of the final response; and how the body broke off, if it did.
async fn read_answer(
    response: Response<ResponseBody>,
    pushes: Pushes,
    deadline: Instant,
) -> (Answer, Option<ProbeFailure>) {
    let (head, body) = response.into_parts();
    // An event stream has no end to wait for.
    let patience = if is_event_stream(&head.headers) {
        Duration::ZERO
    } else {
        BODY_TIME
    };
    let until = deadline.min(Instant::now() + patience);
    let ((body, broken), pushes) = tokio::join!(read(body, until), gather(pushes, until));
    let bytes = body.bytes;
    let answer = Answer {
        status: head.status,
        headers: head.headers,
        pushes,
        body,
    };
    let failure = broken.map(|error| ProbeFailure::Body { bytes, error });
    (answer, failure)
}

fn observe_settings(settings: &SeenSettings) -> FrameObserver {
    let settings = settings.clone();
    FrameObserver::new(move |direction, frame| {
        if let (Direction::Received, Payload::Settings(received)) = (direction, &frame.payload)
            && !frame.flags.has(Flags::ACK)
        {
            let mut settings = settings.lock().unwrap_or_else(PoisonError::into_inner);
            settings.get_or_insert_with(|| received.clone());
        }
    })
}

fn request(url: &Uri, headers: &HeaderMap) -> Request<()> {
    let mut request = Request::new(());
    *request.uri_mut() = url.clone();
    let fields = request.headers_mut();
    fields.clone_from(headers);
    fields
        .entry(header::ACCEPT)
        .or_insert(header::HeaderValue::from_static("*/*"));
    request
}

/// What comes before the final response, and is known also if that never comes.
#[derive(Default)]
struct Early {
    informational: Vec<Response<()>>,
    /// When the first head came, be it the final one.
    first_at: Option<Instant>,
}

/// Waits for the final response.
async fn final_head(
    connection: &mut Connection,
    request: Request<()>,
    early: &mut Early,
) -> Result<(Response<ResponseBody>, Pushes), ProbeFailure> {
    let request = request.map(|()| empty());
    let mut pending = connection
        .begin(request)
        .await
        .map_err(ProbeFailure::Client)?;
    loop {
        let head = pending.next_head().await.map_err(ProbeFailure::Client)?;
        early.first_at.get_or_insert_with(Instant::now);
        match head {
            Head::Informational(head) => early.informational.push(head),
            Head::Final(response) => return Ok((response, pending.take_pushes())),
        }
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}

/// Reads a body to its end or until the time has come; and how it broke off, if it did.
async fn read(mut body: ResponseBody, until: Instant) -> (BodyReport, Option<Error>) {
    let mut bytes = 0;
    loop {
        let (end, error) = match timeout_at(until, body.frame()).await {
            Ok(Some(Ok(frame))) => {
                bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                continue;
            }
            Ok(Some(Err(error))) => (BodyEnd::BrokenOff, Some(error)),
            Ok(None) => (BodyEnd::Whole, None),
            Err(_) => (BodyEnd::LeftOff, None),
        };
        return (BodyReport { bytes, end }, error);
    }
}

/// Takes what is pushed, in the order of the promises.
async fn gather(mut pushes: Pushes, until: Instant) -> Vec<PushReport> {
    let mut responses = JoinSet::new();
    let mut nth = 0_usize;
    while let Ok(Ok(Some(push))) = timeout_at(until, pushes.next()).await {
        responses.spawn(async move { (nth, push_report(push, until).await) });
        nth += 1;
    }
    let mut reports = responses.join_all().await;
    reports.sort_by_key(|(nth, _)| *nth);
    reports.into_iter().map(|(_, report)| report).collect()
}

async fn push_report(push: Push, until: Instant) -> PushReport {
    let path = push.request.uri().path_and_query();
    let path = path.map_or_else(|| "/".to_owned(), ToString::to_string);
    let response = async {
        let response = timeout_at(until, push.response()).await;
        let response = response
            .map_err(|_| "it did not come in time".to_owned())?
            .map_err(|error| error.to_string())?;
        let status = response.status();
        match read(response.into_body(), until).await {
            (body, None) => Ok((status, body.bytes)),
            (body, Some(error)) => {
                let bytes = body.bytes;
                Err(ProbeFailure::Body { bytes, error }.to_string())
            }
        }
    };
    PushReport {
        response: response.await,
        path,
    }
}

fn tls_report(details: &TlsDetails) -> TlsReport {
    TlsReport {
        version: details.version.clone(),
        cipher_suite: details.cipher_suite.clone(),
        key_exchange: details.key_exchange.clone(),
        alpn: details.alpn.clone(),
        certificate: details
            .certificates
            .first()
            .and_then(|certificate| Certificate::read(certificate)),
    }
}
