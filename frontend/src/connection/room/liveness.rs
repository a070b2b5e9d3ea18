//! Whether the other end of a connection is still there.
//!
//! ```text
//!          open            heard                 silent for long, or suspected
//! Closed ───────→ Opening ───────→ Quiet ────────────────────────────────────→ Asked
//!    ↑               │               ↑ heard                                     │
//!    │               │               └───────────────────────────────────────────┤
//!    └── close ──────┴────────────── no answer in time: lost ────────────────────┘
//! ```
//!
//! A connection whose network went away without a word looks alive, for many minutes. The server finds
//! out by its pings, which no page gets to see; so the page asks as well. Plain Rust, given the time.

use std::time::Duration;

/// So long after the last word from the server the page asks. The server's own pings go out after 20 s of
/// silence; asking somewhat later, a page notices as soon as the server does.
const SILENCE: Duration = Duration::from_secs(30);

/// How long an answer may take, as long as the server gives its pings.
const ANSWER: Duration = Duration::from_secs(10);

/// How long opening may take, handshakes and the first message included: on a bad network they are a
/// dozen round trips of a second.
const OPENING: Duration = Duration::from_secs(20);

/// A moment, as the time since some moment before all others.
pub type Moment = Duration;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: there is no connection.
    Rest,
    /// Nothing before so much time has passed; then look again.
    LookIn(Duration),
    /// Ask the server for a word, and look again after this time.
    Ask(Duration),
    /// The connection is lost.
    Lost,
}

/// What is known of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Liveness {
    /// There is none.
    #[default]
    Closed,
    /// It is being opened since then.
    Opening(Moment),
    /// The server was last heard then.
    Quiet(Moment),
    /// It was asked then, and has said nothing since.
    Asked(Moment),
}

impl Liveness {
    /// The server has said something.
    pub fn heard(&mut self, now: Moment) {
        if *self != Self::Closed {
            *self = Self::Quiet(now);
        }
    }

    /// Looks at the connection. It is suspected when something has happened that connections often do not
    /// survive: then the server is asked at once.
    pub fn look(&mut self, now: Moment, is_suspected: bool) -> Verdict {
        let (since, patience) = match *self {
            Self::Closed => return Verdict::Rest,
            Self::Opening(since) => (since, OPENING),
            Self::Quiet(_) if is_suspected => (Moment::ZERO, Duration::ZERO),
            Self::Quiet(since) => (since, SILENCE),
            Self::Asked(since) => (since, ANSWER),
        };
        // A clock that was set back begins anew.
        let left = patience.saturating_sub(now.saturating_sub(since));
        if !left.is_zero() {
            return Verdict::LookIn(left);
        }
        if let Self::Quiet(_) = self {
            *self = Self::Asked(now);
            return Verdict::Ask(ANSWER);
        }
        *self = Self::Closed;
        Verdict::Lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(1_000_000 + seconds)
    }

    fn look_in(seconds: u64) -> Verdict {
        Verdict::LookIn(Duration::from_secs(seconds))
    }

    /// A connection that was last heard at second 0.
    fn quiet() -> Liveness {
        let mut liveness = Liveness::Opening(at(0));
        liveness.heard(at(0));
        liveness
    }

    #[test]
    fn a_server_that_speaks_is_not_asked() {
        let mut liveness = quiet();
        for second in (10..100).step_by(10) {
            let rest = look_in(20);
            assert_eq!(liveness.look(at(second), false), rest);
            liveness.heard(at(second));
        }
    }

    #[test]
    fn after_a_silence_it_is_asked_and_its_answer_begins_another_one() {
        let mut liveness = quiet();
        assert_eq!(liveness.look(at(29), false), look_in(1));
        assert_eq!(liveness.look(at(30), false), Verdict::Ask(ANSWER));
        liveness.heard(at(31));
        assert_eq!(liveness.look(at(40), false), look_in(21));
    }

    #[test]
    fn without_an_answer_in_time_the_connection_is_lost_once() {
        let mut liveness = quiet();
        liveness.look(at(30), false);
        assert_eq!(liveness.look(at(39), false), look_in(1));
        assert_eq!(liveness.look(at(40), false), Verdict::Lost);
        assert_eq!(liveness.look(at(41), false), Verdict::Rest);
    }

    #[test]
    fn under_suspicion_it_is_asked_at_once_and_not_twice() {
        let mut liveness = quiet();
        assert_eq!(liveness.look(at(2), true), Verdict::Ask(ANSWER));
        assert_eq!(liveness.look(at(3), true), look_in(9));
    }

    #[test]
    fn a_connection_that_does_not_open_in_time_is_lost() {
        let mut liveness = Liveness::Opening(at(0));
        assert_eq!(liveness.look(at(19), true), look_in(1));
        assert_eq!(liveness.look(at(20), false), Verdict::Lost);
    }

    #[test]
    fn what_is_closed_is_left_alone_and_nothing_late_opens_it() {
        let mut liveness = Liveness::Closed;
        liveness.heard(at(0));
        assert_eq!(liveness.look(at(100), true), Verdict::Rest);
    }

    #[test]
    fn a_clock_that_is_set_back_only_makes_it_wait() {
        let mut liveness = Liveness::Quiet(at(1_000));
        assert_eq!(liveness.look(at(0), false), Verdict::LookIn(SILENCE));
    }
}
