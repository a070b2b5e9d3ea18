//! From a request to its response, the same for both protocols.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Method, Request, StatusCode, header, uri};
use tower::ServiceExt;

use super::expectation::Expectation;
use super::request_body::{RequestBody, RequestBodyError};
use crate::config::Limits;
use crate::handler::problem::Problem;
use crate::middleware::security_headers;

/// Answers one request by the router: limits its body, says where it came from, and turns a
/// panic of a handler into a 500, so that one request never takes its connection with it.
pub(crate) async fn answer<B>(
    router: Router,
    request: Request<B>,
    remote: SocketAddr,
    limits: &Limits,
) -> Response
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if request.method() == Method::CONNECT && request.uri().path_and_query().is_none() {
        return refuse(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "This server is no proxy; ask for a path instead of CONNECT.",
        ));
    }
    if let Err(problem) = check_host(request.headers()) {
        return refuse(problem);
    }
    if request.method() == Method::OPTIONS && request.uri().path() == "*" {
        // Asks whether the server is there (RFC 9110, section 9.3.7), and for no resource.
        let allow = [(header::ALLOW, "GET, HEAD, POST, OPTIONS")];
        let mut response = (StatusCode::NO_CONTENT, allow).into_response();
        security_headers::add_to(response.headers_mut());
        return response;
    }
    if Expectation::of(request.headers(), request.version()) == Expectation::Unknown {
        return refuse(Problem::new(
            StatusCode::EXPECTATION_FAILED,
            "Expect nothing but 100-continue (RFC 9110, section 10.1.1).",
        ));
    }
    if declared_length(&request).is_some_and(|length| length > limits.max_body_bytes) {
        let max_bytes = limits.max_body_bytes;
        let error = RequestBodyError::TooLarge { max_bytes };
        return refuse(Problem::from_body_error(&error));
    }
    let mut request = request.map(|body| {
        Body::new(RequestBody::new(
            body,
            limits.max_body_bytes,
            limits.body_timeout,
        ))
    });
    request.extensions_mut().insert(ConnectInfo(remote));
    match AssertUnwindSafe(router.oneshot(request))
        .catch_unwind()
        .await
    {
        Ok(Ok(response)) => without_needless_length(response),
        Ok(Err(never)) => match never {},
        Err(_panic) => {
            tracing::error!(%remote, "a handler panicked; the request is answered with 500");
            refuse(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The server failed to answer; try again later. For the operator: its log says why.",
            ))
        }
    }
}

/// A refusal that the router does not see, with the fields that it gives to every response.
pub(super) fn refuse(problem: Problem) -> Response {
    let mut response = problem.into_response();
    security_headers::add_to(response.headers_mut());
    response
}

/// Takes `content-length` from responses that never have a body. axum adds 0 to them, which
/// for a 304 would say that the resource is empty (RFC 9110, section 8.6).
fn without_needless_length(mut response: Response) -> Response {
    let status = response.status();
    if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

/// Checks the value of `Host`, if it is there.
///
/// # Errors
/// 400 for one that is none.
pub(super) fn check_host(headers: &HeaderMap) -> Result<(), Problem> {
    if has_valid_host(headers) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "Name a host, and at most its port, in the Host header field (RFC 9110, section 7.2).",
    ))
}

/// Whether `Host`, if it is there, has the form of one. Whether it must be there is the protocol's
/// business.
fn has_valid_host(headers: &HeaderMap) -> bool {
    headers.get(header::HOST).is_none_or(|host| {
        let host = host.as_bytes();
        let is_host_and_port = |authority: &uri::Authority| {
            let without_port = authority.as_str().trim_end_matches(':') == authority.host();
            without_port || authority.port_u16().is_some() && !host.contains(&b'@')
        };
        host.is_empty()
            || uri::Authority::try_from(host).is_ok_and(|authority| is_host_and_port(&authority))
    })
}

fn declared_length<B>(request: &Request<B>) -> Option<u64> {
    let value = request.headers().get(header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn is_valid(host: &'static str) -> bool {
        let host = (header::HOST, HeaderValue::from_static(host));
        has_valid_host(&HeaderMap::from_iter([host]))
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        assert!(has_valid_host(&HeaderMap::new()));
        for host in [
            "",
            "example.org",
            "EXAMPLE.org:8443",
            "127.0.0.1:65535",
            "[::1]",
            "[::1]:8443",
            "a:",
        ] {
            assert!(is_valid(host), "{host}");
        }
        for host in [
            "a b",
            "a/b",
            "a@b",
            "a@b:1",
            "[::1",
            "x:65536",
            "x:99999999",
            "x:y",
        ] {
            assert!(!is_valid(host), "{host}");
        }
    }
}
