use axum::response::IntoResponse as _;
use http::Request;

use super::*;
use crate::handler::problem::Problem;

/// A valid request of HTTP/1.1, from the RFC's example.
fn http1() -> http::request::Builder {
    Request::get("/socket")
        .header("connection", "keep-alive, Upgrade")
        .header("upgrade", "WebSocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
}

async fn extract(request: http::request::Builder) -> Result<WebSocketUpgrade, UpgradeRejection> {
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let on_upgrade = hyper::upgrade::on(Request::new(()));
    parts.extensions.insert(OnUpgrade::http1(on_upgrade));
    <WebSocketUpgrade as FromRequestParts<()>>::from_request_parts(&mut parts, &()).await
}

async fn rejection(request: http::request::Builder) -> (UpgradeRejection, Response) {
    let rejection = extract(request).await.unwrap_err();
    (rejection, rejection.into_response())
}

fn without(request: http::request::Builder, name: &str) -> http::request::Builder {
    let mut request = request;
    request.headers_mut().unwrap().remove(name);
    request
}

#[tokio::test]
async fn an_http1_upgrade_is_answered_with_101_and_the_accept_key_of_the_rfc() {
    let response = extract(http1()).await.unwrap().on_upgrade(async |_| ());
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(
        response.headers()["sec-websocket-accept"],
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    );
    assert_eq!(response.headers()["upgrade"], "websocket");
    assert_eq!(response.headers()["connection"], "upgrade");
}

#[tokio::test]
async fn an_http2_extended_connect_is_answered_with_200_and_no_fields_of_http1() {
    let request = Request::connect("https://localhost/socket")
        .version(Version::HTTP_2)
        .extension(h2::ext::Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13");
    let response = extract(request).await.unwrap().on_upgrade(async |_| ());
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().is_empty(), "{:?}", response.headers());
}

#[tokio::test]
async fn a_subprotocol_that_both_know_is_chosen_by_the_servers_order() {
    let upgrade = extract(http1().header("sec-websocket-protocol", "a, b"))
        .await
        .unwrap();
    assert_eq!(upgrade.offered_protocols().collect::<Vec<_>>(), ["a", "b"]);
    let upgrade = upgrade.choose_protocol(&["c", "b", "a"]);
    assert_eq!(upgrade.chosen_protocol(), Some("b"));
    let response = upgrade.on_upgrade(async |_| ());
    assert_eq!(response.headers()["sec-websocket-protocol"], "b");
    let upgrade = extract(http1().header("sec-websocket-protocol", "a"))
        .await
        .unwrap();
    let response = upgrade.choose_protocol(&["c"]).on_upgrade(async |_| ());
    assert!(!response.headers().contains_key("sec-websocket-protocol"));
}

#[tokio::test]
async fn a_request_that_does_not_ask_is_told_to_upgrade() {
    let (refusal, response) = rejection(Request::get("/")).await;
    assert_eq!(refusal, UpgradeRejection::NotAsked { http2: false });
    assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
    assert_eq!(response.headers()["upgrade"], "websocket");
    let (rejection, response) = rejection(Request::get("/").version(Version::HTTP_2)).await;
    assert_eq!(rejection, UpgradeRejection::NotAsked { http2: true });
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(!response.headers().contains_key("upgrade"));
}

#[tokio::test]
async fn a_handshake_that_lost_its_upgrade_is_told_what_a_proxy_must_pass_on() {
    for request in [
        without(http1(), "upgrade"),
        without(http1(), "connection"),
        http1().version(Version::HTTP_10),
    ] {
        let (rejection, response) = rejection(request).await;
        assert_eq!(rejection, UpgradeRejection::Stripped { http2: false });
        assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
        assert_eq!(response.headers()["upgrade"], "websocket");
        let problem = response.extensions().get::<Problem>().unwrap();
        assert!(problem.detail().contains("proxy_set_header Upgrade"));
    }
    let (rejection, response) = rejection(http1().version(Version::HTTP_2)).await;
    assert_eq!(rejection, UpgradeRejection::Stripped { http2: true });
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn another_version_is_refused_with_the_one_that_is_spoken() {
    for request in [
        without(http1(), "sec-websocket-version"),
        without(http1(), "sec-websocket-version").header("sec-websocket-version", "12"),
        http1().header("sec-websocket-version", "13"),
    ] {
        let (rejection, response) = rejection(request).await;
        assert_eq!(rejection, UpgradeRejection::Version { http2: false });
        assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
        assert_eq!(response.headers()["sec-websocket-version"], "13");
    }
}

#[tokio::test]
async fn a_key_that_is_missing_doubled_or_short_is_refused() {
    for request in [
        without(http1(), "sec-websocket-key"),
        http1().header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        without(http1(), "sec-websocket-key").header("sec-websocket-key", "c2hvcnQ="),
    ] {
        let (rejection, response) = rejection(request).await;
        assert_eq!(rejection, UpgradeRejection::Key);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn an_upgrade_by_another_method_is_refused() {
    let (rejection, response) = rejection(http1().method(Method::POST)).await;
    assert_eq!(rejection, UpgradeRejection::Method);
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET");
}

#[tokio::test]
async fn a_connection_that_cannot_become_a_byte_stream_is_refused() {
    let (mut parts, ()) = http1().body(()).unwrap().into_parts();
    let result: Result<WebSocketUpgrade, _> =
        <WebSocketUpgrade as FromRequestParts<()>>::from_request_parts(&mut parts, &()).await;
    assert_eq!(result.unwrap_err(), UpgradeRejection::NotUpgradable);
}

#[tokio::test]
async fn a_request_for_something_else_is_none_and_a_wrong_handshake_is_still_refused() {
    async fn extract(
        request: http::request::Builder,
    ) -> Result<Option<WebSocketUpgrade>, UpgradeRejection> {
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        <WebSocketUpgrade as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &())
            .await
    }
    assert!(extract(Request::get("/")).await.unwrap().is_none());
    assert_eq!(
        extract(without(http1(), "sec-websocket-key"))
            .await
            .unwrap_err(),
        UpgradeRejection::Key
    );
}
