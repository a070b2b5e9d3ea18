//! The end of a connection, so that the peer gets the last bytes and knows that they are.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// How long a peer may take to notice that the connection ends.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);

/// How much of what is still coming is read and thrown away, in bytes. curl, to name one, looks for an
/// answer only now and then while it sends, and a connection that breaks meanwhile costs it the answer.
const LINGER_BYTES: usize = 16 * 1024 * 1024;

/// Ends our side (`close_notify`, then FIN), then reads on until the peer has ended its own.
///
/// Without the second half the kernel answers bytes that are still on their way with a reset,
/// and a reset throws away what the peer has not read yet: the GOAWAY or the 431 that says why
/// the connection ends (RFC 9112, section 9.6). Takes at most [`LINGER_TIMEOUT`] twice.
pub(crate) async fn close<IO: AsyncRead + AsyncWrite + Unpin>(mut io: IO) {
    if !matches!(timeout(LINGER_TIMEOUT, io.shutdown()).await, Ok(Ok(()))) {
        return;
    }
    let discard = async {
        let mut scratch = [0; 4096];
        let mut left = LINGER_BYTES;
        while let Ok(read @ 1..) = io.read(&mut scratch).await {
            let Some(rest) = left.checked_sub(read) else {
                return;
            };
            left = rest;
        }
    };
    // A peer that neither closes nor stops sending is left behind.
    let _ = timeout(LINGER_TIMEOUT, discard).await;
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_peer_that_is_in_the_middle_of_sending_is_heard_out() {
        let (ours, mut theirs) = duplex(64 * 1024);
        let closing = tokio::spawn(close(ours));
        theirs.write_all(&vec![b'x'; LINGER_BYTES]).await.unwrap();
        drop(theirs);
        closing.await.unwrap();
    }

    #[tokio::test]
    async fn a_peer_that_never_stops_sending_is_left() {
        let (ours, mut theirs) = duplex(64 * 1024);
        let closing = tokio::spawn(close(ours));
        let more = vec![b'x'; 64 * 1024];
        while theirs.write_all(&more).await.is_ok() {}
        closing.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_never_closes_is_left() {
        let begin = Instant::now();
        let (ours, _theirs) = duplex(64);
        close(ours).await;
        assert_eq!(begin.elapsed(), LINGER_TIMEOUT);
    }
}
