//! One run of primes on the page: drives the state machine with the browser's `EventSource`,
//! timers and events, and fills the log.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::select;
use gloo_net::eventsource::futures::EventSource;
use leptos::leptos_dom::helpers::{
    TimeoutHandle, document, request_animation_frame, set_timeout_with_handle,
    window_event_listener_untyped,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use roomcast_shared::prime::{Number, PrimeEvent};
use web_sys::{MessageEvent, VisibilityState};

use super::stream_request::{DEFAULT_COUNT, StreamRequest};
use super::{Action, Connection, Input, State};
use crate::store::PrimeLog;
use crate::store::prime_log::Arrival;

/// A run of primes. Copies of it are the same run.
#[derive(Clone, Copy)]
pub struct Session {
    log: StoredValue<PrimeLog, LocalStorage>,
    driver: StoredValue<Driver, LocalStorage>,
    request: RwSignal<StreamRequest>,
    state: RwSignal<State>,
    frame: RwSignal<u64>,
    run: RwSignal<u64>,
}

/// What stands behind the state.
struct Driver {
    connection: Connection,
    source: Option<EventSource>,
    /// Counts the sources that were opened: what an older one still says does not count.
    generation: u64,
    /// The id of the last event that the open source brings.
    slice_end: u64,
    retry: Option<TimeoutHandle>,
    is_frame_due: bool,
}

impl Session {
    /// A run that begins with the events that came inside the document, and goes on from them.
    ///
    /// It ends with the component that it was made in.
    pub fn start(first_events: Vec<PrimeEvent>) -> Self {
        let request = StreamRequest::default();
        let mut log = PrimeLog::new(request.from.clone());
        for event in first_events {
            log.accept(event);
        }
        let session = Self {
            log: StoredValue::new_local(log),
            driver: StoredValue::new_local(Driver {
                connection: Connection::new(),
                source: None,
                generation: 0,
                slice_end: 0,
                retry: None,
                is_frame_due: false,
            }),
            request: RwSignal::new(request),
            state: RwSignal::new(State::Paused),
            frame: RwSignal::new(0),
            run: RwSignal::new(0),
        };
        session.listen();
        session.handle(Input::Open);
        session
    }

    /// Where the connection stands.
    pub fn state(self) -> ReadSignal<State> {
        self.state.read_only()
    }

    /// What is streamed.
    pub fn request(self) -> ReadSignal<StreamRequest> {
        self.request.read_only()
    }

    /// Which run of this page it is; it changes when the primes begin anew.
    pub fn run(self) -> ReadSignal<u64> {
        self.run.read_only()
    }

    /// Reads the primes seen so far, and reads them again after each animation frame in which new
    /// ones arrived, however many they were.
    pub fn with_log<T>(self, read: impl FnOnce(&PrimeLog) -> T) -> T {
        self.frame.track();
        self.log.with_value(read)
    }

    /// Begins anew at `from`, with `count` primes.
    pub fn restart(self, from: Number, count: u64) {
        self.log.set_value(PrimeLog::new(from.clone()));
        self.request.update(|request| {
            request.from = from;
            request.count = count;
        });
        self.run.update(|run| *run += 1);
        self.frame.update(|frame| *frame += 1);
        self.handle(Input::Open);
    }

    /// Changes the time between two primes, of those to come.
    pub fn set_interval(self, interval: Duration) {
        self.request.update(|request| request.interval = interval);
        if self.state.get_untracked().is_running() {
            self.handle(Input::Open);
        }
    }

    /// Stops until [`Session::go_on`].
    pub fn pause(self) {
        self.handle(Input::Pause);
    }

    /// Goes on after a pause, and after the last prime with as many again as a run has.
    pub fn go_on(self) {
        if self.state.get_untracked() == State::Done {
            self.request.update(|request| {
                request.count = request.count.saturating_add(DEFAULT_COUNT);
            });
        }
        self.handle(Input::Open);
    }

    /// Listens for the moments at which a try is worth making at once.
    fn listen(self) {
        let online = window_event_listener_untyped("online", move |_| self.handle(Input::Wake));
        // It bubbles from the document.
        let visible = window_event_listener_untyped("visibilitychange", move |_| {
            if document().visibility_state() == VisibilityState::Visible {
                self.handle(Input::Wake);
            }
        });
        on_cleanup(move || {
            online.remove();
            visible.remove();
            self.handle(Input::Pause);
        });
    }

    fn handle(self, input: Input) {
        let decided = self.driver.try_update_value(|driver| {
            let action = driver.connection.handle(input, js_sys::Math::random());
            (action, driver.connection.state())
        });
        let Some((action, state)) = decided else {
            return;
        };
        if self.state.try_get_untracked() != Some(state) {
            self.state.try_set(state);
        }
        match action {
            Action::None => {}
            Action::Close => self.close(),
            Action::Open => self.open(),
            Action::OpenAfter(wait) => {
                self.close();
                let due = move || self.handle(Input::RetryDue);
                let retry = set_timeout_with_handle(due, wait).ok();
                self.driver.update_value(|driver| driver.retry = retry);
            }
        }
    }

    fn close(self) {
        let left = self.driver.try_update_value(|driver| {
            driver.generation += 1;
            (driver.source.take(), driver.retry.take())
        });
        // The source says goodbye to its listeners while it is dropped: not inside the update.
        if let Some((source, retry)) = left {
            drop(source);
            if let Some(retry) = retry {
                retry.clear();
            }
        }
    }

    fn open(self) {
        self.close();
        let last_id = self.log.with_value(PrimeLog::last_id);
        let (url, slice_end) = self
            .request
            .with_untracked(|request| (request.url(last_id), request.slice_end(last_id)));
        let Ok(mut source) = EventSource::new(&url) else {
            return self.handle(Input::Lost);
        };
        let (Ok(opened), Ok(messages), Ok(errors)) = (
            source.subscribe("open"),
            source.subscribe("message"),
            source.subscribe("error"),
        ) else {
            return self.handle(Input::Lost);
        };
        let Some(generation) = self.driver.try_update_value(|driver| {
            driver.source = Some(source);
            driver.slice_end = slice_end;
            driver.generation
        }) else {
            return;
        };
        spawn_local(async move {
            let mut signs = select(select(opened, errors), messages);
            while let Some(sign) = signs.next().await {
                let current = self.driver.try_with_value(|driver| driver.generation);
                if current != Some(generation) {
                    break;
                }
                match sign {
                    Ok((kind, _)) if kind == "open" => self.handle(Input::Opened),
                    Ok((kind, event)) if kind == "message" => self.receive(&event),
                    // The browser would try again by itself, but all at the same time after a
                    // server's restart, and without saying so.
                    Ok(_) | Err(_) => self.handle(Input::Lost),
                }
            }
        });
    }

    fn receive(self, event: &MessageEvent) {
        let Some(event) = event
            .data()
            .as_string()
            .and_then(|data| serde_json::from_str::<PrimeEvent>(&data).ok())
        else {
            return self.handle(Input::Lost);
        };
        let Some((arrival, last_id)) = self
            .log
            .try_update_value(|log| (log.accept(event), log.last_id()))
        else {
            return;
        };
        match arrival {
            Arrival::AfterHole => return self.handle(Input::Lost),
            Arrival::Known => {}
            Arrival::Next => self.show(),
        }
        if last_id >= self.request.with_untracked(|request| request.count) {
            return self.handle(Input::Completed);
        }
        self.handle(Input::Received);
        if self.driver.try_with_value(|driver| driver.slice_end) == Some(last_id) {
            self.open_next_slice();
        }
    }

    /// Opens the stream of the next events, after the browser had a moment for everything else.
    fn open_next_slice(self) {
        self.close();
        let next = set_timeout_with_handle(move || self.open(), Duration::ZERO).ok();
        self.driver.try_update_value(|driver| driver.retry = next);
    }

    /// Has the page show what the log holds, in the next frame: thousands of events a second cost
    /// no more drawing than sixty.
    fn show(self) {
        let is_new = self
            .driver
            .try_update_value(|driver| !std::mem::replace(&mut driver.is_frame_due, true));
        if is_new != Some(true) {
            return;
        }
        request_animation_frame(move || {
            self.driver
                .try_update_value(|driver| driver.is_frame_due = false);
            self.frame.try_update(|frame| *frame += 1);
        });
    }
}
