//! Which of a server's addresses takes a connection first (RFC 8305).

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use roomcast_shared::io_reason::io_reason;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How long an attempt goes on alone before the next address is tried beside it: what RFC 8305,
/// section 8, recommends.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// What the system says about each address that took no connection, in the order of the answers.
#[derive(Debug, Default)]
pub struct ConnectFailures(Vec<(SocketAddr, io::Error)>);

impl fmt::Display for ConnectFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0[..] {
            [] => f.write_str("its name has no address"),
            [(_, error)] => f.write_str(&io_reason(error)),
            several => {
                for (index, (address, error)) in several.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{} says {}", address.ip(), io_reason(error))?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ConnectFailures {}

/// Connects by `connect` to the first address that takes it. The addresses are tried in turn, each a
/// moment after the one before it, or at once when that has failed.
///
/// # Errors
/// [`ConnectFailures`] when none does.
///
/// # Cancel safety
/// Safe: a dropped call drops its attempts.
pub(super) async fn connect_first<T, F>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<T, ConnectFailures>
where
    T: Send + 'static,
    F: Future<Output = io::Result<T>> + Send + 'static,
{
    let mut waiting = interleaved(addresses).into_iter();
    let mut attempts = JoinSet::new();
    let mut failures = ConnectFailures::default();
    loop {
        if let Some(address) = waiting.next() {
            let attempt = connect(address);
            attempts.spawn(async move { (address, attempt.await) });
        }
        let is_last = waiting.len() == 0;
        tokio::select! {
            biased;
            ended = attempts.join_next() => match ended {
                Some(Ok((_, Ok(connection)))) => return Ok(connection),
                Some(Ok((address, Err(error)))) => failures.0.push((address, error)),
                Some(Err(_)) => {}
                None => return Err(failures),
            },
            () = sleep(ATTEMPT_DELAY), if !is_last => {}
        }
    }
}

/// The addresses in their order, but by turns one of each family, as far as they go (section 4).
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(is_first_ipv6) = addresses.first().map(SocketAddr::is_ipv6) else {
        return addresses;
    };
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == is_first_ipv6);
    let mut addresses = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let pair = (first.next(), second.next());
        if pair == (None, None) {
            return addresses;
        }
        addresses.extend(pair.0);
        addresses.extend(pair.1);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    fn address(text: &str) -> SocketAddr {
        SocketAddr::new(text.parse().unwrap(), 80)
    }

    /// An address of documentation that never answers.
    fn dead() -> SocketAddr {
        address("2001:db8::1")
    }

    async fn answer(to: SocketAddr) -> io::Result<SocketAddr> {
        if to == dead() {
            std::future::pending::<()>().await;
        }
        if to.is_ipv6() {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        Ok(to)
    }

    #[test]
    fn families_take_turns() {
        let order = ["::1", "::2", "::3", "1.1.1.1", "1.1.1.2"].map(address);
        let expected = ["::1", "1.1.1.1", "::2", "1.1.1.2", "::3"].map(address);
        assert_eq!(interleaved(order.to_vec()), expected);
        assert_eq!(interleaved(Vec::new()), []);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_address_costs_a_moment_and_one_that_refuses_costs_nothing() {
        let alive = address("192.0.2.1");
        for (first, cost) in [(dead(), ATTEMPT_DELAY), (address("::1"), Duration::ZERO)] {
            let begin = Instant::now();
            assert_eq!(
                connect_first(vec![first, alive], answer).await.unwrap(),
                alive
            );
            assert_eq!(begin.elapsed(), cost);
        }
    }

    #[tokio::test]
    async fn each_address_that_refuses_is_named() {
        let addresses = vec![address("::1"), address("::2")];
        let error = connect_first(addresses, answer).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "::1 says connection refused, ::2 says connection refused"
        );
    }
}
