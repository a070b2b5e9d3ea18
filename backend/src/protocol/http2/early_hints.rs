//! 103 (Early Hints): what a page will need, said before the page is ready (RFC 8297).

use http::{HeaderValue, Response, StatusCode, header};

use super::responder::Responder;

/// Sends 103 responses ahead of a response. Stands in a request's extensions on HTTP/2 only:
/// RFC 8297 warns of HTTP/1.1 clients that take a 103 for the response itself.
#[derive(Clone, Debug)]
pub struct EarlyHints(Responder);

/// Why no hint was sent.
#[derive(Debug, thiserror::Error)]
pub enum EarlyHintsError {
    /// The response that the hint belongs to has begun, or the client is gone.
    #[error("hints must be sent before the response begins")]
    TooLate,
}

impl EarlyHints {
    pub(super) fn new(responder: Responder) -> Self {
        Self(responder)
    }

    /// Sends one 103 with these `Link` values (RFC 8288), in this order.
    ///
    /// # Errors
    /// [`EarlyHintsError::TooLate`]; nothing was sent then.
    pub fn send(&self, links: &[HeaderValue]) -> Result<(), EarlyHintsError> {
        let mut head = Response::new(());
        *head.status_mut() = StatusCode::EARLY_HINTS;
        for link in links {
            head.headers_mut().append(header::LINK, link.clone());
        }
        match self.0.ahead(|send| send.send_informational(head)) {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => Err(EarlyHintsError::TooLate),
        }
    }
}
