//! Requests under the base path, for handlers that know the paths of the server alone.

use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{StatusCode, Uri, header};

use crate::config::BasePath;

/// Takes the base path off a request; one that a proxy took it off, or that never had it, stays as it is. The base
/// path alone is redirected to the page under it. Use it as
/// `axum::middleware::from_fn_with_state(base_path, base_path::strip)`, around everything that looks at paths.
pub(crate) async fn strip(
    State(base_path): State<BasePath>,
    mut request: Request,
    next: Next,
) -> Response {
    let uri = request.uri();
    match base_path.strip(uri.path()) {
        Some("") => return to_its_page(&base_path, uri),
        Some(path) => {
            if let Some(uri) = with_path(uri, path) {
                *request.uri_mut() = uri;
            }
        }
        None => {}
    }
    next.run(request).await
}

/// Returns the address of a request as it came, with the base path if it had it.
pub(crate) fn as_asked(parts: &Parts) -> &Uri {
    let original = parts.extensions.get::<OriginalUri>();
    original.map_or(&parts.uri, |OriginalUri(uri)| uri)
}

/// 308 to the first page: relative links would be wrong at an address without a slash at its end.
fn to_its_page(base_path: &BasePath, uri: &Uri) -> Response {
    let fields = [
        (
            header::LOCATION,
            path_and_query(&base_path.join("/"), uri.query()),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::PERMANENT_REDIRECT, fields).into_response()
}

/// The address with another path. `None` if that is no path, which the end of one never is.
fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let path = path_and_query(path, uri.query());
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

fn path_and_query(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => [path, "?", query].concat(),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    /// Status, `Location` and the address that a handler sees.
    async fn seen(uri: &str) -> (u16, Option<String>, String) {
        let base_path: BasePath = "/chat".parse().unwrap();
        let router = Router::new()
            .fallback(async |request: Request| request.uri().to_string())
            .layer(from_fn_with_state(base_path, strip));
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|location| location.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, location, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn handlers_see_the_same_address_with_and_without_the_prefix() {
        for (uri, handler_sees) in [
            ("/chat/", "/"),
            ("/chat/rooms/a?b=c", "/rooms/a?b=c"),
            ("/rooms/a?b=c", "/rooms/a?b=c"),
            ("/", "/"),
            ("/chatter", "/chatter"),
            ("https://host/chat/prime", "https://host/prime"),
            ("/chat//x", "//x"),
        ] {
            assert_eq!(seen(uri).await, (200, None, handler_sees.to_owned()));
        }
    }

    #[tokio::test]
    async fn the_prefix_alone_leads_to_its_page_and_keeps_the_query() {
        for (uri, location) in [("/chat", "/chat/"), ("/chat?a=%20b", "/chat/?a=%20b")] {
            let (status, found, _) = seen(uri).await;
            assert_eq!((status, found.as_deref()), (308, Some(location)));
        }
    }
}
