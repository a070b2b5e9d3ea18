//! An emulated network link: distance and bandwidth on one machine.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::byte_stream::ByteStream;

/// Bytes that go over the link as one. Small, so that connections share the bandwidth evenly; a
/// TCP segment would be 1,460 and ten times the work.
const CHUNK_BYTES: usize = 16 * 1024;

/// Chunks that may be under way in one direction of a connection: 4 MiB, the most that a server may
/// send us unread.
const MAX_CHUNKS_UNDER_WAY: usize = 256;

/// How long the server may go on sending after we have closed our direction.
const LINGER: Duration = Duration::from_secs(5);

/// A link between this client and all servers; its clones are the same link, so connections share
/// its bandwidth.
///
/// It delays the end of the TCP handshake by one round trip, and from then on all bytes, TLS
/// included, by half a round trip in each direction. Each direction has the bandwidth of its own.
/// It does not emulate looking up names, loss, or the slow start of TCP, so large files come sooner
/// than over a real link of this kind.
#[derive(Clone, Debug)]
pub struct Link(Arc<Directions>);

#[derive(Debug)]
struct Directions {
    round_trip: Duration,
    up: Direction,
    down: Direction,
}

#[derive(Debug)]
struct Direction {
    delay: Duration,
    bytes_per_second: Option<NonZeroU64>,
    /// When all that was sent so far will have left.
    free_at: Mutex<Instant>,
}

impl Link {
    /// A link with this round-trip time; without a bandwidth it takes any amount at once.
    pub fn new(round_trip: Duration, bytes_per_second: Option<NonZeroU64>) -> Self {
        let direction = || Direction {
            delay: round_trip / 2,
            bytes_per_second,
            free_at: Mutex::new(Instant::now()),
        };
        Self(Arc::new(Directions {
            round_trip,
            up: direction(),
            down: direction(),
        }))
    }

    /// Puts the link between us and a connection that has just been made.
    pub(super) async fn attach(
        &self,
        io: impl AsyncRead + AsyncWrite + Send + 'static,
    ) -> ByteStream {
        sleep(self.0.round_trip).await;
        let (near, far) = tokio::io::duplex(CHUNK_BYTES);
        let (from_us, to_us) = split(far);
        let (from_server, to_server) = split(io);
        let directions = self.0.clone();
        tokio::spawn(async move {
            let up = directions.up.carry(from_us, to_server);
            let down = directions.down.carry(from_server, to_us);
            tokio::pin!(down);
            tokio::select! {
                () = &mut down => {}
                // Then there is nobody who would read much of what still comes.
                () = up => drop(timeout(LINGER, down).await),
            }
        });
        ByteStream::new(near)
    }
}

impl Direction {
    /// Takes bytes to the other side until they end; an error ends them as well.
    async fn carry(&self, mut source: impl AsyncRead + Unpin, mut sink: impl AsyncWrite + Unpin) {
        let (sender, mut under_way) = mpsc::channel::<(Instant, Bytes)>(MAX_CHUNKS_UNDER_WAY);
        let departures = async move {
            let mut chunk = BytesMut::new();
            loop {
                chunk.reserve(CHUNK_BYTES);
                let room = &mut (&mut chunk).limit(CHUNK_BYTES);
                if !matches!(source.read_buf(room).await, Ok(1..)) {
                    break;
                }
                self.wait_until_sent(chunk.len()).await;
                let arrival = Instant::now() + self.delay;
                if sender
                    .send((arrival, chunk.split().freeze()))
                    .await
                    .is_err()
                {
                    break;
                }
            }
        };
        let arrivals = async move {
            while let Some((arrival, bytes)) = under_way.recv().await {
                sleep_until(arrival).await;
                if sink.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            // Whoever is at the other side has gone, if this fails.
            drop(sink.shutdown().await);
        };
        tokio::join!(departures, arrivals);
    }

    /// Waits until bytes have left, behind all others that go the same way.
    async fn wait_until_sent(&self, bytes: usize) {
        let Some(rate) = self.bytes_per_second else {
            return;
        };
        #[expect(clippy::cast_precision_loss, reason = "nanoseconds do not matter here")]
        let takes = Duration::from_secs_f64(bytes as f64 / rate.get() as f64);
        let sent_at = {
            let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
            *free_at = (*free_at).max(Instant::now()) + takes;
            *free_at
        };
        sleep_until(sent_at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn linked(link: &Link) -> (ByteStream, tokio::io::DuplexStream) {
        let (io, server) = tokio::io::duplex(1024 * 1024);
        (link.attach(io).await, server)
    }

    #[tokio::test(start_paused = true)]
    async fn a_handshake_takes_a_round_trip_and_each_way_half_of_one() {
        let link = Link::new(Duration::from_millis(60), None);
        let start = Instant::now();
        let (mut client, mut server) = linked(&link).await;
        assert_eq!(start.elapsed().as_millis(), 60);
        client.write_all(b"ping").await.unwrap();
        let mut bytes = [0; 4];
        server.read_exact(&mut bytes).await.unwrap();
        assert_eq!(start.elapsed().as_millis(), 90);
        server.write_all(b"pong").await.unwrap();
        client.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"pong");
        assert_eq!(start.elapsed().as_millis(), 120);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_sent_while_something_is_under_way_does_not_wait_for_it() {
        let link = Link::new(Duration::from_millis(100), None);
        let (mut client, mut server) = linked(&link).await;
        let start = Instant::now();
        for _ in 0..2 {
            client.write_all(b"x").await.unwrap();
            client.flush().await.unwrap();
            sleep(Duration::from_millis(10)).await;
        }
        server.read_u8().await.unwrap();
        server.read_u8().await.unwrap();
        assert_eq!(start.elapsed().as_millis(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn connections_share_the_bandwidth_and_lose_nothing() {
        let rate = NonZeroU64::new(1_000_000);
        let link = Link::new(Duration::from_millis(10), rate);
        let mut readers = Vec::new();
        let mut connections = Vec::new();
        for _ in 0..2 {
            connections.push(linked(&link).await);
        }
        let start = Instant::now();
        for (mut client, mut server) in connections {
            readers.push(tokio::spawn(async move {
                server.write_all(&vec![7; 500_000]).await.unwrap();
                drop(server);
                let mut bytes = Vec::new();
                client.read_to_end(&mut bytes).await.unwrap();
                bytes
            }));
        }
        for reader in readers {
            assert!(reader.await.unwrap() == vec![7; 500_000]);
        }
        let took = start.elapsed().as_millis();
        assert!((1_005..1_010).contains(&took), "{took} ms for 1 MB");
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_arrives_at_both_sides() {
        let link = Link::new(Duration::from_millis(10), None);
        let (mut client, mut server) = linked(&link).await;
        client.write_all(b"last").await.unwrap();
        drop(client);
        let mut bytes = Vec::new();
        server.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes, b"last");
    }
}
