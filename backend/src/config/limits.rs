//! What a stranger may use up, and for how long.

use std::time::Duration;

use clap::Args;
use roomcast_websocket::Timeouts;
use roomcast_websocket::config::CLOSE_TIMEOUT;

use super::value::COUNT;
use crate::defaults;
use crate::prime::SearchLimits;
use roomcast_shared::duration::parse_duration;
use roomcast_shared::whole_number::whole_number;

/// What a closing handshake gets however short the drain time is: one that ends at once could never
/// be answered.
const SHORTEST_CLOSE: Duration = Duration::from_secs(1);

/// The limits of a server. Each has an option `--name` and a variable `ROOMCAST_NAME`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Connections at a time; one more is answered with 503 and closed.
    #[arg(long, env = "ROOMCAST_MAX_CONNECTIONS", value_name = "N",
          value_parser = whole_number::<usize>(COUNT), default_value_t = defaults::MAX_CONNECTIONS)]
    pub max_connections: usize,

    /// Connections at a time from one address; one more is answered with 429 and closed.
    #[arg(long, env = "ROOMCAST_MAX_CONNECTIONS_PER_ADDRESS", value_name = "N",
          value_parser = whole_number::<usize>(COUNT), default_value_t = defaults::MAX_CONNECTIONS_PER_ADDRESS)]
    pub max_connections_per_address: usize,

    /// Requests at a time on one HTTP/2 connection; one more is refused.
    #[arg(long, env = "ROOMCAST_MAX_CONCURRENT_STREAMS", value_name = "N",
          value_parser = whole_number::<u32>(COUNT),
          default_value_t = defaults::MAX_CONCURRENT_STREAMS)]
    pub max_concurrent_streams: u32,

    /// Bytes of a request's header fields; more is answered with 431.
    #[arg(long, env = "ROOMCAST_MAX_HEADER_LIST_BYTES", value_name = "BYTES", value_parser = whole_number::<u32>(COUNT),
          default_value_t = defaults::MAX_HEADER_LIST_BYTES)]
    pub max_header_list_bytes: u32,

    /// Bytes of a request body; more is answered with 413.
    #[arg(long, env = "ROOMCAST_MAX_BODY_BYTES", value_name = "BYTES", value_parser = whole_number::<u64>(0..=u64::MAX),
          default_value_t = defaults::MAX_BODY_BYTES)]
    pub max_body_bytes: u64,

    /// Starts from which large primes are searched at a time; one more is answered with 503.
    #[arg(long, env = "ROOMCAST_MAX_SEARCHES", value_name = "N",
          value_parser = whole_number::<usize>(COUNT), default_value_t = defaults::MAX_SEARCHES)]
    pub max_searches: usize,

    /// Streams of large primes at a time to one address; one more is answered with 429.
    #[arg(long, env = "ROOMCAST_MAX_SEARCHES_PER_ADDRESS", value_name = "N",
          value_parser = whole_number::<usize>(COUNT), default_value_t = defaults::MAX_SEARCHES_PER_ADDRESS)]
    pub max_searches_per_address: usize,

    /// Time for the TLS handshake.
    #[arg(long, env = "ROOMCAST_HANDSHAKE_TIMEOUT", value_name = "TIME",
          value_parser = parse_timeout, default_value = "10s")]
    pub handshake_timeout: Duration,

    /// Time for a request's head, for its trailers and the first line of a chunk, and to begin to speak at all.
    #[arg(long, env = "ROOMCAST_HEADER_TIMEOUT", value_name = "TIME",
          value_parser = parse_timeout, default_value = "10s")]
    pub header_timeout: Duration,

    /// Time that a connection may stay open while nothing is asked for.
    #[arg(long, env = "ROOMCAST_IDLE_TIMEOUT", value_name = "TIME",
          value_parser = parse_timeout, default_value = "2m")]
    pub idle_timeout: Duration,

    /// Silence after which an HTTP/2 peer with open requests, or a WebSocket, is pinged.
    #[arg(long, env = "ROOMCAST_KEEP_ALIVE_INTERVAL", value_name = "TIME",
          value_parser = parse_timeout, default_value = "20s")]
    pub keep_alive_interval: Duration,

    /// Time for the answer to that ping.
    #[arg(long, env = "ROOMCAST_KEEP_ALIVE_TIMEOUT", value_name = "TIME",
          value_parser = parse_timeout, default_value = "10s")]
    pub keep_alive_timeout: Duration,

    /// Time that a reader may take nothing while there is something to write.
    #[arg(long, env = "ROOMCAST_WRITE_TIMEOUT", value_name = "TIME",
          value_parser = parse_timeout, default_value = "30s")]
    pub write_timeout: Duration,

    /// Time that a request body may stand still.
    #[arg(long, env = "ROOMCAST_BODY_TIMEOUT", value_name = "TIME",
          value_parser = parse_timeout, default_value = "30s")]
    pub body_timeout: Duration,

    /// Time for open requests after the server was asked to stop.
    #[arg(long, env = "ROOMCAST_DRAIN_TIMEOUT", value_name = "TIME",
          value_parser = parse_duration, default_value = "10s")]
    pub drain_timeout: Duration,
}

impl Limits {
    /// How many searches for large primes there may be.
    pub(crate) fn searches(&self) -> SearchLimits {
        SearchLimits {
            max_total: self.max_searches,
            max_per_address: self.max_searches_per_address,
        }
    }

    /// How WebSockets behave under these limits.
    pub(crate) fn web_sockets(&self) -> roomcast_websocket::Config {
        roomcast_websocket::Config {
            timeouts: Timeouts {
                ping_interval: self.keep_alive_interval,
                pong_timeout: self.keep_alive_timeout,
                write_timeout: self.write_timeout,
                // Nobody gets longer for the last word than for any other, or than a stop waits.
                close_timeout: CLOSE_TIMEOUT
                    .min(self.write_timeout)
                    .min(self.drain_timeout.max(SHORTEST_CLOSE)),
            },
            ..roomcast_websocket::Config::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: defaults::MAX_CONNECTIONS,
            max_connections_per_address: defaults::MAX_CONNECTIONS_PER_ADDRESS,
            max_concurrent_streams: defaults::MAX_CONCURRENT_STREAMS,
            max_header_list_bytes: defaults::MAX_HEADER_LIST_BYTES,
            max_body_bytes: defaults::MAX_BODY_BYTES,
            max_searches: defaults::MAX_SEARCHES,
            max_searches_per_address: defaults::MAX_SEARCHES_PER_ADDRESS,
            handshake_timeout: defaults::HANDSHAKE_TIMEOUT,
            header_timeout: defaults::HEADER_TIMEOUT,
            idle_timeout: defaults::IDLE_TIMEOUT,
            keep_alive_interval: defaults::KEEP_ALIVE_INTERVAL,
            keep_alive_timeout: defaults::KEEP_ALIVE_TIMEOUT,
            write_timeout: defaults::WRITE_TIMEOUT,
            body_timeout: defaults::BODY_TIMEOUT,
            drain_timeout: defaults::DRAIN_TIMEOUT,
        }
    }
}

/// A time within which something is to happen: nothing happens within none.
fn parse_timeout(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(Duration::ZERO) => {
            Err("a server with no time for it answers nobody: say more".to_owned())
        }
        Ok(timeout) => Ok(timeout),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        limits: Limits,
    }

    #[test]
    fn options_left_out_have_the_documented_defaults() {
        let parsed = Command::try_parse_from(["roomcast"]).unwrap().limits;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Limits::default()));
    }

    #[test]
    fn limits_under_which_nobody_would_be_answered_are_refused() {
        let taken = |option: &str, value: &str| {
            Command::try_parse_from(["roomcast", option, value]).is_ok()
        };
        for (option, nothing, least) in [
            ("--max-connections", "0", "1"),
            ("--max-connections-per-address", "0", "1"),
            ("--max-concurrent-streams", "0", "1"),
            ("--max-searches", "0", "1"),
            ("--max-searches-per-address", "0", "1"),
            ("--handshake-timeout", "0s", "1ms"),
            ("--header-timeout", "0s", "1ms"),
            ("--idle-timeout", "0s", "1ms"),
            ("--keep-alive-interval", "0s", "1ms"),
            ("--keep-alive-timeout", "0s", "1ms"),
            ("--write-timeout", "0s", "1ms"),
            ("--body-timeout", "0s", "1ms"),
        ] {
            assert!(!taken(option, nothing), "{option}");
            assert!(taken(option, least), "{option}");
        }
        assert!(taken("--drain-timeout", "0s"));
    }

    #[test]
    fn a_closing_handshake_takes_no_longer_than_a_write_or_a_stop_may() {
        let close_timeout = |write: u64, drain_millis: u64| {
            let limits = Limits {
                write_timeout: Duration::from_secs(write),
                drain_timeout: Duration::from_millis(drain_millis),
                ..Limits::default()
            };
            limits.web_sockets().timeouts.close_timeout
        };
        assert_eq!(close_timeout(30, 10_000), CLOSE_TIMEOUT);
        assert_eq!(close_timeout(3, 10_000), Duration::from_secs(3));
        assert_eq!(close_timeout(30, 4_000), Duration::from_secs(4));
        assert_eq!(close_timeout(30, 0), SHORTEST_CLOSE);
    }
}
