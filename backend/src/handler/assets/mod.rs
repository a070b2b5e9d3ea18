//! The browser client's files and its document; what to push and hint. And what is neither a
//! file nor anything else.

mod ahead;
mod cache_evidence;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::problem::Problem;
use crate::assets::{Asset, Assets, Page};
use crate::middleware::methods;
use crate::negotiation::{AcceptEncoding, if_none_match};
use crate::protocol::connection_store::ConnectionStore;
use cache_evidence::{CacheEvidence, Caching};

/// For files whose name holds a hash of the content: they never change under that name.
/// One year is the longest that RFC 9111 was written with in mind.
const CACHE_FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// For all others: they may be kept, and are asked about every time (RFC 9111, section 5.2.2.4).
const CACHE_AND_ASK: HeaderValue = HeaderValue::from_static("no-cache");

/// `GET` or `HEAD` of a page of the client: its document.
///
/// What the document needs goes ahead of it: pushed, or hinted by one 103, if the client is not
/// known to have it.
pub fn document(page: Page, assets: &Assets, request: &Request) -> Response {
    let Some(document) = assets.document(page) else {
        let sentence = "The browser client was not built into this server: start it by `make \
            run`, or run `trunk build --release` and build the server again.";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, sentence);
        return problem.into_response();
    };
    let caching = ahead::caching(document, request);
    ahead::send(document, caching, request);
    let mut response = file_response(document.asset(), request.method(), request.headers());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        document.content_security_policy().clone(),
    );
    let keeps_nothing = caching == Caching::KeepsNothing;
    let cookies = [
        document.set_cookie(request.headers()),
        document.set_no_files_cookie(request.headers(), keeps_nothing),
    ];
    for cookie in cookies.into_iter().flatten() {
        headers.append(header::SET_COOKIE, cookie.clone());
    }
    response
}

/// Whatever no route takes: a file of the client, or nothing.
pub async fn fallback(State(assets): State<Arc<Assets>>, request: Request) -> Response {
    let (method, headers) = (request.method(), request.headers());
    if method == Method::OPTIONS {
        return only_get(method).await;
    }
    let Some(asset) = assets.file(request.uri().path()) else {
        let sentence = "There is nothing at this address. It may be mistyped, or out of date.";
        return Problem::new(StatusCode::NOT_FOUND, sentence).into_response();
    };
    if method == Method::GET
        && let Some(store) = request.extensions().get::<ConnectionStore>()
    {
        // By the path that the client was told.
        let path = assets.base_path().join(request.uri().path());
        store.with(|evidence: &mut CacheEvidence| evidence.asked(&path, headers));
    }
    if method == Method::GET || method == Method::HEAD {
        return file_response(asset, method, headers);
    }
    only_get(method).await
}

async fn only_get(method: &Method) -> Response {
    let mut response = methods::not_allowed(method.clone()).await;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

/// The file in the coding that the client likes best; 304 when the client has it.
fn file_response(asset: &Asset, method: &Method, request: &HeaderMap) -> Response {
    let accept = AcceptEncoding::from_headers(request);
    let Some(chosen) = asset.choose(&accept) else {
        let sentence = "This file is there only as `br`, `gzip` or plain bytes: name one of \
            them in `Accept-Encoding`.";
        let mut response = Problem::new(StatusCode::NOT_ACCEPTABLE, sentence).into_response();
        vary_by_coding(response.headers_mut());
        return response;
    };

    let mut response = Response::default();
    let headers = response.headers_mut();
    headers.insert(header::ETAG, chosen.etag().clone());
    headers.insert(
        header::CACHE_CONTROL,
        if asset.is_immutable() {
            CACHE_FOR_EVER
        } else {
            CACHE_AND_ASK
        },
    );
    vary_by_coding(headers);
    if if_none_match::matches(request, chosen.etag().as_bytes()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }

    headers.insert(header::CONTENT_TYPE, asset.content_type().clone());
    headers.insert(header::CONTENT_LENGTH, chosen.bytes().len().into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
    if let Some(coding) = chosen.coding().content_encoding() {
        headers.insert(header::CONTENT_ENCODING, coding);
    }
    if method != Method::HEAD {
        *response.body_mut() = chosen.bytes().clone().into();
    }
    response
}

fn vary_by_coding(headers: &mut HeaderMap) {
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
}

#[cfg(test)]
mod tests;
