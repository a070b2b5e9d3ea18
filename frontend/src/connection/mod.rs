//! The connection to a stream: what state it is in, and what to do next.
//!
//! ```text
//!            open                opened            last event
//! Paused ───────────→ Connecting ───────→ Live ───────────────→ Done
//!    ↑                    │ lost            │ lost                │ more wanted
//!    │ pause              ↓                 ↓                     ↓
//!    └────────────── Waiting ──due, wake──→ Reconnecting      Connecting
//!                    │    ↑───── lost ────────┘
//!                    │ refused for good
//!                    └───────→ Refused, until it is opened again
//! ```
//!
//! The state machine here is plain Rust. [`live_stream`] drives it with the browser's `EventSource`
//! and timers.

mod backoff;
mod event_source;
mod fetch;
pub mod json;
pub mod live_stream;
mod liveness;
pub mod lobby;
mod reason;
mod refusal;
pub mod room;
pub mod session;
pub mod stream_request;

use std::time::Duration;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// A person wants no events for now.
    #[default]
    Paused,
    /// The first try of a stream.
    Connecting,
    /// Events arrive.
    Live,
    /// The connection was lost, and the next try has its time.
    Waiting,
    /// A new try after the connection was lost.
    Reconnecting,
    /// The server does not take what was asked for, and would not at the next try.
    Refused,
    /// The last event that was asked for has arrived.
    Done,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A person wants events: to begin, to go on after a pause, or of another kind.
    Open,
    /// A person wants no events for now.
    Pause,
    /// The server has answered.
    Opened,
    /// An event has arrived.
    Received,
    /// The last event that was asked for has arrived.
    Completed,
    /// The connection broke, or the server refused it.
    Lost,
    /// The server, which refuses for now, has said after how long a try is worth making.
    RefusedFor(Duration),
    /// The server does not take what was asked for: the next try would end in the same.
    Refused,
    /// The time of the next try has come.
    RetryDue,
    /// The network is back, or the page is in sight again.
    Wake,
}

/// What the driver has to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    None,
    /// Close what is open, and open the stream after the last event seen.
    Open,
    /// Close what is open, and wait so long for [`Input::RetryDue`].
    OpenAfter(Duration),
    /// Close what is open.
    Close,
}

impl State {
    /// The state in words, for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Paused => "Paused",
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Waiting | Self::Reconnecting => "Reconnecting",
            Self::Refused => "Refused",
            Self::Done => "Done",
        }
    }

    /// The state in a word for style sheets and tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Waiting | Self::Reconnecting => "reconnecting",
            Self::Refused => "ended",
            Self::Done => "done",
        }
    }

    /// Whether events arrive or are on their way.
    pub fn is_running(self) -> bool {
        !matches!(self, Self::Paused | Self::Refused | Self::Done)
    }
}

/// The state of a connection, and how often it was tried in vain; at first nobody has opened it.
#[derive(Debug, Default)]
pub struct Connection {
    state: State,
    failures: u32,
}

impl Connection {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes in what happened. `random`, from 0 to below 1, spreads the tries of many clients.
    pub fn handle(&mut self, input: Input, random: f64) -> Action {
        match (self.state, input) {
            (_, Input::Open) => {
                self.failures = 0;
                self.enter(State::Connecting, Action::Open)
            }
            (_, Input::Pause) => self.enter(State::Paused, Action::Close),
            (State::Paused | State::Refused | State::Done, _) => Action::None,
            (_, Input::Completed) => self.enter(State::Done, Action::Close),
            (State::Waiting, Input::RetryDue | Input::Wake) => {
                self.enter(State::Reconnecting, Action::Open)
            }
            // Only an event proves that the stream works: a server that answers and then breaks off
            // must not be asked again without a wait that grows.
            (State::Connecting | State::Reconnecting | State::Live, Input::Received) => {
                self.failures = 0;
                self.enter(State::Live, Action::None)
            }
            (State::Connecting | State::Reconnecting, Input::Opened) => {
                self.enter(State::Live, Action::None)
            }
            (State::Connecting | State::Reconnecting | State::Live, Input::Lost) => {
                let wait = backoff::delay(self.failures, random);
                self.failures = self.failures.saturating_add(1);
                self.enter(State::Waiting, Action::OpenAfter(wait))
            }
            (State::Waiting, Input::RefusedFor(wait)) => {
                Action::OpenAfter(backoff::as_told(wait, random))
            }
            (State::Waiting, Input::Refused) => self.enter(State::Refused, Action::Close),
            _ => Action::None,
        }
    }

    fn enter(&mut self, state: State, action: Action) -> Action {
        self.state = state;
        action
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(inputs: &[Input]) -> (State, Action) {
        let mut connection = Connection::default();
        let mut action = Action::None;
        for &input in inputs {
            action = connection.handle(input, 0.5);
        }
        (connection.state(), action)
    }

    #[test]
    fn a_stream_that_was_opened_is_live_when_the_server_answers() {
        assert_eq!(after(&[Input::Open]), (State::Connecting, Action::Open));
        assert_eq!(
            after(&[Input::Open, Input::Opened]),
            (State::Live, Action::None)
        );
    }

    #[test]
    fn a_lost_connection_is_opened_again_after_a_while() {
        let lost = [Input::Open, Input::Opened, Input::Lost];
        let half_a_second = Duration::from_millis(500);
        assert_eq!(
            after(&lost),
            (State::Waiting, Action::OpenAfter(half_a_second))
        );
        let due = [lost.as_slice(), &[Input::RetryDue]].concat();
        assert_eq!(after(&due), (State::Reconnecting, Action::Open));
    }

    #[test]
    fn the_wait_grows_until_an_event_has_arrived() {
        let broken = [Input::RetryDue, Input::Opened, Input::Lost];
        let twice = [[Input::Open, Input::Opened, Input::Lost], broken].concat();
        assert_eq!(after(&twice).1, Action::OpenAfter(Duration::from_secs(1)));

        let healed = [
            twice.as_slice(),
            &[Input::RetryDue, Input::Opened, Input::Received, Input::Lost],
        ]
        .concat();
        assert_eq!(
            after(&healed).1,
            Action::OpenAfter(Duration::from_millis(500))
        );
    }

    #[test]
    fn a_waiting_connection_is_opened_at_once_when_the_network_is_back() {
        let woken = [Input::Open, Input::Lost, Input::Wake];
        assert_eq!(after(&woken), (State::Reconnecting, Action::Open));
    }

    #[test]
    fn a_server_that_says_when_to_come_back_is_not_asked_before() {
        let refused = [
            Input::Open,
            Input::Lost,
            Input::RefusedFor(Duration::from_secs(10)),
        ];
        let (state, action) = after(&refused);
        assert_eq!(state, State::Waiting);
        assert_eq!(action, Action::OpenAfter(Duration::from_millis(12_500)));
        let due = [refused.as_slice(), &[Input::RetryDue]].concat();
        assert_eq!(after(&due), (State::Reconnecting, Action::Open));
        let too_late = [
            due.as_slice(),
            &[Input::RefusedFor(Duration::from_secs(10))],
        ]
        .concat();
        assert_eq!(after(&too_late), (State::Reconnecting, Action::None));
    }

    #[test]
    fn a_stream_that_is_refused_for_good_is_not_tried_again_before_somebody_wants_it() {
        let refused = [Input::Open, Input::Lost, Input::Refused];
        assert_eq!(after(&refused), (State::Refused, Action::Close));
        for late in [Input::RetryDue, Input::Wake, Input::Lost, Input::Opened] {
            let later = [refused.as_slice(), &[late]].concat();
            assert_eq!(after(&later), (State::Refused, Action::None), "{late:?}");
        }
        let wanted = [refused.as_slice(), &[Input::Open]].concat();
        assert_eq!(after(&wanted), (State::Connecting, Action::Open));
    }

    #[test]
    fn a_pause_stays_a_pause_whatever_the_network_does() {
        for late in [
            Input::Opened,
            Input::Received,
            Input::Lost,
            Input::RefusedFor(Duration::from_secs(10)),
            Input::Refused,
            Input::RetryDue,
            Input::Wake,
        ] {
            assert_eq!(
                after(&[Input::Open, Input::Opened, Input::Pause, late]),
                (State::Paused, Action::None),
                "{late:?}"
            );
        }
        let going_on = [Input::Open, Input::Pause, Input::Open];
        assert_eq!(after(&going_on), (State::Connecting, Action::Open));
    }

    #[test]
    fn after_the_last_event_the_end_of_the_stream_is_no_failure() {
        let done = [Input::Open, Input::Opened, Input::Completed];
        assert_eq!(after(&done), (State::Done, Action::Close));
        let ended = [done.as_slice(), &[Input::Lost]].concat();
        assert_eq!(after(&ended), (State::Done, Action::None));
        let more = [done.as_slice(), &[Input::Open]].concat();
        assert_eq!(after(&more), (State::Connecting, Action::Open));
    }

    proptest! {
        #[test]
        fn whenever_events_are_wanted_one_try_is_open_or_has_its_time(
            inputs in prop::collection::vec(
                prop::sample::select(vec![
                    Input::Open,
                    Input::Pause,
                    Input::Opened,
                    Input::Received,
                    Input::Completed,
                    Input::Lost,
                    Input::RefusedFor(Duration::from_secs(10)),
                    Input::Refused,
                    Input::RetryDue,
                    Input::Wake,
                ]),
                0..50,
            ),
        ) {
            let mut connection = Connection::default();
            let (mut is_open, mut is_timed) = (false, false);
            for input in inputs {
                match connection.handle(input, 0.5) {
                    Action::None => {}
                    Action::Open => (is_open, is_timed) = (true, false),
                    Action::OpenAfter(_) => (is_open, is_timed) = (false, true),
                    Action::Close => (is_open, is_timed) = (false, false),
                }
                let running = connection.state().is_running();
                prop_assert_eq!(running, is_open || is_timed);
                prop_assert_eq!(is_timed, connection.state() == State::Waiting);
            }
        }
    }
}
