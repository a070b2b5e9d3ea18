//! What a client still sends of a request that was answered already.

use std::time::Duration;

use h2::RecvStream;
use tokio::time::timeout;

/// How much of it is taken in, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// For how long.
const MAX_TIME: Duration = Duration::from_secs(1);

/// Reads on for a moment and throws it away; the stream is then reset with `NO_ERROR`, which asks
/// the client for no more (RFC 9113, section 8.1). Were it reset at once, a client that is busy
/// sending would lose the answer with it, as curl 7.88 does. `body_timeout` bounds the moment too.
pub(super) async fn discard(mut stream: RecvStream, body_timeout: Duration) {
    let discarding = async {
        let mut bytes = 0;
        while let Some(Ok(data)) = stream.data().await {
            bytes += data.len();
            let released = stream.flow_control().release_capacity(data.len());
            if bytes > MAX_BYTES || released.is_err() {
                return;
            }
        }
        // Trailers may follow, which end the stream as well as data does.
        let _ = stream.trailers().await;
    };
    // Whether it came to its end or not, nobody waits for it.
    let _ = timeout(MAX_TIME.min(body_timeout), discarding).await;
}
