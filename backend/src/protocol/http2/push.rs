//! Server push: promises the files a page will ask for (RFC 9113, section 8.4).

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, uri};
use tokio_util::sync::CancellationToken;

use super::responder::Responder;
use super::stream::{self, StreamContext};

/// Pushes other resources ahead of a response, like Go's `http.Pusher`. Stands in a request's
/// extensions on HTTP/2.
#[derive(Clone, Debug)]
pub struct Pusher(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    responder: Responder,
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
    /// The path is no path of this server, such as `/app.wasm`.
    #[error("`{0}` is no path that can be pushed; it begins with a slash")]
    InvalidPath(String),
}

impl Pusher {
    /// A pusher for the response to `request`; `None` if the request names no host.
    pub(super) fn new<B>(
        request: &Request<B>,
        responder: Responder,
        context: StreamContext,
        may_send: CancellationToken,
    ) -> Option<Self> {
        Some(Self(Arc::new(Shared {
            responder,
            scheme: request.uri().scheme()?.clone(),
            authority: request.uri().authority()?.clone(),
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
        let promised = shared
            .responder
            .ahead(|send| send.push_request(request.clone()))
            .ok_or(PushError::TooLate)?;
        let promised = promised.map_err(|error| {
            if error.is_reset() || error.is_go_away() || error.is_io() {
                PushError::TooLate
            } else {
                PushError::Disabled
            }
        })?;
        tokio::spawn(stream::serve_pushed(
            request,
            promised,
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
