//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts connections. Invariant: no address has a count of zero, so the map is never larger
/// than the number of connections.
#[derive(Debug)]
pub(crate) struct ConnectionLimit {
    counts: Mutex<Counts>,
    max_total: usize,
    max_per_address: usize,
}

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Why a connection is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectionRefused {
    #[error("there are {max} connections already (--max-connections)")]
    Total { max: usize },
    #[error("{address} has {max} connections already (--max-connections-per-address)")]
    PerAddress { address: IpAddr, max: usize },
}

/// One connection's place; dropping it frees the place.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limit: Arc<ConnectionLimit>,
    address: IpAddr,
}

impl ConnectionLimit {
    pub(crate) fn new(max_total: usize, max_per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            counts: Mutex::default(),
            max_total,
            max_per_address,
        })
    }

    /// Takes a place for a connection from `address`.
    ///
    /// # Errors
    /// [`ConnectionRefused`] when there is none.
    pub(crate) fn admit(
        self: &Arc<Self>,
        address: IpAddr,
    ) -> Result<ConnectionPermit, ConnectionRefused> {
        let address = subscriber_of(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.total >= self.max_total {
            let max = self.max_total;
            return Err(ConnectionRefused::Total { max });
        }
        let count = counts.by_address.get(&address).copied().unwrap_or(0);
        if count >= self.max_per_address {
            let max = self.max_per_address;
            return Err(ConnectionRefused::PerAddress { address, max });
        }
        counts.by_address.insert(address, count + 1);
        counts.total += 1;
        Ok(ConnectionPermit {
            limit: self.clone(),
            address,
        })
    }

    /// How many connections there are.
    pub(crate) fn open(&self) -> usize {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total
    }
}

/// One subscriber of an IPv6 network has a whole /64 of addresses, so that is what is counted.
pub(crate) fn subscriber_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self
            .limit
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        counts.total -= 1;
        if let Entry::Occupied(mut entry) = counts.by_address.entry(self.address) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_more_than_the_total_is_refused_until_one_leaves() {
        let limit = ConnectionLimit::new(2, 2);
        let first = limit.admit(address("192.0.2.1")).unwrap();
        let _second = limit.admit(address("192.0.2.2")).unwrap();
        assert_eq!(
            limit.admit(address("192.0.2.3")).unwrap_err(),
            ConnectionRefused::Total { max: 2 }
        );
        drop(first);
        assert!(limit.admit(address("192.0.2.3")).is_ok());
    }

    #[test]
    fn one_address_cannot_take_the_places_of_others() {
        let limit = ConnectionLimit::new(10, 1);
        let _first = limit.admit(address("192.0.2.1")).unwrap();
        assert!(matches!(
            limit.admit(address("192.0.2.1")),
            Err(ConnectionRefused::PerAddress { max: 1, .. })
        ));
        assert!(limit.admit(address("192.0.2.2")).is_ok());
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one() {
        let limit = ConnectionLimit::new(10, 1);
        let _first = limit.admit(address("2001:db8::1")).unwrap();
        assert!(limit.admit(address("2001:db8::ffff:1")).is_err());
        assert!(limit.admit(address("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn an_address_written_in_both_ways_is_one_address() {
        let limit = ConnectionLimit::new(10, 1);
        let _first = limit.admit(address("192.0.2.1")).unwrap();
        assert!(limit.admit(address("::ffff:192.0.2.1")).is_err());
    }

    #[test]
    fn nothing_is_kept_of_addresses_that_left() {
        let limit = ConnectionLimit::new(10, 1);
        drop(limit.admit(address("192.0.2.1")));
        assert!(limit.counts.lock().unwrap().by_address.is_empty());
        assert_eq!(limit.open(), 0);
    }
}
