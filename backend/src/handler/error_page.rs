//! Refusals for whoever asks: a page for people, problem details for programs.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

use super::problem::Problem;
use crate::assets::{Assets, Document, Page, WITHOUT_SCRIPTS, escaped};
use crate::negotiation::accept;

const TEMPLATE: &str = include_str!("error_page.html");

/// Gives each [`Problem`] the form that the client likes better, whichever handler it is from. Use it
/// as `axum::middleware::from_fn_with_state(assets, error_page::negotiate)`.
pub async fn negotiate(
    State(assets): State<Arc<Assets>>,
    request: Request,
    next: Next,
) -> Response {
    let prefers_html = accept::prefers_html(request.headers());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    if prefers_html {
        response = in_place_of(response, page(&assets, &problem));
    }
    let vary = HeaderValue::from_static("accept");
    response.headers_mut().append(header::VARY, vary);
    response
}

/// The page, with the fields that the handler gave its refusal, such as `Allow`.
fn in_place_of(refusal: Response, page: Response) -> Response {
    let (mut head, _) = refusal.into_parts();
    let (of_page, body) = page.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in &of_page.headers {
        head.headers.insert(name, value.clone());
    }
    Response::from_parts(head, body)
}

/// The problem as a page in the client's own style. It runs no script.
fn page(assets: &Assets, problem: &Problem) -> Response {
    let status = problem.status();
    let title = status.canonical_reason().unwrap_or("Error");
    let links = assets
        .document(Page::Primes)
        .map(Document::head_links)
        .unwrap_or_default();
    let html = TEMPLATE
        .replace("{title}", &escaped(title))
        .replace("{links}", links)
        .replace("{sentence}", &escaped(problem.detail()));
    let fields = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, WITHOUT_SCRIPTS),
    ];
    (status, fields, html).into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use http::StatusCode;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::assets::Origin;

    async fn answer(method: &str, accept: &str) -> Response {
        let assets = Arc::new(Assets::embedded(&[], Origin::Secure).unwrap());
        let refuse = async || {
            let problem = Problem::new(StatusCode::NOT_FOUND, "There is no <b>.");
            ([(header::RETRY_AFTER, "10")], problem)
        };
        let router = Router::new()
            .route("/", get(refuse))
            .layer(from_fn_with_state(assets, negotiate));
        let request = Request::builder().method(method).header("accept", accept);
        let request = request.uri("/").body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap()
    }

    async fn body(response: Response) -> String {
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn people_get_a_page_in_which_nothing_runs() {
        let response = answer("GET", "text/html,*/*;q=0.8").await;

        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let field = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(field("content-type"), "text/html; charset=utf-8");
        assert_eq!(field("content-security-policy"), WITHOUT_SCRIPTS);
        assert_eq!(field("retry-after"), "10");
        let html = body(response).await;
        assert!(html.contains("<h1>Not Found</h1>"), "{html}");
        assert!(html.contains("<p>There is no &lt;b&gt;.</p>"), "{html}");
        assert!(!html.contains('{'), "{html}");
    }

    #[tokio::test]
    async fn programs_get_problem_details() {
        let response = answer("GET", "*/*").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let field = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(field("content-type"), "application/problem+json");
        assert_eq!(field("retry-after"), "10");
    }

    #[tokio::test]
    async fn caches_are_told_that_there_are_two_forms() {
        for accept in ["text/html", "*/*"] {
            assert_eq!(answer("GET", accept).await.headers()["vary"], "accept");
        }
    }

    #[tokio::test]
    async fn head_says_how_long_the_page_is_and_has_none_of_it() {
        let length = answer("GET", "text/html").await.headers()["content-length"].clone();
        let head = answer("HEAD", "text/html").await;
        assert_eq!(head.headers()["content-length"], length);
        assert_eq!(body(head).await, "");
    }
}
