//! One run of primes on the page: asks for its stream, and fills the log.

use std::time::Duration;

use leptos::leptos_dom::helpers::request_animation_frame;
use leptos::prelude::*;
use roomcast_shared::prime::{Number, PrimeEvent};

use super::live_stream::{LiveStream, Reader};
use super::stream_request::{DEFAULT_COUNT, StreamRequest};
use super::{Input, State, json};
use crate::store::PrimeLog;
use crate::store::prime_log::Arrival;

/// A run of primes. Copies of it are the same run.
#[derive(Clone, Copy)]
pub struct Session {
    run: Run,
    stream: StoredValue<LiveStream, LocalStorage>,
}

/// What there is of a run without its connection.
#[derive(Clone, Copy)]
struct Run {
    log: StoredValue<PrimeLog, LocalStorage>,
    request: RwSignal<StreamRequest>,
    /// The id of the last event that the open connection brings.
    slice_end: StoredValue<u64>,
    is_frame_due: StoredValue<bool>,
    frame: RwSignal<u64>,
    number: RwSignal<u64>,
    state: RwSignal<State>,
    why: RwSignal<String>,
}

impl Session {
    /// A run that begins with the events that came inside the document, and goes on from them. It is
    /// there as long as the page.
    pub fn start(first_events: Vec<PrimeEvent>) -> Self {
        let request = StreamRequest::default();
        let mut log = PrimeLog::new(request.from.clone());
        for event in first_events {
            log.accept(event);
        }
        let run = Run {
            log: StoredValue::new_local(log),
            request: RwSignal::new(request),
            slice_end: StoredValue::new(0),
            is_frame_due: StoredValue::new(false),
            frame: RwSignal::new(0),
            number: RwSignal::new(0),
            state: RwSignal::new(State::Paused),
            why: RwSignal::new(String::new()),
        };
        let stream = StoredValue::new_local(LiveStream::open(run));
        Self { run, stream }
    }

    /// Where the connection stands.
    pub fn state(self) -> ReadSignal<State> {
        self.run.state.read_only()
    }

    /// Why there is no connection, in words; empty when there is nothing to tell.
    pub fn why(self) -> ReadSignal<String> {
        self.run.why.read_only()
    }

    /// What is streamed.
    pub fn request(self) -> ReadSignal<StreamRequest> {
        self.run.request.read_only()
    }

    /// Which run of this page it is; it changes when the primes begin anew.
    pub fn run(self) -> ReadSignal<u64> {
        self.run.number.read_only()
    }

    /// Reads the primes seen so far, and reads them again after each animation frame in which new
    /// ones arrived, however many they were.
    pub fn with_log<T>(self, read: impl FnOnce(&PrimeLog) -> T) -> T {
        self.run.frame.track();
        self.run.log.with_value(read)
    }

    /// Begins anew at `from`, with `count` primes.
    pub fn restart(self, from: Number, count: u64) {
        self.run.log.set_value(PrimeLog::new(from.clone()));
        self.run.request.update(|request| {
            request.from = from;
            request.count = count;
        });
        self.run.number.update(|number| *number += 1);
        self.run.frame.update(|frame| *frame += 1);
        self.handle(Input::Open);
    }

    /// Changes the time between two primes, of those to come.
    pub fn set_interval(self, interval: Duration) {
        self.run
            .request
            .update(|request| request.interval = interval);
        if self.run.state.get_untracked().is_running() {
            self.handle(Input::Open);
        }
    }

    /// Stops until [`Session::go_on`].
    pub fn pause(self) {
        self.handle(Input::Pause);
    }

    /// Goes on after a pause, and after the last prime with as many again as a run has.
    pub fn go_on(self) {
        if self.run.state.get_untracked() == State::Done {
            self.run.request.update(|request| {
                request.count = request.count.saturating_add(DEFAULT_COUNT);
            });
        }
        self.handle(Input::Open);
    }

    fn handle(self, input: Input) {
        self.stream.with_value(|stream| stream.handle(input));
    }
}

impl Reader for Run {
    fn kind(&self) -> &'static str {
        "message"
    }

    fn url(&self) -> String {
        let last_id = self.log.with_value(PrimeLog::last_id);
        self.request.with_untracked(|request| {
            self.slice_end.set_value(request.slice_end(last_id));
            request.url(last_id)
        })
    }

    fn receive(&self, stream: &LiveStream, data: &str) -> Input {
        let Some(event) = json::read::<PrimeEvent>(data) else {
            return Input::Lost;
        };
        let (arrival, last_id) = self
            .log
            .try_update_value(|log| (log.accept(event), log.last_id()))
            .unwrap_or((Arrival::AfterHole, 0));
        match arrival {
            Arrival::AfterHole => return Input::Lost,
            Arrival::Known => {}
            Arrival::Next => self.show_soon(),
        }
        if last_id >= self.request.with_untracked(|request| request.count) {
            return Input::Completed;
        }
        if self.slice_end.get_value() == last_id {
            stream.connect_soon();
        }
        Input::Received
    }

    fn interval(&self) -> Duration {
        self.request.with_untracked(|request| request.interval)
    }

    fn show(&self, state: State) {
        self.state.set(state);
    }

    fn tell(&self, why: String) {
        self.why.set(why);
    }
}

impl Run {
    /// Has the page show what the log holds, in the next frame: thousands of events a second cost
    /// no more drawing than sixty.
    fn show_soon(self) {
        if self.is_frame_due.get_value() {
            return;
        }
        self.is_frame_due.set_value(true);
        request_animation_frame(move || {
            self.is_frame_due.set_value(false);
            self.frame.update(|frame| *frame += 1);
        });
    }
}
