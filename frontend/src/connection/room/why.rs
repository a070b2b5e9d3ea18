//! Why no WebSocket opens, and what to do about it.

use std::time::Duration;

use serde::Deserialize;

use super::RoomSession;
use super::way::Transport;
use crate::connection::fetch::{self, Answer};
use crate::connection::reason::SENDING_IS_BLOCKED;
use crate::connection::refusal::{Refusal, Why, why};
use crate::connection::{Input, State};
use crate::dom::after;

/// How long a WebSocket has alone. If there is no welcome then, an event stream is opened beside it.
const HEAD_START_MILLISECONDS: i32 = 2_000;

/// How long the server may take to say what came of a handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of a handshake, as the server has seen it.
#[derive(Default, Deserialize)]
struct Report {
    handshake: String,
}

impl RoomSession {
    /// Looks soon whether the WebSocket that is being opened is open.
    pub(super) fn give_head_start(&self) {
        let session = self.clone();
        let attempt = self.0.driver.borrow().attempt.clone();
        let look = move || {
            let is_late = {
                let driver = session.0.driver.borrow();
                driver.attempt == attempt && driver.socket.is_some() && !driver.is_welcome
            };
            if is_late {
                session.ask_why();
            }
        };
        after(HEAD_START_MILLISECONDS, Box::new(look));
    }

    /// A browser does not say why a WebSocket was refused, so the server is asked. The request goes the same
    /// way, and says as a handshake does which origin the page is of.
    pub(super) fn ask_why(&self) {
        let path = self.0.address.report(&self.0.driver.borrow().attempt);
        let session = self.clone();
        fetch::post(
            &path,
            None,
            PATIENCE,
            Box::new(move |answer| session.hear_why(answer)),
        );
    }

    fn hear_why(&self, answer: Answer) {
        let (state, is_done) = {
            let driver = self.0.driver.borrow();
            let is_done = driver.is_welcome && driver.stream.is_none();
            (driver.connection.state(), is_done)
        };
        // Meanwhile a WebSocket was opened, or nobody wants one any more.
        if is_done || !state.is_running() {
            return;
        }
        let report = Report::deserialize(answer.json.clone()).unwrap_or_default();
        let why = why(answer.status, answer.json);
        if why.is_explained && matches!(answer.status, 200 | 403) {
            // The room can be read. Without an origin that the server knows, nothing can be sent.
            let is_certain = report.handshake != "unseen";
            let read_only = if answer.status == 403 {
                why.words.clone()
            } else {
                String::new()
            };
            self.do_without_socket(state, is_certain, why.words, &read_only);
            return;
        }
        if self.0.driver.borrow().stream.is_some() {
            return;
        }
        if !why.is_explained {
            return self.ask_for_stream(answer.status, answer.retry_after, why.words);
        }
        self.wait_and_say(answer.status, answer.retry_after, why);
    }

    /// The request that asks why was answered by something else than the server, or not at all. Where only what pages
    /// send is blocked, an event stream opens all the same, and the room can be read.
    fn ask_for_stream(&self, status: u16, retry_after: Option<u64>, words: String) {
        if status == 0 {
            // The next answer may take as long as this one.
            self.say_why(words.clone());
        }
        let session = self.clone();
        let act = move |answer: Answer| {
            let (state, is_done) = {
                let driver = session.0.driver.borrow();
                let is_done = driver.is_welcome || driver.stream.is_some();
                (driver.connection.state(), is_done)
            };
            if is_done || !state.is_running() {
                return;
            }
            if answer.is_event_stream {
                // A server that has just started answers the second request, and a gateway the first one.
                let is_certain = matches!(status, 300..=499 | 501);
                session.do_without_socket(state, is_certain, SENDING_IS_BLOCKED.to_owned(), &words);
                return;
            }
            let of_stream = why(answer.status, answer.json);
            if answer.status == 0 && status != 0 {
                let of_post = Why {
                    words,
                    is_explained: false,
                };
                session.wait_and_say(status, retry_after, of_post);
            } else {
                session.wait_and_say(answer.status, answer.retry_after, of_stream);
            }
        };
        fetch::refusal(&self.stream_path(), Box::new(act));
    }

    /// Shows why there is no connection, and waits for as long as the answer asks for.
    fn wait_and_say(&self, status: u16, retry_after: Option<u64>, why: Why) {
        match Refusal::of(status, retry_after, why.is_explained) {
            Some(Refusal::ForGood) => return self.end(&why.words),
            Some(Refusal::ForNow(Some(wait))) => self.handle(Input::RefusedFor(wait)),
            Some(Refusal::ForNow(None)) | None => {}
        }
        self.say_why(why.words);
    }

    /// Opens an event stream in the place of the WebSocket, which may still be on its way.
    /// `read_only` says why nothing can be sent; empty if it can.
    fn do_without_socket(&self, state: State, is_certain: bool, why: String, read_only: &str) {
        let (is_new, transport) = {
            let mut driver = self.0.driver.borrow_mut();
            // A handshake that takes long is no accident.
            let is_certain = is_certain || state != State::Waiting;
            driver.way.socket_is_blocked(is_certain);
            read_only.clone_into(&mut driver.why.read_only);
            driver.why.blocked = why;
            (driver.stream.is_none(), driver.way.transport())
        };
        self.show();
        if !is_new {
            return;
        }
        if state == State::Waiting {
            // With a WebSocket once more, if it may have been an accident.
            self.handle(Input::Wake);
        } else if transport == Transport::EventStream {
            self.open_stream();
        }
    }

    /// No event stream opens either: asks why.
    pub(super) fn ask_why_no_stream(&self) {
        let session = self.clone();
        let act = move |answer: Answer| {
            let is_lost = !session.0.driver.borrow().is_welcome;
            if answer.is_event_stream || !is_lost || session.is_ended() {
                return;
            }
            let why = why(answer.status, answer.json);
            session.wait_and_say(answer.status, answer.retry_after, why);
        };
        fetch::refusal(&self.stream_path(), Box::new(act));
    }

    /// Shows why there is no connection.
    fn say_why(&self, words: String) {
        self.0.driver.borrow_mut().why.lost = words;
        self.show();
    }
}
