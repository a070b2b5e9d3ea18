//! Older pages of a room's history, over HTTP.

use ::http::{HeaderValue, Request, StatusCode, header};
use roomcast_shared::limits::DEFAULT_HISTORY_EVENTS;
use roomcast_shared::position::Position;
use roomcast_shared::server_message::{Gap, MessageEvent};
use serde::Deserialize;

use super::address::RoomAddress;
use super::visit::EnterOptions;
use crate::http::{Connection, Error, empty, in_time};

/// A page of history.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HistoryPage {
    /// What is missing, as in a stream.
    pub gap: Option<Gap>,
    /// Where the page before this one ends; `None` when history begins here.
    pub older: Option<Position>,
    /// The messages, the oldest first.
    pub messages: Vec<MessageEvent>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The connection was not opened or failed.
    #[error(transparent)]
    Http(#[from] Error),
    /// The server answered something else.
    #[error("the server gives no history: it answered {status}")]
    Refused {
        /// Its status.
        status: StatusCode,
    },
    /// The answer is no page of history.
    #[error("the server's history is not understood: {0}")]
    Content(#[from] serde_json::Error),
}

/// Reads the page of history that ends before a position.
///
/// # Errors
/// [`HistoryError`].
pub async fn read_before(
    address: &RoomAddress,
    options: &EnterOptions,
    before: Position,
) -> Result<HistoryPage, HistoryError> {
    let url = address
        .messages_before(before, DEFAULT_HISTORY_EVENTS)
        .ok_or_else(|| Error::url(address))?;
    let mut request = Request::new(empty());
    *request.uri_mut() = url.clone();
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(cookie) = &options.cookie
        && let Ok(cookie) = HeaderValue::from_str(cookie)
    {
        headers.insert(header::COOKIE, cookie);
    }
    if let Some(authorization) = address.authorization() {
        headers.insert(header::AUTHORIZATION, authorization.clone());
    }
    let mut connection = Connection::open(&url, &options.http).await?;
    let response = connection.send(request).await?;
    let status = response.status();
    if status != StatusCode::OK {
        return Err(HistoryError::Refused { status });
    }
    // A page is small: it comes at once or not at all.
    let body = in_time(options.http.answer_timeout, response.into_body().bytes()).await?;
    Ok(serde_json::from_slice(&body)?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::http::{Options, Trust};

    #[tokio::test]
    async fn a_server_that_stops_in_the_middle_of_its_answer_is_not_waited_for_for_ever() {
        for said in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let address = RoomAddress::parse(&format!("http://{address}/rooms/a")).unwrap();
            let server = tokio::spawn(async move {
                let (mut io, _) = listener.accept().await.unwrap();
                let _ = io.read_u8().await.unwrap();
                io.write_all(said.as_bytes()).await.unwrap();
                io
            });
            let options = EnterOptions {
                http: Options {
                    answer_timeout: Duration::from_millis(100),
                    ..Options::new(Trust::Anyone)
                },
                cookie: None,
                name: None,
                history: 0,
            };
            let before = "k3j9x2ab-17".parse().unwrap();
            let error = read_before(&address, &options, before).await.unwrap_err();
            assert!(
                matches!(error, HistoryError::Http(Error::NoAnswer { .. })),
                "{error}"
            );
            drop(server.await);
        }
    }
}
