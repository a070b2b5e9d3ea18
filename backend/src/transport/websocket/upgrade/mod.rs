//! The opening handshake on both roads: an HTTP/1.1 upgrade (RFC 6455, section 4.2) and an
//! HTTP/2 extended CONNECT (RFC 8441, section 5).

mod rejection;

use axum::body::Body;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use roomcast_websocket::{Config, Role, handshake};

use super::ServerWebSocket;
use super::watch::HandshakeWatch;
use crate::protocol::upgrade::OnUpgrade;

pub(crate) use rejection::STRIPPED;
pub use rejection::UpgradeRejection;

/// The protocol's name in `Upgrade` and `:protocol`.
const WEBSOCKET: &str = "websocket";

/// Extracts a request to open a WebSocket, from either protocol.
///
/// As an [`Option`] it is `None` for a request that does not ask for one; a request that asks
/// for one wrongly is refused in both forms.
#[derive(Debug)]
#[must_use = "nothing is upgraded until `on_upgrade` makes the response"]
pub struct WebSocketUpgrade {
    on_upgrade: OnUpgrade,
    /// The `Sec-WebSocket-Accept` of HTTP/1.1; HTTP/2 needs none.
    accept: Option<HeaderValue>,
    offered: Vec<String>,
    chosen: Option<HeaderValue>,
    config: Config,
    watch: HandshakeWatch,
}

impl WebSocketUpgrade {
    /// The subprotocols that the client offers, the one that it likes best first.
    pub fn offered_protocols(&self) -> impl Iterator<Item = &str> {
        self.offered.iter().map(String::as_str)
    }

    /// Chooses the first of the `supported` subprotocols that the client offers, if any.
    pub fn choose_protocol(mut self, supported: &[&'static str]) -> Self {
        self.chosen = supported
            .iter()
            .find(|name| self.offered.iter().any(|offered| offered == *name))
            .map(|name| HeaderValue::from_static(name));
        self
    }

    /// The subprotocol that was chosen.
    pub fn chosen_protocol(&self) -> Option<&str> {
        self.chosen.as_ref().and_then(|name| name.to_str().ok())
    }

    /// Changes limits and timeouts.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Makes the response that upgrades, and lets `serve` have the WebSocket in a task of its
    /// own once the response is sent.
    pub fn on_upgrade<F, Fut>(self, serve: F) -> Response
    where
        F: FnOnce(ServerWebSocket) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let (on_upgrade, config, watch) = (self.on_upgrade, self.config, self.watch);
        tokio::spawn(async move {
            match on_upgrade.upgraded().await {
                // A new task has no room for what was needed until here.
                Ok(io) => {
                    let socket = ServerWebSocket::new(io, Role::Server, config);
                    drop(tokio::spawn(serve(socket)));
                }
                Err(error) => watch.not_upgraded(&error),
            }
        });
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        if let Some(protocol) = self.chosen {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        if let Some(accept) = self.accept {
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static(WEBSOCKET));
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        }
        response
    }
}

impl<S: Sync> FromRequestParts<S> for WebSocketUpgrade {
    type Rejection = UpgradeRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, UpgradeRejection> {
        if !asks_for_websocket(parts) {
            let http2 = parts.version >= Version::HTTP_2;
            return Err(if is_stripped(parts) {
                UpgradeRejection::Stripped { http2 }
            } else {
                UpgradeRejection::NotAsked { http2 }
            });
        }
        accept_handshake(parts)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for WebSocketUpgrade {
    type Rejection = UpgradeRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, UpgradeRejection> {
        if asks_for_websocket(parts) {
            accept_handshake(parts).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Whether the request wants a WebSocket, be its handshake valid or not. `Upgrade` means nothing
/// in HTTP/1.0 (RFC 9110, section 7.8) and is not allowed in HTTP/2.
pub(crate) fn asks_for_websocket(parts: &Parts) -> bool {
    match parts.version {
        Version::HTTP_2 => {
            parts.method == Method::CONNECT
                && parts
                    .extensions
                    .get::<h2::ext::Protocol>()
                    .is_some_and(|protocol| protocol.as_str() == WEBSOCKET)
        }
        Version::HTTP_11 => {
            tokens(&parts.headers, header::CONNECTION)
                .any(|token| token.eq_ignore_ascii_case("upgrade"))
                && tokens(&parts.headers, header::UPGRADE)
                    .any(|token| token.eq_ignore_ascii_case(WEBSOCKET))
        }
        _ => false,
    }
}

/// `true` if the request was a handshake of HTTP/1.1 when it was sent, and has lost the fields that belong to
/// one connection (RFC 9110, section 7.6.1) or the version in which they mean something.
pub(crate) fn is_stripped(parts: &Parts) -> bool {
    !asks_for_websocket(parts)
        && parts.method == Method::GET
        && parts.headers.contains_key(header::SEC_WEBSOCKET_KEY)
}

fn accept_handshake(parts: &mut Parts) -> Result<WebSocketUpgrade, UpgradeRejection> {
    let http2 = parts.version == Version::HTTP_2;
    if !http2 && parts.method != Method::GET {
        return Err(UpgradeRejection::Method);
    }
    if single(&parts.headers, header::SEC_WEBSOCKET_VERSION)
        .is_none_or(|version| version != handshake::VERSION)
    {
        return Err(UpgradeRejection::Version { http2 });
    }
    let accept = if http2 {
        None
    } else {
        Some(accept_key(&parts.headers)?)
    };
    let on_upgrade = parts
        .extensions
        .remove::<OnUpgrade>()
        .ok_or(UpgradeRejection::NotUpgradable)?;
    Ok(WebSocketUpgrade {
        on_upgrade,
        accept,
        offered: tokens(&parts.headers, header::SEC_WEBSOCKET_PROTOCOL)
            .map(str::to_owned)
            .collect(),
        chosen: None,
        config: Config::default(),
        watch: parts.extensions.remove().unwrap_or_default(),
    })
}

fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, UpgradeRejection> {
    let key = single(headers, header::SEC_WEBSOCKET_KEY)
        .filter(|key| handshake::is_valid_key(key.as_bytes()))
        .ok_or(UpgradeRejection::Key)?;
    HeaderValue::try_from(handshake::accept_key(key.as_bytes())).map_err(|_| UpgradeRejection::Key)
}

/// The value of a field that must stand exactly once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// The members of a field that is a list of tokens (RFC 9110, section 5.6.1).
fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests;
