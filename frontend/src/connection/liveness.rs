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
//! out by its pings, and event streams have heartbeats, but no page gets to see any of them; so the page asks
//! as well. Plain Rust, given the time.

use std::time::Duration;

/// How long each thing may take that a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Opening, from the first handshake to the first word of the server.
    pub opening: Duration,
    /// So long after the last word from the server the page asks.
    pub silence: Duration,
    /// The answer to that.
    pub answer: Duration,
}

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

    /// The server has answered what it was asked, beside the connection: that opens none.
    pub fn answered(&mut self, now: Moment) {
        if let Self::Asked(_) = self {
            *self = Self::Quiet(now);
        }
    }

    /// Looks at the connection. It is suspected when something has happened that connections often do not
    /// survive: then the server is asked at once.
    pub fn look(&mut self, now: Moment, is_suspected: bool, patience: Patience) -> Verdict {
        let (since, limit) = match *self {
            Self::Closed => return Verdict::Rest,
            Self::Opening(since) => (since, patience.opening),
            Self::Quiet(_) if is_suspected => (Moment::ZERO, Duration::ZERO),
            Self::Quiet(since) => (since, patience.silence),
            Self::Asked(since) => (since, patience.answer),
        };
        // A clock that was set back begins anew.
        let left = limit.saturating_sub(now.saturating_sub(since));
        if !left.is_zero() {
            return Verdict::LookIn(left);
        }
        if let Self::Quiet(_) = self {
            *self = Self::Asked(now);
            return Verdict::Ask(patience.answer);
        }
        *self = Self::Closed;
        Verdict::Lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        opening: Duration::from_secs(20),
        silence: Duration::from_secs(30),
        answer: Duration::from_secs(10),
    };

    const ASK: Verdict = Verdict::Ask(PATIENCE.answer);

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
            assert_eq!(liveness.look(at(second), false, PATIENCE), rest);
            liveness.heard(at(second));
        }
    }

    #[test]
    fn after_a_silence_it_is_asked_and_its_answer_begins_another_one() {
        let mut liveness = quiet();
        assert_eq!(liveness.look(at(29), false, PATIENCE), look_in(1));
        assert_eq!(liveness.look(at(30), false, PATIENCE), ASK);
        liveness.heard(at(31));
        assert_eq!(liveness.look(at(40), false, PATIENCE), look_in(21));
    }

    #[test]
    fn an_answer_beside_the_connection_counts_as_its_word_and_the_next_silence_is_asked_about_anew()
    {
        let mut liveness = quiet();
        for asked in [30, 61, 92] {
            assert_eq!(liveness.look(at(asked), false, PATIENCE), ASK);
            liveness.answered(at(asked + 1));
            assert_eq!(liveness.look(at(asked + 1), false, PATIENCE), look_in(30));
        }
    }

    #[test]
    fn an_answer_that_comes_late_opens_nothing_and_does_not_stand_for_a_connection_that_opens() {
        let mut lost = quiet();
        lost.look(at(30), false, PATIENCE);
        lost.look(at(40), false, PATIENCE);
        lost.answered(at(41));
        assert_eq!(lost, Liveness::Closed);

        let mut opening = Liveness::Opening(at(0));
        opening.answered(at(19));
        assert_eq!(opening.look(at(20), false, PATIENCE), Verdict::Lost);
    }

    #[test]
    fn without_an_answer_in_time_the_connection_is_lost_once() {
        let mut liveness = quiet();
        liveness.look(at(30), false, PATIENCE);
        assert_eq!(liveness.look(at(39), false, PATIENCE), look_in(1));
        assert_eq!(liveness.look(at(40), false, PATIENCE), Verdict::Lost);
        assert_eq!(liveness.look(at(41), false, PATIENCE), Verdict::Rest);
    }

    #[test]
    fn under_suspicion_it_is_asked_at_once_and_not_twice() {
        let mut liveness = quiet();
        assert_eq!(liveness.look(at(2), true, PATIENCE), ASK);
        assert_eq!(liveness.look(at(3), true, PATIENCE), look_in(9));
    }

    #[test]
    fn a_connection_that_does_not_open_in_time_is_lost() {
        let mut liveness = Liveness::Opening(at(0));
        assert_eq!(liveness.look(at(19), true, PATIENCE), look_in(1));
        assert_eq!(liveness.look(at(20), false, PATIENCE), Verdict::Lost);
    }

    #[test]
    fn what_is_closed_is_left_alone_and_nothing_late_opens_it() {
        let mut liveness = Liveness::Closed;
        liveness.heard(at(0));
        assert_eq!(liveness.look(at(100), true, PATIENCE), Verdict::Rest);
    }

    #[test]
    fn a_clock_that_is_set_back_only_makes_it_wait() {
        let mut liveness = Liveness::Quiet(at(1_000));
        assert_eq!(
            liveness.look(at(0), false, PATIENCE),
            Verdict::LookIn(PATIENCE.silence)
        );
    }
}
