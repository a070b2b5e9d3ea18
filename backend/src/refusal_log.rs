//! Limits how often refusals are logged, so that a peer cannot fill the log with them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A cause is logged once in this time for each peer network.
pub(crate) const LOG_INTERVAL: Duration = Duration::from_mins(1);

/// Pairs of cause and network that are remembered, about 100 bytes each. Beyond them, all further networks
/// share one line a minute for each cause.
const MAX_REMEMBERED: usize = 4_096;

/// The kind of a refusal. Each is counted by itself, so that a frequent one does not hide a rare one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Cause {
    /// A page of another origin.
    Origin,
    /// A WebSocket handshake that lost its upgrade on the way.
    Stripped,
    /// A WebSocket handshake refused with this status.
    Handshake(u16),
    /// A WebSocket handshake whose connection ended before it was upgraded.
    NotUpgraded,
    /// A connection over the limits.
    Connection,
}

/// Decides which refusals are logged.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog(Mutex<HashMap<(Cause, Option<IpAddr>), Logged>>);

#[derive(Debug)]
struct Logged {
    at: Instant,
    /// Refusals since then that were not logged.
    unlogged: u64,
}

impl RefusalLog {
    /// Counts a refusal. Returns how many like it were left out since the last line if this one is to be
    /// logged, and `None` if it is to be left out.
    pub(crate) fn admit(&self, cause: Cause, peer: IpAddr, now: Instant) -> Option<u64> {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |logged: &Logged| now.saturating_duration_since(logged.at) >= LOG_INTERVAL;
        let mut key = (cause, Some(network_of(peer)));
        if !logged.contains_key(&key) && logged.len() >= MAX_REMEMBERED {
            logged.retain(|_, logged| !is_due(logged));
            if logged.len() >= MAX_REMEMBERED {
                key = (cause, None);
            }
        }
        match logged.get_mut(&key) {
            Some(logged) if !is_due(logged) => {
                logged.unlogged += 1;
                None
            }
            Some(logged) => {
                logged.at = now;
                Some(std::mem::take(&mut logged.unlogged))
            }
            None => {
                let first = Logged {
                    at: now,
                    unlogged: 0,
                };
                logged.insert(key, first);
                Some(0)
            }
        }
    }
}

/// The network of a peer, by its first address: a /24 of IPv4, a /64 of IPv6.
pub(crate) fn network_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(peer) => Ipv4Addr::from_bits(peer.to_bits() & 0xffff_ff00).into(),
        IpAddr::V6(peer) => Ipv6Addr::from_bits(peer.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn many_addresses() -> impl Iterator<Item = IpAddr> {
        (0..).map(|number: u32| Ipv4Addr::from_bits(number << 8).into())
    }

    #[test]
    fn a_cause_is_logged_once_a_minute_for_a_network() {
        let (log, start) = (RefusalLog::default(), Instant::now());
        let admit = |text, after| log.admit(Cause::Origin, address(text), start + after);
        let almost = LOG_INTERVAL.saturating_sub(Duration::from_millis(1));
        assert_eq!(admit("192.0.2.1", Duration::ZERO), Some(0));
        assert_eq!(admit("192.0.2.1", Duration::ZERO), None);
        assert_eq!(admit("192.0.2.200", almost), None);
        assert_eq!(admit("192.0.3.1", almost), Some(0));
        assert_eq!(admit("192.0.2.1", LOG_INTERVAL), Some(2));
        assert_eq!(admit("192.0.2.1", LOG_INTERVAL), None);
    }

    #[test]
    fn a_frequent_cause_does_not_hide_another_one() {
        let (log, now) = (RefusalLog::default(), Instant::now());
        let peer = address("2001:db8::1");
        for cause in [Cause::Origin, Cause::Stripped, Cause::Handshake(429)] {
            assert_eq!(log.admit(cause, peer, now), Some(0));
            assert_eq!(log.admit(cause, address("2001:db8::2"), now), None);
        }
        assert_eq!(log.admit(Cause::Handshake(503), peer, now), Some(0));
    }

    #[test]
    fn networks_beyond_the_limit_share_one_line() {
        let (log, now) = (RefusalLog::default(), Instant::now());
        let mut peers = many_addresses();
        for peer in peers.by_ref().take(MAX_REMEMBERED) {
            assert_eq!(log.admit(Cause::Origin, peer, now), Some(0));
        }
        let later: Vec<_> = peers.by_ref().take(3).collect();
        let admitted = later
            .iter()
            .map(|peer| log.admit(Cause::Origin, *peer, now));
        assert_eq!(admitted.collect::<Vec<_>>(), [Some(0), None, None]);
        assert_eq!(log.0.lock().unwrap().len(), MAX_REMEMBERED + 1);
    }

    #[test]
    fn a_minute_later_there_is_room_again() {
        let (log, now) = (RefusalLog::default(), Instant::now());
        let mut peers = many_addresses();
        for peer in peers.by_ref().take(MAX_REMEMBERED) {
            log.admit(Cause::Origin, peer, now);
        }
        let peer = peers.next().unwrap();
        log.admit(Cause::Origin, peer, now + LOG_INTERVAL);
        assert_eq!(log.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_network_is_a_24_of_ipv4_and_a_64_of_ipv6() {
        for (peer, network) in [
            ("192.0.2.77", "192.0.2.0"),
            ("::ffff:192.0.2.77", "192.0.2.0"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            assert_eq!(network_of(address(peer)), address(network));
        }
    }
}
