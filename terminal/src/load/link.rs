//! The options of the emulated link.

use std::num::NonZeroU64;
use std::time::Duration;

use roomcast_client::http::Link;
use roomcast_shared::duration::parse_duration;

use super::units::{milliseconds, parse_rate, rate};

/// What lies between us and the servers.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct LinkOptions {
    /// Emulate a link with this round-trip time, such as 60ms, between here and all servers: the TCP
    /// handshake takes one round trip longer, and all bytes after it, TLS included, half of one each
    /// way. Not emulated: looking up names, lost packets, and TCP's slow start. Default: no such link.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(super) rtt: Option<Duration>,

    /// Emulate a link with this bandwidth in each direction, such as 500kbit, 9Mbit or 1Gbit (a second),
    /// shared by all connections.
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub(super) bandwidth: Option<NonZeroU64>,
}

impl LinkOptions {
    pub(super) fn is_emulated(&self) -> bool {
        self.rtt.is_some() || self.bandwidth.is_some()
    }

    pub(super) fn round_trip(&self) -> Duration {
        self.rtt.unwrap_or_default()
    }

    /// A new link of this kind, with nothing under way.
    pub(super) fn link(&self) -> Option<Link> {
        let link = || Link::new(self.round_trip(), self.bandwidth);
        self.is_emulated().then(link)
    }

    /// What is emulated, in words; empty if nothing is.
    pub(super) fn words(&self) -> String {
        let rtt = self
            .rtt
            .map(|rtt| format!("{} ms there and back", milliseconds(rtt)));
        let bandwidth = self.bandwidth.map(rate);
        let words: Vec<String> = rtt.into_iter().chain(bandwidth).collect();
        words.join(", ")
    }
}
