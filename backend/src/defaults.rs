//! Every default of the server in one place, with its unit and its reason.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Only this machine: who wants to be reached from outside says so.
pub const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

/// Where the server keeps its certificate, relative to the working directory.
pub const DATA_DIRECTORY: &str = "data";

/// Connections at a time. Each costs a file descriptor and some tens of KiB under TLS.
pub const MAX_CONNECTIONS: usize = 20_000;

/// Connections at a time from one address; generous, as offices and phone networks share one.
pub const MAX_CONNECTIONS_PER_ADDRESS: usize = 2_000;

/// Requests at a time on one HTTP/2 connection (RFC 9113 recommends at least 100).
pub const MAX_CONCURRENT_STREAMS: u32 = 256;

/// Pushes promised on one HTTP/2 connection that the client has not taken yet. A page needs a
/// handful; each holds a response back in memory, and beyond them a page goes without.
pub const MAX_OUTSTANDING_PUSHES: usize = 64;

/// Bytes of a request's header fields, counted as in RFC 9113, section 6.5.2.
pub const MAX_HEADER_LIST_BYTES: u32 = 32 * 1024;

/// Bytes of a request body. Bodies are streamed, so this bounds time and traffic, not memory.
pub const MAX_BODY_BYTES: u64 = 1024 * 1024 * 1024;

/// From accept to the end of the TLS handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// From the first byte of a request's head, its trailers or a chunk's first line to the last one, over both
/// versions of HTTP; also the time to begin to speak.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection on which nothing is asked for. Browsers keep theirs for some minutes.
pub const IDLE_TIMEOUT: Duration = Duration::from_mins(2);

/// Silence after which an HTTP/2 connection with open streams is asked for a sign of life.
pub const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);

/// How long an HTTP/2 peer may take to answer a PING.
pub const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Silence after which the system asks a TCP peer for a sign of life: for readers to whom nothing is
/// sent while nothing happens, such as those of a room as lines.
pub const TCP_KEEP_ALIVE_IDLE: Duration = Duration::from_secs(30);

/// How long the system waits for that sign before it asks again.
pub const TCP_KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// How often it asks. Whoever vanished is known to be gone after a minute, and a packet or two may
/// be lost.
pub const TCP_KEEP_ALIVE_PROBES: u32 = 3;

/// How long a reader may take nothing at all while there is something to write, on its
/// socket or in its HTTP/2 flow-control window.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a request body may stand still while a handler waits for it.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long open requests may go on after the server was asked to stop.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// HTTP/2 receive window of one stream. 1 MiB carries 50 Mbit/s at 160 ms.
pub const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;

/// HTTP/2 receive window of a whole connection: what all its streams together may have sent
/// without a handler having read it. This is the memory that one peer can fill.
pub const CONNECTION_WINDOW_BYTES: u32 = 4 * 1024 * 1024;

/// What a connection's unread DATA frames may cost beyond their content, counted as 256 bytes for
/// each, less what is in it: some 64,000 frames of a few bytes, as a WebSocket client sends them.
pub const DATA_OVERHEAD_BYTES: usize = 16 * 1024 * 1024;

/// What one HTTP/2 stream may have handed over for sending and not yet written to the socket.
pub const SEND_BUFFER_BYTES: usize = 256 * 1024;

/// Logs of large primes that are searched at a time. A search takes up to 400 KB for its sieve.
pub const MAX_SEARCHES: usize = 64;

/// Readers of such logs at a time from one address.
pub const MAX_SEARCHES_PER_ADDRESS: usize = 16;

/// Memory for messages to the echo that are still coming, in bytes: two of the longest.
pub const ECHO_HELD_BYTES: usize = 32 * 1024 * 1024;

/// How often given certificate files are looked at for a change.
pub const CERTIFICATE_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// How often the certificate that the server made for itself is looked at for its end.
pub const CERTIFICATE_END_CHECK_INTERVAL: Duration = Duration::from_mins(10);

/// Rooms that somebody is in, and rooms that have messages. One costs some KiB while it is
/// open, and what it keeps on the disk.
pub const MAX_ROOMS: usize = 10_000;

/// Connections in one room: as many as the server has in all.
pub const MAX_MEMBERS_PER_ROOM: usize = 20_000;

/// Messages that one person may publish in a second, in the long run. Nobody reads faster.
pub const MESSAGES_PER_SECOND: u32 = 5;

/// Messages that one person may publish at once, such as those written while offline.
pub const MESSAGE_BURST: u32 = 20;

/// People whose share of messages one address has. Generous, as offices and phone networks share one,
/// and bounded, since whoever throws a cookie away is given another.
pub const PEOPLE_PER_ADDRESS: u32 = 20;

/// Messages of any kind that one WebSocket may send in a second, in the long run; one that sends
/// more is read more slowly.
pub const CLIENT_MESSAGES_PER_SECOND: u32 = 50;

/// Memory for the newest events of one room, in bytes: about a thousand short messages.
pub const ROOM_TAIL_BYTES: usize = 512 * 1024;

/// Events kept in each room.
pub const MAX_EVENTS_PER_ROOM: u64 = 100_000;

/// How long events are kept.
pub const MAX_EVENT_AGE: Duration = Duration::from_hours(30 * 24);

/// How long a message waits to be kept while another program has the store locked.
pub const STORE_LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Running time for which the wall clock must be steady after a jump, or after a time in which the
/// server was off, before events are deleted by it. A wrong clock is noticed within a day, and
/// nobody minds what is kept for a day longer.
pub const CLOCK_STEADY_TIME: Duration = Duration::from_hours(24);

/// The same before the certificate that the server made for itself is made anew: it is done a month
/// before its end.
pub const CERTIFICATE_CLOCK_STEADY_TIME: Duration = Duration::from_hours(1);

/// How often the server looks for events that are not to be kept any longer.
pub const RETENTION_INTERVAL: Duration = Duration::from_mins(1);

/// How long an idempotency key is known. The promise is a day.
pub const IDEMPOTENCY_KEY_AGE: Duration = Duration::from_hours(24);

/// How long somebody whose connection has ended counts as present: reloading the page or driving
/// through a tunnel is no leaving.
pub const PRESENCE_GRACE: Duration = Duration::from_secs(15);

/// The HTML standard advises a comment about every 15 s: proxies drop quiet streams.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);

/// How long readers of an event stream wait before they reconnect.
pub const RECONNECTION_TIME: Duration = Duration::from_secs(2);

/// How often those who watch the list of rooms hear of changes at most.
pub const LOBBY_INTERVAL: Duration = Duration::from_secs(1);
