//! One rule for the methods of all resources (RFC 9110, section 9).
//!
//! A method that HTTP defines and the resource does not have is answered with 405, any other with 501, and
//! OPTIONS with 204. `Allow` names the methods of the resource.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::handler::problem::Problem;

/// Methods that some resource has, or that HTTP defines for resources.
const DEFINED: [Method; 8] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::OPTIONS,
    Method::TRACE,
    Method::PATCH,
];

/// Refuses methods that no resource has, and completes `Allow`. Use it as
/// `axum::middleware::from_fn(methods::check)`.
pub async fn check(request: Request, next: Next) -> Response {
    // An extended CONNECT opens a WebSocket (RFC 8441); another one has come to a proxy by mistake.
    let is_extended = request.extensions().get::<h2::ext::Protocol>().is_some();
    let is_defined =
        DEFINED.contains(request.method()) || request.method() == Method::CONNECT && is_extended;
    if !is_defined {
        return Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "This server has no such method: use one of those that OPTIONS names for an address.",
        )
        .into_response();
    }
    let mut response = next.run(request).await;
    complete_allow(response.headers_mut());
    response
}

/// The answer to a method that a resource does not have; the router adds `Allow`.
pub async fn not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let sentence = "This address does not answer that method: use one of those that the \
        `Allow` field names.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, sentence).into_response()
}

/// OPTIONS can be asked of everything. CONNECT is part of a handshake and no method of its own.
fn complete_allow(headers: &mut HeaderMap) {
    let Some(allow) = headers.get(header::ALLOW) else {
        return;
    };
    let allow = allow.to_str().unwrap_or_default();
    let methods = allow.split(',').map(str::trim);
    let mut methods: Vec<_> = methods
        .filter(|method| !["", "CONNECT", "OPTIONS"].contains(method))
        .collect();
    methods.push("OPTIONS");
    if let Ok(allow) = HeaderValue::try_from(methods.join(", ")) {
        headers.insert(header::ALLOW, allow);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allow_names_options_once_and_no_connect() {
        for (allow, completed) in [
            ("GET,HEAD,CONNECT,POST", "GET, HEAD, POST, OPTIONS"),
            ("GET, HEAD, OPTIONS", "GET, HEAD, OPTIONS"),
            ("", "OPTIONS"),
        ] {
            let allow = HeaderValue::from_static(allow);
            let mut headers = HeaderMap::from_iter([(header::ALLOW, allow)]);
            complete_allow(&mut headers);
            assert_eq!(headers[header::ALLOW], completed);
        }
    }
}
