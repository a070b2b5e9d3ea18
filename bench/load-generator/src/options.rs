//! The command line.

use std::time::Duration;

use clap::{Parser, ValueEnum};
use http::Uri;
use roomcast_client::http::{Options as HttpOptions, Trust, Versions};

/// How subscribers receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Road {
    /// A WebSocket on a connection of its own.
    Websocket,
    /// An event stream on a connection of its own, over HTTP/1.1.
    Sse,
    /// Event streams over HTTP/2, many on one connection.
    SseHttp2,
}

/// Opens thousands of subscribers to one channel of a server, publishes, and prints as one line
/// of JSON what arrived, how late, and what it cost the server. Needs as many open files.
#[derive(Clone, Debug, Parser)]
pub(crate) struct Options {
    /// The server: `http://127.0.0.1:8443` or `https://…`, whose certificate is not looked at.
    #[arg(long)]
    pub(crate) url: Uri,

    /// The server's process, whose time and memory are measured with its children's.
    #[arg(long)]
    pub(crate) process: u32,

    /// How subscribers receive.
    #[arg(long, value_enum)]
    pub(crate) road: Road,

    /// The path that they ask for.
    #[arg(long, value_name = "PATH")]
    pub(crate) subscribe: String,

    /// The path that takes messages by POST.
    #[arg(long, value_name = "PATH")]
    pub(crate) publish: String,

    /// How many subscribers there are.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) subscribers: usize,

    /// How many messages are published.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) messages: u32,

    /// Messages published in a second; 0 publishes as fast as they are answered.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) rate: u32,

    /// Messages that are published at once when the server answers slowly.
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub(crate) at_once: usize,

    /// How long a message is.
    #[arg(long, value_name = "BYTES", default_value_t = 128)]
    pub(crate) bytes: usize,

    /// Event streams on one HTTP/2 connection.
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub(crate) streams: usize,

    /// Threads that receive.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) threads: usize,

    /// How long to wait before the memory of idle subscribers is measured, in milliseconds.
    #[arg(long, value_name = "N", default_value_t = 3_000)]
    pub(crate) settle: u64,
}

impl Options {
    /// How to open a connection for subscribers.
    pub(crate) fn subscribing(&self) -> HttpOptions {
        HttpOptions {
            versions: match self.road {
                Road::Websocket | Road::Sse => Versions::Http1,
                Road::SseHttp2 => Versions::Http2,
            },
            ..Self::publishing()
        }
    }

    /// How to open a connection for publishers.
    pub(crate) fn publishing() -> HttpOptions {
        HttpOptions {
            versions: Versions::Http1,
            // A crowd that comes at once waits longer than one client would.
            connect_timeout: Duration::from_mins(1),
            ..HttpOptions::new(Trust::Anyone)
        }
    }

    /// How many subscribers share a connection.
    pub(crate) fn per_connection(&self) -> usize {
        match self.road {
            Road::Websocket | Road::Sse => 1,
            Road::SseHttp2 => self.streams.max(1),
        }
    }
}
