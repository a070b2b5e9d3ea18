//! The HTTP/2 driver (RFC 9113): one task for a connection, one for each of its streams.
//!
//! h2 reads and writes frames and keeps the state of streams. What it leaves open is here:
//! which limits hold, who is cut off, how a connection ends, and what a handler can do beyond
//! answering (push, early hints, extended CONNECT).

pub mod early_hints;
pub mod extended_connect;
mod flood_guard;
mod frame_scanner;
mod keep_alive;
mod promise_watch;
pub mod push;
mod push_order;
mod receive_body;
mod request_rules;
mod responder;
mod response_head;
mod send_body;
mod stream;
mod trailer_watch;
mod unread_body;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use h2::server::{self, Connection, SendResponse};
use h2::{Ping, PingPong, Reason, RecvStream};
use http::{Request, uri};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};

use super::Context;
use super::connection_store::ConnectionStore;
use crate::config::Limits;
use crate::defaults;
use flood_guard::FloodGuard;
use keep_alive::{Action, ActiveStreams, KeepAlive};
use promise_watch::PromiseWatch;
use push::Promises;
use push_order::PushOrder;
use stream::StreamContext;

/// How long a last GOAWAY may take on its way out.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// Streams that the server itself may have to reset for a peer's errors before the connection
/// is ended (CVE-2025-8671).
const MAX_PROVOKED_RESETS: usize = 256;

/// Serves HTTP/2 until the connection ends. The client's preface is still to be read from `io`;
/// `scheme` is that of the connection's own address.
pub(super) async fn serve<IO>(io: IO, context: Context, scheme: uri::Scheme)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let remote = context.remote;
    let (io, promises_written) = PromiseWatch::new(io);
    let (io, calm) = FloodGuard::new(io, context.limits.header_timeout);
    let trailer_counts = io.trailer_counts();
    let handshake = builder(&context.limits).handshake::<_, Bytes>(io);
    let Ok(Ok(connection)) = timeout(context.limits.header_timeout, handshake).await else {
        return;
    };
    let streams = StreamContext {
        connection: context,
        calm,
        trailer_counts,
        active: ActiveStreams::new(),
        push_order: PushOrder::default(),
        promises: Promises::new(promises_written),
        store: ConnectionStore::default(),
        scheme,
    };
    if let Err(error) = Driver::new(connection, streams).run().await {
        tracing::debug!(%remote, %error, "an HTTP/2 connection failed");
    }
}

fn builder(limits: &Limits) -> server::Builder {
    let mut builder = server::Builder::new();
    builder
        .initial_window_size(defaults::STREAM_WINDOW_BYTES)
        .initial_connection_window_size(defaults::CONNECTION_WINDOW_BYTES)
        .max_concurrent_streams(limits.max_concurrent_streams)
        .max_header_list_size(limits.max_header_list_bytes)
        .data_frame_budget(defaults::DATA_OVERHEAD_BYTES)
        .max_send_buffer_size(defaults::SEND_BUFFER_BYTES)
        .max_local_error_reset_streams(Some(MAX_PROVOKED_RESETS))
        .enable_connect_protocol();
    builder
}

/// A peer that began with something else than HTTP/2 is told so in HTTP/2: GOAWAY with
/// `PROTOCOL_ERROR` (RFC 9113, section 3.4).
pub(super) async fn refuse_preface<IO: AsyncWrite + Unpin>(io: IO) {
    const PROTOCOL_ERROR: u8 = 1;
    refuse(io, PROTOCOL_ERROR, b"").await;
}

/// A peer that speaks HTTP/2 without TLS on a port that speaks TLS is told so: GOAWAY with
/// `INADEQUATE_SECURITY` and a sentence (RFC 9113, sections 6.8 and 7).
pub(super) async fn refuse_cleartext<IO: AsyncWrite + Unpin>(io: IO) {
    const INADEQUATE_SECURITY: u8 = 12;
    refuse(
        io,
        INADEQUATE_SECURITY,
        b"this port speaks TLS; use https://",
    )
    .await;
}

/// Ends a connection before it began: an empty SETTINGS, with which every server begins, and GOAWAY with a
/// reason of less than 248 bytes.
async fn refuse<IO: AsyncWrite + Unpin>(mut io: IO, code: u8, reason: &[u8]) {
    const SETTINGS: [u8; 9] = [0, 0, 0, 0x4, 0, 0, 0, 0, 0];
    let length = 8 + u8::try_from(reason.len()).expect("our own reasons are short");
    let goaway = [0, 0, length, 0x7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, code];
    let frames = [SETTINGS.as_slice(), &goaway, reason].concat();
    // Whether the peer is still there to read it makes no difference: the connection ends.
    let _ = timeout(GOODBYE_TIMEOUT, io.write_all(&frames)).await;
}

/// The task of one connection.
struct Driver<IO> {
    connection: Connection<IO, Bytes>,
    ping_pong: Option<PingPong>,
    keep_alive: KeepAlive,
    streams: StreamContext,
    /// When to look again after the connection's quietness.
    wake: Instant,
    pinging: bool,
    /// Set once the server stops: what is still open ends now or is ended then.
    ends_by: Option<Instant>,
    /// Set once the peer was told GOAWAY for its idleness: when a connection that is still idle ends.
    /// A request that crossed the GOAWAY is served first.
    idle_ends_by: Option<Instant>,
}

impl<IO> Drop for Driver<IO> {
    fn drop(&mut self) {
        self.streams.push_order.close();
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Driver<IO> {
    fn new(mut connection: Connection<IO, Bytes>, streams: StreamContext) -> Self {
        let limits = &streams.connection.limits;
        Self {
            ping_pong: connection.ping_pong(),
            connection,
            keep_alive: KeepAlive::new(
                limits.keep_alive_interval,
                limits.keep_alive_timeout,
                limits.idle_timeout,
            ),
            wake: Instant::now(),
            pinging: false,
            ends_by: None,
            idle_ends_by: None,
            streams,
        }
    }

    async fn run(mut self) -> Result<(), h2::Error> {
        let shutdown = self.streams.connection.shutdown.clone();
        let calm = self.streams.calm.clone();
        let push_order = self.streams.push_order.clone();
        loop {
            tokio::select! {
                request = next_request(&mut self.connection, &push_order) => {
                    let Some(request) = request else { return Ok(()) };
                    let (request, send) = request?;
                    // Counted from now on, not from when its task first runs.
                    let active = self.streams.active.begin();
                    tokio::spawn(stream::serve(request, send, self.streams.clone(), active));
                }
                // The next turn makes the pass that they wait for.
                () = push_order.released() => {}
                () = pong(&mut self.ping_pong), if self.pinging => {
                    self.pinging = false;
                    self.wake = Instant::now();
                }
                () = sleep_until(self.wake) => {
                    if let Some(reason) = self.look_after() {
                        return self.end_now(reason).await;
                    }
                }
                reason = calm.exceeded() => {
                    let remote = self.streams.connection.remote;
                    tracing::debug!(%remote, %reason, "an HTTP/2 peer went too far");
                    return self.end_now(reason).await;
                }
                () = shutdown.requested(), if self.ends_by.is_none() => {
                    self.connection.graceful_shutdown();
                    let patience = self.streams.connection.limits.drain_timeout;
                    self.ends_by = Some(Instant::now() + patience);
                }
                () = reached(self.ends_by) => return self.end_now(Reason::NO_ERROR).await,
            }
        }
    }

    /// Pings, ends gracefully, or says that the connection is to end now and why.
    fn look_after(&mut self) -> Option<Reason> {
        let now = Instant::now();
        let last_read = self.streams.calm.last_read();
        match self
            .keep_alive
            .action(now, last_read, self.streams.active.idle_since())
        {
            Action::WaitUntil(moment) => self.wake = moment,
            Action::Ping => {
                if let (Some(ping_pong), false) = (&mut self.ping_pong, self.pinging) {
                    // It fails only when the connection has ended, which `accept` says too.
                    self.pinging = ping_pong.send_ping(Ping::opaque()).is_ok();
                }
            }
            Action::CloseIdle => match self.idle_ends_by {
                Some(moment) if now >= moment => return Some(Reason::NO_ERROR),
                Some(moment) => self.wake = moment,
                None => {
                    // Asks for nothing more; what is on its way all the same is served.
                    self.connection.graceful_shutdown();
                    self.wake = now + self.keep_alive.timeout;
                    self.idle_ends_by = Some(self.wake);
                }
            },
            Action::CloseDead => return Some(Reason::NO_ERROR),
        }
        None
    }

    /// Says GOAWAY and ends, whatever streams there are.
    async fn end_now(mut self, reason: Reason) -> Result<(), h2::Error> {
        self.connection.abrupt_shutdown(reason);
        let goodbye = poll_fn(|cx| self.connection.poll_closed(cx));
        timeout(GOODBYE_TIMEOUT, goodbye).await.unwrap_or(Ok(()))
    }
}

/// Reads and writes as much as the socket gives and takes, until there is a request.
///
/// # Cancel safety
/// Safe.
async fn next_request<IO: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<IO, Bytes>,
    push_order: &PushOrder,
) -> Option<Result<(Request<RecvStream>, SendResponse<Bytes>), h2::Error>> {
    let mut accept = pin!(connection.accept());
    poll_fn(|cx| push_order.pass(|| accept.as_mut().poll(cx))).await
}

/// Waits until a moment has come, or for ever if there is none.
async fn reached(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Waits for the answer to the outstanding PING.
async fn pong(ping_pong: &mut Option<PingPong>) {
    match ping_pong {
        Some(ping_pong) => {
            // An error means that the connection has ended, which `accept` says too.
            let _ = poll_fn(|cx| ping_pong.poll_pong(cx)).await;
        }
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
