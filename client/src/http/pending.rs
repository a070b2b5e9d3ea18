//! A request that was sent and whose answer is under way.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use ::http::Response;
use h2::client::ResponseFuture;
use hyper::body::Incoming;
use tokio::sync::mpsc;

use super::Exchange;
use super::body::ResponseBody;
use super::error::Error;
use super::heard::Heard;
use super::http2::Pushes;

/// Informational responses to one request. A server that sends more of them before its final response
/// wants something else than to inform.
pub(super) const MAX_INFORMATIONAL: usize = 64;

/// The answer to one request while it comes in.
#[derive(Debug)]
pub struct Pending {
    pushes: Pushes,
    heads: Heads,
    informational: usize,
    heard: Heard,
}

/// The head of a response.
#[derive(Debug)]
pub enum Head {
    /// A 1xx, such as 103 with its hints; another head follows.
    Informational(Response<()>),
    /// The last one; its body streams.
    Final(Response<ResponseBody>),
}

type Http1Response = Pin<Box<dyn Future<Output = hyper::Result<Response<Incoming>>> + Send>>;

enum Heads {
    Http1 {
        informational: mpsc::Receiver<Response<()>>,
        response: Http1Response,
    },
    Http2(ResponseFuture),
}

impl fmt::Debug for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 { .. } => "Http1",
            Self::Http2(_) => "Http2",
        })
    }
}

impl Pending {
    pub(super) fn http1(
        informational: mpsc::Receiver<Response<()>>,
        response: Http1Response,
        heard: Heard,
    ) -> Self {
        Self {
            pushes: Pushes::none(),
            heads: Heads::Http1 {
                informational,
                response,
            },
            informational: 0,
            heard,
        }
    }

    pub(super) fn http2(response: ResponseFuture, pushes: Pushes, heard: Heard) -> Self {
        Self {
            pushes,
            heads: Heads::Http2(response),
            informational: 0,
            heard,
        }
    }

    /// What the server pushes along with the answer; empty on HTTP/1.1, and when asked a second time.
    /// A promise that came before a head or a piece of the body is there before it.
    pub fn take_pushes(&mut self) -> Pushes {
        std::mem::replace(&mut self.pushes, Pushes::none())
    }

    /// The next head. Not to be called again after the final one.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the connection or the request fails, [`Error::NotSpoken`] and
    /// [`Error::Tls`] where the server's first words say why, and [`Error::TooManyInformational`].
    ///
    /// # Cancel safety
    /// Safe. A dropped call has taken no head.
    pub async fn next_head(&mut self) -> Result<Head, Error> {
        let head = self.any_head().await?;
        if let Head::Informational(_) = head {
            self.informational += 1;
            if self.informational > MAX_INFORMATIONAL {
                return Err(Error::TooManyInformational);
            }
        }
        Ok(head)
    }

    async fn any_head(&mut self) -> Result<Head, Error> {
        match &mut self.heads {
            Heads::Http1 {
                informational,
                response,
            } => tokio::select! {
                biased;
                Some(head) = informational.recv() => Ok(Head::Informational(head)),
                response = response => {
                    let response = response.map_err(|error| self.heard.error(error))?;
                    Ok(Head::Final(response.map(ResponseBody::http1)))
                }
            },
            Heads::Http2(response) => {
                if let Some(head) = poll_fn(|cx| response.poll_informational(cx)).await {
                    return Ok(Head::Informational(
                        head.map_err(|error| self.heard.error(error))?,
                    ));
                }
                let response = response.await.map_err(|error| self.heard.error(error))?;
                Ok(Head::Final(response.map(ResponseBody::http2)))
            }
        }
    }

    /// Waits for the final head, and gathers those before it.
    pub(super) async fn finish(mut self) -> Result<Exchange, Error> {
        let mut informational = Vec::new();
        loop {
            match self.next_head().await? {
                Head::Informational(head) => informational.push(head),
                Head::Final(response) => {
                    return Ok(Exchange {
                        informational,
                        response,
                        pushes: self.pushes,
                    });
                }
            }
        }
    }
}
