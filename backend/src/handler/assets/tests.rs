use std::fs;
use std::io::Read;

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use bytes::Bytes;
use http_body_util::BodyExt;
use roomcast_shared::prime::PrimeEvent;
use tower::ServiceExt;

use super::*;
use crate::assets::{CLIENT_ROUTES, Deployment};
use crate::handler::error_page;

const DOCUMENT: &str = "<!DOCTYPE html><title>Primes</title>\
    <link rel=\"stylesheet\" href=\"/style-4f1c0de58a3b9e21.css\">\
    <script type=\"module\">import '/app.js'</script>\
    <template data-page=\"primes\"><ol id=\"first-primes\"></ol></template>\
    <template data-page=\"rooms\" data-title=\"Rooms\"><h1>Rooms</h1></template>";

/// The client of these tests, mounted as the server mounts it.
fn router() -> Router {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    write("index.html", DOCUMENT.as_bytes());
    write(
        "style-4f1c0de58a3b9e21.css",
        "p { color: teal }\n".repeat(50).as_bytes(),
    );
    write("app.js", "primes();\n".repeat(50).as_bytes());
    write("icon.png", &[7; 500]);
    let events = [PrimeEvent {
        id: 1,
        number: 2.into(),
    }];
    let assets =
        Arc::new(Assets::from_dir(folder.path(), &events, &Deployment::for_test()).unwrap());
    let mut router = Router::new();
    for (route, page) in CLIENT_ROUTES {
        let answer = async move |State(assets): State<Arc<Assets>>, request: Request| {
            document(page, &assets, &request)
        };
        router = router.route(route, get(answer));
    }
    router
        .route("/posts", axum::routing::post(async || ()))
        .fallback(fallback)
        .method_not_allowed_fallback(methods::not_allowed)
        .layer(from_fn_with_state(assets.clone(), error_page::negotiate))
        .with_state(assets)
}

async fn answer(method: &str, path: &str, fields: &[(&str, &str)]) -> http::Response<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let (head, body) = router().oneshot(request).await.unwrap().into_parts();
    http::Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn a_file_comes_in_the_coding_that_the_client_takes() {
    let plain = "primes();\n".repeat(50);
    let response = answer("GET", "/app.js", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("content-encoding"));
    assert_eq!(response.body(), &plain);

    let response = answer("GET", "/app.js", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(response.headers()["content-encoding"], "br");
    let mut decoded = String::new();
    brotli::Decompressor::new(&response.body()[..], 4096)
        .read_to_string(&mut decoded)
        .unwrap();
    assert_eq!(decoded, plain);

    let response = answer("GET", "/app.js", &[("accept-encoding", "gzip")]).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let mut decoded = String::new();
    flate2::read::GzDecoder::new(&response.body()[..])
        .read_to_string(&mut decoded)
        .unwrap();
    assert_eq!(decoded, plain);
}

#[tokio::test]
async fn every_file_names_type_length_and_what_it_varies_by() {
    let response = answer("GET", "/app.js", &[("accept-encoding", "br")]).await;
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(headers["content-length"], response.body().len().to_string());
    assert_eq!(headers["vary"], "accept-encoding");
    assert_eq!(headers["accept-ranges"], "none");
}

#[tokio::test]
async fn head_answers_as_get_without_the_body() {
    for path in ["/app.js", "/"] {
        let fields = [("accept-encoding", "br")];
        let (get, head) = (
            answer("GET", path, &fields).await,
            answer("HEAD", path, &fields).await,
        );
        assert_eq!(head.headers(), get.headers(), "{path}");
        assert!(head.body().is_empty() && !get.body().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn only_a_file_with_a_hash_in_its_name_is_kept_for_ever() {
    let cache_control =
        async |path| answer("GET", path, &[]).await.headers()["cache-control"].clone();
    assert_eq!(
        cache_control("/style-4f1c0de58a3b9e21.css").await,
        "public, max-age=31536000, immutable"
    );
    assert_eq!(cache_control("/app.js").await, "no-cache");
    assert_eq!(cache_control("/").await, "no-cache");
}

#[tokio::test]
async fn a_client_that_has_the_file_in_this_coding_gets_304() {
    for path in ["/", "/app.js"] {
        let first = answer("GET", path, &[("accept-encoding", "br")]).await;
        let etag = first.headers()["etag"].to_str().unwrap();

        let fields = [("accept-encoding", "br"), ("if-none-match", etag)];
        let second = answer("GET", path, &fields).await;
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(second.headers()["etag"], etag, "{path}");
        for name in ["cache-control", "vary"] {
            assert_eq!(second.headers()[name], first.headers()[name], "{path}");
        }
        assert!(second.body().is_empty(), "{path}");

        // The plain bytes are another representation.
        let third = answer("GET", path, &[("if-none-match", etag)]).await;
        assert_eq!(third.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_client_that_refuses_every_coding_gets_406() {
    let response = answer(
        "GET",
        "/icon.png",
        &[("accept-encoding", "br, identity;q=0")],
    )
    .await;
    assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE);
    assert_eq!(response.headers()["vary"], "accept-encoding");
}

#[tokio::test]
async fn a_page_holds_its_own_beginning_and_may_run_only_its_own_scripts() {
    for (path, page) in CLIENT_ROUTES {
        let response = answer("GET", path, &[]).await;
        let headers = response.headers();
        assert_eq!(
            headers["content-type"], "text/html; charset=utf-8",
            "{path}"
        );
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-"),
            "{policy}"
        );
        let html = str::from_utf8(response.body()).unwrap();
        let (primes, rooms) = ("<ol id=\"first-primes\"><li>2</li></ol>", "<h1>Rooms</h1>");
        assert_eq!(html.contains(primes), page == Page::Primes, "{html}");
        assert_eq!(html.contains(rooms), page == Page::Rooms, "{html}");
    }
}

#[tokio::test]
async fn the_document_is_sent_with_a_cookie_once_to_who_has_shown_to_keep_it() {
    let first = answer("GET", "/", &[]).await;
    assert!(!first.headers().contains_key("set-cookie"));
    let kept = ("if-none-match", first.headers()["etag"].to_str().unwrap());

    let second = answer("GET", "/", &[kept]).await;
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    let set_cookie = second.headers()["set-cookie"].to_str().unwrap();
    let cookie = ("cookie", set_cookie.split(';').next().unwrap());

    let third = answer("GET", "/", &[kept, cookie]).await;
    assert!(!third.headers().contains_key("set-cookie"));
    let script = answer("GET", "/app.js", &[kept]).await;
    assert!(!script.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn an_unknown_path_is_404_as_a_page_for_people_and_as_details_for_programs() {
    let page = answer("GET", "/nothing", &[("accept", "text/html,*/*;q=0.8")]).await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    let html = str::from_utf8(page.body()).unwrap();
    assert!(
        html.contains("href=\"/style-4f1c0de58a3b9e21.css\""),
        "{html}"
    );

    for path in [
        "/nothing",
        "/app.js/",
        "/../app.js",
        "/style-4f1c0de58a3b9e22.css",
    ] {
        let details = answer("GET", path, &[]).await;
        assert_eq!(details.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            details.headers()["content-type"],
            "application/problem+json",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_names_the_right_ones() {
    for (method, path, allowed) in [
        ("POST", "/", "GET,HEAD"),
        ("DELETE", "/app.js", "GET, HEAD"),
        ("GET", "/posts", "POST"),
    ] {
        let response = answer(method, path, &[]).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(response.headers()["allow"], allowed, "{path}");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json",
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_a_built_client_the_page_says_how_to_build_it() {
    let request = Request::builder()
        .uri("/")
        .header("accept", "text/html")
        .body(Body::empty())
        .unwrap();
    let response = document(Page::Primes, &Assets::without_client(), &request);

    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(
        str::from_utf8(&body)
            .unwrap()
            .contains("trunk build --release")
    );
}
