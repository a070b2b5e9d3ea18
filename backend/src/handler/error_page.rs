//! Refusals for whoever asks: a page for people, problem details for programs.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::problem::Problem;
use crate::assets::{Assets, Document, Page, WITHOUT_SCRIPTS, escaped};
use crate::negotiation::accept;

const TEMPLATE: &str = include_str!("error_page.html");

/// Marks the entry of the navigation under which the address is.
const CURRENT: &str = " aria-current=\"true\"";

/// Gives each [`Problem`] the form that the client likes better, whichever handler it is from. Use it
/// as `axum::middleware::from_fn_with_state(assets, error_page::negotiate)`.
pub async fn negotiate(
    State(assets): State<Arc<Assets>>,
    request: Request,
    next: Next,
) -> Response {
    let prefers_html = accept::prefers_html(request.headers());
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    if prefers_html {
        response = in_place_of(response, page(&assets, &problem, &path));
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

/// The problem as a page in the client's own style, with its navigation and a next step. It runs no script.
fn page(assets: &Assets, problem: &Problem, path: &str) -> Response {
    let status = problem.status();
    let is_below = |start: &str| path.starts_with(start);
    let current = |start: &str| if is_below(start) { CURRENT } else { "" };
    let base_path = assets.base_path();
    let (back, words) = if is_below("/prime") {
        ("/", "Back to the primes")
    } else {
        ("/rooms", "Back to the rooms")
    };
    let back = base_path.join(back);
    // An empty address is that of the page itself.
    let steps = if may_pass(status) {
        vec![("", "Try again"), (&back, words)]
    } else {
        vec![(&*back, words)]
    };
    let links = assets
        .document(Page::Primes)
        .map(Document::head_links)
        .unwrap_or_default();
    let html = TEMPLATE
        .replace("{base}", base_path.as_str())
        .replace("{title}", &escaped(title(status)))
        .replace("{status}", status.as_str())
        .replace("{primes}", current("/prime"))
        .replace("{rooms}", current("/rooms"))
        .replace("{actions}", &actions(&steps))
        .replace("{links}", links)
        .replace("{sentence}", &escaped(problem.detail()));
    let fields = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, WITHOUT_SCRIPTS),
    ];
    (status, fields, html).into_response()
}

/// Links that look like buttons, by address and words; the first one is what most people want.
fn actions(steps: &[(&str, &str)]) -> String {
    let classes = ["button button-primary", "button"].into_iter();
    classes
        .zip(steps)
        .map(|(class, (address, words))| {
            [
                "<a class=\"",
                class,
                "\" href=\"",
                address,
                "\">",
                words,
                "</a>",
            ]
            .concat()
        })
        .collect()
}

/// What has happened, in the words of people; what to do about it is the detail of the problem.
fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "This address doesn’t work",
        StatusCode::FORBIDDEN => "You can’t do this here",
        StatusCode::NOT_FOUND => "This page doesn’t exist",
        StatusCode::METHOD_NOT_ALLOWED => "This address doesn’t take that",
        StatusCode::REQUEST_TIMEOUT => "That took too long",
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => "That was too long",
        StatusCode::TOO_MANY_REQUESTS => "That was too much at once",
        StatusCode::SERVICE_UNAVAILABLE => "This isn’t available right now",
        status if status.is_server_error() => "Something went wrong",
        _ => "That didn’t work",
    }
}

/// Returns `true` if the same request may be answered a little later.
fn may_pass(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        )
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::assets::Deployment;

    async fn answer(method: &str, accept: &str) -> Response {
        let assets = Arc::new(Assets::embedded(&[], &Deployment::for_test()).unwrap());
        let refuse = async || {
            let problem = Problem::new(StatusCode::NOT_FOUND, "There is no <b>.");
            ([(header::RETRY_AFTER, "10")], problem)
        };
        let router = Router::new()
            .route("/rooms/tea", get(refuse))
            .layer(from_fn_with_state(assets, negotiate));
        let request = Request::builder().method(method).header("accept", accept);
        let request = request.uri("/rooms/tea").body(Body::empty()).unwrap();
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
        assert!(html.contains("<h1>This page doesn’t exist</h1>"), "{html}");
        assert!(html.contains("<p>There is no &lt;b&gt;.</p>"), "{html}");
        assert!(!html.contains('{'), "{html}");
    }

    #[tokio::test]
    async fn the_page_keeps_the_navigation_and_offers_the_next_step() {
        let html = body(answer("GET", "text/html").await).await;
        assert!(
            html.contains(r#"<a href="/rooms" aria-current="true">Rooms</a>"#),
            "{html}"
        );
        assert!(html.contains(r#"<a href="/">Primes</a>"#), "{html}");
        let back = r#"<a class="button button-primary" href="/rooms">Back to the rooms</a>"#;
        assert!(html.contains(back), "{html}");
        assert!(!html.contains("Try again"), "{html}");
    }

    #[tokio::test]
    async fn what_may_pass_is_tried_again_by_a_button() {
        let assets = Assets::embedded(&[], &Deployment::for_test()).unwrap();
        let busy = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Busy.");
        let html = body(page(&assets, &busy, "/prime")).await;
        let again = r#"<a class="button button-primary" href="">Try again</a>"#;
        let back = r#"<a class="button" href="/">Back to the primes</a>"#;
        assert!(html.contains(&format!("{again}{back}")), "{html}");
        assert!(
            html.contains(r#"<a href="/" aria-current="true">Primes</a>"#),
            "{html}"
        );
    }

    #[tokio::test]
    async fn its_links_are_under_the_base_path() {
        let deployment = Deployment {
            base_path: "/chat".parse().unwrap(),
            ..Deployment::for_test()
        };
        let assets = Assets::embedded(&[], &deployment).unwrap();
        let gone = Problem::new(StatusCode::NOT_FOUND, "Gone.");
        for path in ["/prime", "/rooms/a"] {
            let html = body(page(&assets, &gone, path)).await;
            for link in html.split("href=\"").skip(1) {
                assert!(link.starts_with("/chat/"), "{html}");
            }
        }
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
