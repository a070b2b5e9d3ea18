//! The way that messages travel: over a WebSocket, or over an event stream and POST where WebSockets cannot
//! be had. Plain Rust.

use std::time::Duration;

/// A connection that ended within this time was cut, and a connection after it soon will be.
const SHORT_LIFE: Duration = Duration::from_secs(30);

/// So many short lives in a row are no accident.
const SHORT_LIVES: u32 = 2;

/// A connection cut after at least so much silence was cut because of the silence.
const MIN_QUIET: Duration = Duration::from_secs(1);

/// How long the server may be silent before the page asks over a WebSocket; somewhat more than the 20 s after
/// which the server asks by itself.
const SOCKET_SILENCE: Duration = Duration::from_secs(30);

/// The time between two heartbeats of an event stream.
const STREAM_SILENCE: Duration = Duration::from_secs(10);

/// The wait before the first WebSocket is tried beside an event stream. It doubles with each failure.
const FIRST_PROBE: Duration = Duration::from_secs(30);

/// The longest wait for the next one.
const MAX_PROBE: Duration = Duration::from_mins(10);

/// What carries messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket.
    #[default]
    WebSocket,
    /// An event stream, and POST in the other direction.
    EventStream,
}

/// How a connection ended that had been open.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// How long it was open.
    pub life: Duration,
    /// How long nothing had come over it.
    pub quiet: Duration,
}

/// What has been seen of one transport.
#[derive(Debug, Default)]
struct Track {
    short_lives: u32,
    /// Silence after which something on the way ended a connection.
    cut_after: Option<Duration>,
}

impl Track {
    /// Takes note of an end. Returns `true` if connections like it are cut whatever the page does.
    fn ended(&mut self, End { life, quiet }: End) -> bool {
        if life >= SHORT_LIFE {
            self.short_lives = 0;
            return false;
        }
        self.short_lives += 1;
        if self.short_lives < SHORT_LIVES {
            return false;
        }
        let is_news = self.cut_after.is_none_or(|known| quiet < known / 2);
        if quiet >= MIN_QUIET && is_news {
            self.cut_after = Some(quiet);
            self.short_lives = 0;
            return false;
        }
        true
    }

    /// The silence to allow, where `usual` is allowed otherwise.
    fn silence(&self, usual: Duration) -> Duration {
        self.cut_after.map_or(usual, |quiet| {
            (quiet / 2).clamp(Duration::from_millis(500), usual)
        })
    }
}

/// The choice between the transports.
#[derive(Debug, Default)]
pub struct Way {
    transport: Transport,
    sockets: Track,
    streams: Track,
    probes: u32,
    /// Handshakes in a row that failed while HTTP worked.
    blocked: u32,
}

impl Way {
    /// What the next connection is opened over.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// No WebSocket opens, but HTTP works. Unless that `is_certain`, it counts from the second time on: a
    /// server that just starts lets one handshake fail.
    pub fn socket_is_blocked(&mut self, is_certain: bool) {
        self.blocked += 1;
        if is_certain || self.blocked > 1 {
            self.transport = Transport::EventStream;
        }
    }

    /// A WebSocket is open. One that replaces an event stream has yet to prove itself.
    pub fn socket_opened(&mut self) {
        self.transport = Transport::WebSocket;
        self.blocked = 0;
    }

    /// A WebSocket was cut. Returns `true` if the next one would be as well.
    pub fn socket_cut(&mut self, end: End) -> bool {
        let is_hopeless = self.sockets.ended(end);
        if is_hopeless {
            self.transport = Transport::EventStream;
        } else if end.life >= SHORT_LIFE {
            self.probes = 0;
        }
        is_hopeless
    }

    /// An event stream that had been open ended.
    pub fn stream_cut(&mut self, end: End) {
        // Where streams do not last either, a WebSocket may.
        if self.streams.ended(end) {
            self.transport = Transport::WebSocket;
        }
    }

    /// No event stream opens: begin anew with a WebSocket.
    pub fn stream_is_blocked(&mut self) {
        self.transport = Transport::WebSocket;
    }

    /// The network is another one: what was learned of the last one is nothing worth.
    pub fn network_changed(&mut self) {
        *self = Self {
            transport: self.transport,
            ..Self::default()
        };
    }

    /// How long to use the event stream before a WebSocket is tried beside it again. `random` is from 0 to
    /// below 1.
    pub fn next_probe(&mut self, random: f64) -> Duration {
        let wait = FIRST_PROBE
            .saturating_mul(2_u32.saturating_pow(self.probes))
            .min(MAX_PROBE);
        self.probes = self.probes.saturating_add(1);
        wait.mul_f64(1.0 + random.clamp(0.0, 1.0) / 2.0)
    }

    /// How long the server may be silent over a WebSocket before it is asked for a word.
    pub fn socket_silence(&self) -> Duration {
        self.sockets.silence(SOCKET_SILENCE)
    }

    /// The seconds between two heartbeats of an event stream.
    pub fn heartbeat(&self) -> u64 {
        self.streams.silence(STREAM_SILENCE).as_secs().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(life: u64, quiet: u64) -> End {
        End {
            life: Duration::from_secs(life),
            quiet: Duration::from_secs(quiet),
        }
    }

    #[test]
    fn a_blocked_websocket_is_replaced_by_an_event_stream() {
        let mut way = Way::default();
        assert_eq!(way.transport(), Transport::WebSocket);
        way.socket_is_blocked(true);
        assert_eq!(way.transport(), Transport::EventStream);
        way.socket_opened();
        assert_eq!(way.transport(), Transport::WebSocket);
    }

    #[test]
    fn a_handshake_that_may_have_failed_by_accident_is_tried_twice() {
        let mut way = Way::default();
        way.socket_is_blocked(false);
        assert_eq!(way.transport(), Transport::WebSocket);
        way.socket_opened();
        way.socket_is_blocked(false);
        assert_eq!(way.transport(), Transport::WebSocket);
        way.socket_is_blocked(false);
        assert_eq!(way.transport(), Transport::EventStream);
    }

    #[test]
    fn a_websocket_that_is_cut_at_once_twice_is_replaced() {
        let mut way = Way::default();
        assert!(!way.socket_cut(end(0, 0)));
        assert_eq!(way.transport(), Transport::WebSocket);
        assert!(way.socket_cut(end(1, 0)));
        assert_eq!(way.transport(), Transport::EventStream);
    }

    #[test]
    fn one_that_comes_back_and_is_cut_again_is_replaced_at_once() {
        let mut way = Way::default();
        way.socket_cut(end(0, 0));
        way.socket_cut(end(0, 0));
        way.socket_opened();
        assert!(way.socket_cut(end(0, 0)));
    }

    #[test]
    fn a_long_life_between_two_cuts_forgives_the_first() {
        let mut way = Way::default();
        way.socket_cut(end(0, 0));
        assert!(!way.socket_cut(end(60, 0)));
        assert!(!way.socket_cut(end(0, 0)));
        assert_eq!(way.transport(), Transport::WebSocket);
    }

    #[test]
    fn a_websocket_cut_for_its_silence_is_kept_busy_instead() {
        let mut way = Way::default();
        assert_eq!(way.socket_silence(), SOCKET_SILENCE);
        way.socket_cut(end(2, 2));
        assert!(!way.socket_cut(end(2, 2)));
        assert_eq!(way.transport(), Transport::WebSocket);
        assert_eq!(way.socket_silence(), Duration::from_secs(1));
        // That does not help.
        way.socket_cut(end(2, 1));
        assert!(way.socket_cut(end(2, 1)));
        assert_eq!(way.transport(), Transport::EventStream);
    }

    #[test]
    fn an_event_stream_cut_for_its_silence_gets_more_heartbeats() {
        let mut way = Way::default();
        way.socket_is_blocked(true);
        assert_eq!(way.heartbeat(), 10);
        way.stream_cut(end(5, 5));
        way.stream_cut(end(5, 5));
        assert_eq!(way.heartbeat(), 2);
        way.stream_cut(end(2, 1));
        assert_eq!(way.transport(), Transport::EventStream);
        way.stream_cut(end(2, 1));
        assert_eq!(way.heartbeat(), 1);
    }

    #[test]
    fn where_event_streams_are_cut_at_once_a_websocket_is_tried() {
        let mut way = Way::default();
        way.socket_is_blocked(true);
        way.stream_cut(end(0, 0));
        assert_eq!(way.transport(), Transport::EventStream);
        way.stream_cut(end(0, 0));
        assert_eq!(way.transport(), Transport::WebSocket);
    }

    #[test]
    fn probes_become_rarer_until_a_websocket_lasts() {
        let mut way = Way::default();
        let seconds = |way: &mut Way| way.next_probe(0.0).as_secs();
        let waits: Vec<_> = (0..6).map(|_| seconds(&mut way)).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 600]);
        way.socket_cut(end(60, 0));
        assert_eq!(seconds(&mut way), 30);
        way.network_changed();
        assert_eq!(way.next_probe(1.0), FIRST_PROBE.mul_f64(1.5));
    }
}
