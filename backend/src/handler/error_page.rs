//! Refusals for whoever asks: a page for people, problem details for programs.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};

use super::problem::Problem;
use crate::assets::{Assets, Document, Page, WITHOUT_SCRIPTS, escaped};
use crate::negotiation::accept;

const TEMPLATE: &str = include_str!("error_page.html");

/// The problem in the form that the client likes better.
pub fn refusal(request: &HeaderMap, assets: &Assets, problem: Problem) -> Response {
    let mut response = if accept::prefers_html(request) {
        page(assets, &problem)
    } else {
        problem.into_response()
    };
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// The problem as a page in the client's own style. It runs no script.
pub fn page(assets: &Assets, problem: &Problem) -> Response {
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
    use http::StatusCode;
    use http_body_util::BodyExt;

    use super::*;
    use crate::assets::Origin;

    fn answer(accept: &'static str) -> Response {
        let assets = Assets::embedded(&[], Origin::Secure).unwrap();
        let request = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        let problem = Problem::new(StatusCode::NOT_FOUND, "There is no <b>.");
        refusal(&request, &assets, problem)
    }

    #[tokio::test]
    async fn people_get_a_page_in_which_nothing_runs() {
        let response = answer("text/html,*/*;q=0.8");

        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            response.headers()["content-type"],
            "text/html; charset=utf-8"
        );
        assert_eq!(
            response.headers()["content-security-policy"],
            WITHOUT_SCRIPTS
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let html = str::from_utf8(&body).unwrap();
        assert!(html.contains("<h1>Not Found</h1>"), "{html}");
        assert!(html.contains("<p>There is no &lt;b&gt;.</p>"), "{html}");
        assert!(!html.contains('{'), "{html}");
    }

    #[test]
    fn programs_get_problem_details() {
        let response = answer("*/*");
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
    }

    #[test]
    fn caches_are_told_that_there_are_two_forms() {
        for accept in ["text/html", "*/*"] {
            assert_eq!(answer(accept).headers()["vary"], "accept");
        }
    }
}
