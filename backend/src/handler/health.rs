//! For operators and the systems that restart and balance servers.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};

use super::problem::{Problem, sentence};
use super::room::RoomService;
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

/// `GET /readyz`: 200 while new work is welcome; 503 once the server was asked to stop, or can keep
/// no message until it is restarted.
pub async fn readyz(
    State(shutdown): State<Shutdown>,
    State(service): State<Arc<RoomService>>,
) -> Response {
    if shutdown.is_requested() {
        let sentence = "The server is stopping: send new requests to another one.";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, sentence).into_response();
    }
    if let Err(error) = service.rooms.log().health().await {
        let sentence = sentence(&error);
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, sentence).into_response();
    }
    OK.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn a_stopping_server_is_healthy_but_not_ready() {
        let shutdown = Shutdown::new();
        let mut config = Config::default();
        config.rooms.ephemeral = true;
        let service = Arc::new(RoomService::open(&config).unwrap());
        let ready = || readyz(State(shutdown.clone()), State(service.clone()));
        assert_eq!(ready().await.status(), StatusCode::OK);

        shutdown.request();

        let response = ready().await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(healthz().await.status(), StatusCode::OK);
    }
}
