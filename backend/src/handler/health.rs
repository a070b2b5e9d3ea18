//! For operators and the systems that restart and balance servers.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};

use super::problem::Problem;
use crate::shutdown::Shutdown;

/// The answer to who asks whether all is well, for programs and people alike.
const OK: ([(HeaderName, &str); 2], &str) = (
    [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ],
    "ok\n",
);

/// `GET /healthz`: 200 while the process is up and answers at all.
pub async fn healthz() -> Response {
    OK.into_response()
}

/// `GET /readyz`: 200 while new work is welcome, 503 once the server was asked to stop.
pub async fn readyz(State(shutdown): State<Shutdown>) -> Response {
    if shutdown.is_requested() {
        let sentence = "The server is stopping: send new requests to another one.";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, sentence).into_response();
    }
    OK.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stopping_server_is_healthy_but_not_ready() {
        let shutdown = Shutdown::new();
        assert_eq!(
            readyz(State(shutdown.clone())).await.status(),
            StatusCode::OK
        );

        shutdown.request();

        let response = readyz(State(shutdown)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(healthz().await.status(), StatusCode::OK);
    }
}
