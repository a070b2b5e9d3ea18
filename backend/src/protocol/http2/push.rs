//! Server push: promises the files a page will ask for (RFC 9113, section 8.4).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use h2::StreamId;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, uri};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::promise_watch::PromisesWritten;
use super::responder::Responder;
use super::stream::{self, StreamContext};
use crate::defaults;

/// How many paths are remembered as promised on one connection: many times what the pages need.
const MAX_REMEMBERED_PATHS: usize = 256;

/// What was promised on one connection, and how many pushes may be promised yet. Clones share it.
///
/// A place comes back when its push was sent to the end. One that the client refused, or never
/// took, costs its place for good: h2 keeps a stream that the client allows no room to open, and a
/// client that does so again and again wants no pushes.
#[derive(Clone, Debug)]
pub(super) struct Promises {
    places: Arc<Semaphore>,
    made: Arc<Mutex<Made>>,
}

/// The promises so far. Locked while another is made, so that they get their numbers and stand in
/// h2's queues in the same order.
#[derive(Debug)]
struct Made {
    count: u64,
    /// The stream that made the last one.
    parent: Option<StreamId>,
    written: PromisesWritten,
    paths: HashSet<String>,
}

impl Promises {
    pub(super) fn new(written: PromisesWritten) -> Self {
        let made = Made {
            count: 0,
            parent: None,
            written,
            paths: HashSet::new(),
        };
        Self {
            places: Arc::new(Semaphore::new(defaults::MAX_OUTSTANDING_PUSHES)),
            made: Arc::new(Mutex::new(made)),
        }
    }

    fn take(&self) -> Option<Promise> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(Promise(Some(permit)))
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    /// Whether another response has promises that are not written yet. Those of a stream that the
    /// client withdraws meanwhile never are, and then no other response pushes on its connection.
    fn is_anothers_turn(&self, parent: StreamId) -> bool {
        self.parent.is_some_and(|last| last != parent) && self.count != self.written.get()
    }

    fn note(&mut self, parent: StreamId, path: &str) {
        self.count += 1;
        self.parent = Some(parent);
        if self.paths.len() < MAX_REMEMBERED_PATHS {
            self.paths.insert(path.to_owned());
        }
    }
}

/// The place of one promised push.
#[derive(Debug)]
pub(super) struct Promise(Option<OwnedSemaphorePermit>);

impl Promise {
    /// The push was sent to its end, or was never promised.
    pub(super) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        if let Some(permit) = self.0.take() {
            permit.forget();
        }
    }
}

/// Pushes other resources ahead of a response, like Go's `http.Pusher`. Stands in a request's
/// extensions on HTTP/2.
#[derive(Clone, Debug)]
pub struct Pusher(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    responder: Responder,
    stream: StreamId,
    scheme: uri::Scheme,
    authority: uri::Authority,
    accept_encoding: Option<HeaderValue>,
    context: StreamContext,
    /// Pushed bodies wait for it, so that they never delay the response that needs them.
    may_send: CancellationToken,
}

/// Why a resource was not pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The client said that it takes no pushes (`SETTINGS_ENABLE_PUSH`, RFC 9113,
    /// section 6.5.2), as every browser does.
    #[error("the client takes no pushes")]
    Disabled,
    /// The response that the push belongs to has begun or will never be sent.
    #[error("a push must be promised before the response begins")]
    TooLate,
    /// The client has not taken what was promised before.
    #[error("the client has {max} pushes to take already")]
    TooMany {
        /// The limit, [`defaults::MAX_OUTSTANDING_PUSHES`].
        max: usize,
    },
    /// It was promised on this connection before.
    #[error("it was promised on this connection before")]
    Already,
    /// What another response has promised is not written yet: promised streams must be announced in
    /// the order of their numbers (RFC 9113, section 5.1.1).
    #[error("another response is promising pushes just now")]
    NotNow,
    /// The path is no path of this server, such as `/app.wasm`.
    #[error("`{0}` is no path that can be pushed; it begins with a slash")]
    InvalidPath(String),
}

impl Pusher {
    /// A pusher for the response to `request`; `None` if the request names no host, be it in
    /// `:authority` or in `host`, which may stand for it (RFC 9113, section 8.3.1).
    pub(super) fn new<B>(
        request: &Request<B>,
        responder: Responder,
        context: StreamContext,
        may_send: CancellationToken,
    ) -> Option<Self> {
        let authority = match request.uri().authority() {
            Some(authority) => authority.clone(),
            None => {
                uri::Authority::try_from(request.headers().get(header::HOST)?.as_bytes()).ok()?
            }
        };
        // h2 drops the scheme of a request without an authority.
        let scheme = request.uri().scheme().unwrap_or(&context.scheme).clone();
        Some(Self(Arc::new(Shared {
            stream: responder.ahead(|send| send.stream_id())?,
            responder,
            scheme,
            authority,
            accept_encoding: request.headers().get(header::ACCEPT_ENCODING).cloned(),
            context,
            may_send,
        })))
    }

    /// Promises `path` (with a query, if it has one) now and answers it by the same router
    /// with the `accept-encoding` of the request that it is pushed for.
    ///
    /// # Errors
    /// [`PushError`]; nothing was sent then.
    pub fn push(&self, path: &str) -> Result<(), PushError> {
        let shared = &*self.0;
        let request = shared
            .promised_request(path)
            .ok_or_else(|| PushError::InvalidPath(path.to_owned()))?;
        let mut made = shared.context.promises.made();
        if made.paths.contains(path) {
            return Err(PushError::Already);
        }
        if made.is_anothers_turn(shared.stream) {
            return Err(PushError::NotNow);
        }
        let promise = shared.context.promises.take().ok_or(PushError::TooMany {
            max: defaults::MAX_OUTSTANDING_PUSHES,
        })?;
        let promised = match shared
            .responder
            .ahead(|send| send.push_request(request.clone()))
        {
            Some(Ok(promised)) => promised,
            refused => {
                promise.give_back();
                return Err(match refused {
                    Some(Err(error))
                        if !(error.is_reset() || error.is_go_away() || error.is_io()) =>
                    {
                        PushError::Disabled
                    }
                    _ => PushError::TooLate,
                });
            }
        };
        made.note(shared.stream, path);
        drop(made);
        tokio::spawn(stream::serve_pushed(
            request,
            promised,
            promise,
            shared.context.clone(),
            shared.may_send.clone(),
        ));
        Ok(())
    }
}

impl Shared {
    fn promised_request(&self, path: &str) -> Option<Request<()>> {
        if !path.starts_with('/') {
            return None;
        }
        let uri = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
            .ok()?;
        let mut headers = HeaderMap::new();
        if let Some(accept_encoding) = &self.accept_encoding {
            headers.insert(header::ACCEPT_ENCODING, accept_encoding.clone());
        }
        let mut request = Request::new(());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Some(request)
    }
}
