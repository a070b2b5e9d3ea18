//! Refusals of an opening handshake.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::handler::problem::Problem;

/// What is wrong with a handshake that lost its upgrade, and what to set.
pub(crate) const STRIPPED: &str = "WebSockets are blocked on the way here. For the operator: a proxy in front of the \
    server drops Upgrade and Connection; let it pass them on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade \
    $http_upgrade; proxy_set_header Connection upgrade;).";

/// Why a request cannot open a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradeRejection {
    /// It does not ask for one: 426 on HTTP/1.1; 400 on HTTP/2, where there is no `Upgrade`.
    NotAsked {
        /// Whether the request came over HTTP/2.
        http2: bool,
    },
    /// It has the fields of a handshake, but not those of an upgrade: a proxy has dropped them. 426 on
    /// HTTP/1.1, 400 on HTTP/2.
    Stripped {
        /// Whether the request came over HTTP/2.
        http2: bool,
    },
    /// An HTTP/1.1 upgrade by a method other than GET: 405.
    Method,
    /// A version of the protocol that is not spoken here: 426 on HTTP/1.1, 400 on HTTP/2.
    Version {
        /// Whether the request came over HTTP/2.
        http2: bool,
    },
    /// `Sec-WebSocket-Key` is missing, doubled or no 16 bytes in base64: 400.
    Key,
    /// The connection cannot become a byte stream: 400.
    NotUpgradable,
}

impl UpgradeRejection {
    fn problem(self) -> Problem {
        let (status, detail) = match self {
            Self::NotAsked { http2: false } => (
                StatusCode::UPGRADE_REQUIRED,
                "Ask for a WebSocket here: send Connection: upgrade and Upgrade: websocket.",
            ),
            Self::NotAsked { http2: true } => (
                StatusCode::BAD_REQUEST,
                "Ask for a WebSocket here: send CONNECT with :protocol websocket.",
            ),
            Self::Stripped { http2 } => (
                if http2 {
                    StatusCode::BAD_REQUEST
                } else {
                    StatusCode::UPGRADE_REQUIRED
                },
                STRIPPED,
            ),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "Open a WebSocket with GET."),
            Self::Version { http2 } => (
                if http2 {
                    StatusCode::BAD_REQUEST
                } else {
                    StatusCode::UPGRADE_REQUIRED
                },
                "Send Sec-WebSocket-Version: 13; no other version is spoken here.",
            ),
            Self::Key => (
                StatusCode::BAD_REQUEST,
                "Send one Sec-WebSocket-Key: 16 random bytes in base64.",
            ),
            Self::NotUpgradable => (
                StatusCode::BAD_REQUEST,
                "Open the WebSocket directly: this connection cannot be upgraded.",
            ),
        };
        Problem::new(status, detail)
    }
}

impl IntoResponse for UpgradeRejection {
    fn into_response(self) -> Response {
        let mut response = self.problem().into_response();
        let mut insert = |name: HeaderName, value| {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        };
        match self {
            Self::Method => insert(header::ALLOW, "GET"),
            Self::NotAsked { http2 } | Self::Stripped { http2 } | Self::Version { http2 } => {
                insert(header::SEC_WEBSOCKET_VERSION, "13");
                if !http2 {
                    insert(header::UPGRADE, "websocket");
                    insert(header::CONNECTION, "upgrade");
                }
            }
            Self::Key | Self::NotUpgradable => {}
        }
        response
    }
}
