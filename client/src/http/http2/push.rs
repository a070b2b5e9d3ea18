//! What a server pushes (RFC 9113, section 8.4).

use ::http::{Request, Response};
use h2::client::{PushPromises, PushedResponseFuture};

use crate::http::body::ResponseBody;
use crate::http::error::Error;

/// The pushes that belong to one request.
#[derive(Debug)]
pub struct Pushes(Option<PushPromises>);

/// One promised request and its response.
#[derive(Debug)]
pub struct Push {
    /// The request that the server answers unasked.
    pub request: Request<()>,
    response: PushedResponseFuture,
}

impl Pushes {
    pub(in crate::http) fn none() -> Self {
        Self(None)
    }

    pub(super) fn new(promises: PushPromises) -> Self {
        Self(Some(promises))
    }

    /// The next push; `None` once the server can promise no more.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the connection fails.
    ///
    /// # Cancel safety
    /// Safe. A dropped call has taken no push.
    pub async fn next(&mut self) -> Result<Option<Push>, Error> {
        let Some(promises) = &mut self.0 else {
            return Ok(None);
        };
        let Some(promise) = promises.push_promise().await else {
            return Ok(None);
        };
        let (request, response) = promise.map_err(Error::protocol)?.into_parts();
        Ok(Some(Push { request, response }))
    }
}

impl Push {
    /// Waits for the pushed response.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the server breaks the push off.
    pub async fn response(self) -> Result<Response<ResponseBody>, Error> {
        let response = self.response.await.map_err(Error::protocol)?;
        Ok(response.map(ResponseBody::http2))
    }
}
