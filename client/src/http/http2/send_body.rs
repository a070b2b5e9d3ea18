//! A request body, sent as fast as the server's window allows.

use std::future::poll_fn;
use std::pin::pin;

use bytes::Bytes;
use h2::{Reason, SendStream};
use http_body_util::BodyExt as _;

use crate::http::body::{BoxError, RequestBody};

/// Sends the body to its end, or resets the stream when the body fails. The response tells the
/// caller when the server no longer wants it.
pub(super) async fn send_body(body: RequestBody, mut stream: SendStream<Bytes>) {
    if try_send_body(body, &mut stream).await.is_err() {
        stream.send_reset(Reason::CANCEL);
    }
}

async fn try_send_body(body: RequestBody, stream: &mut SendStream<Bytes>) -> Result<(), BoxError> {
    let mut body = pin!(body);
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            Ok(data) => send_data(data, stream).await?,
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    return Ok(stream.send_trailers(trailers)?);
                }
            }
        }
    }
    Ok(stream.send_data(Bytes::new(), true)?)
}

async fn send_data(mut data: Bytes, stream: &mut SendStream<Bytes>) -> Result<(), BoxError> {
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        let capacity = poll_fn(|cx| stream.poll_capacity(cx))
            .await
            .ok_or("the server ended the stream")??;
        let part = data.split_to(capacity.min(data.len()));
        stream.send_data(part, false)?;
    }
    Ok(())
}
