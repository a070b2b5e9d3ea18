//! Opens and closes what carries messages, and hears how it is.

use leptos::leptos_dom::helpers::window;

use super::socket::{self, Socket};
use super::stream::{self, Stream};
use super::way::{End, Transport};
use super::{Driver, Reasons, RoomSession, kept};
use crate::connection::Input;
use crate::dom::{after, milliseconds, now, url_part};

/// Close codes after which coming back would end in the same (docs/protocol.md).
const FINAL_CLOSE_CODES: [u16; 5] = [1002, 1003, 1007, 1008, 1009];

/// The close code of a connection that broke without a word (RFC 6455, section 7.1.5).
const BROKEN: u16 = 1006;

impl Driver {
    /// The WebSocket, if it carries messages.
    pub(super) fn active_socket(&self) -> Option<&Socket> {
        let socket = self.socket.as_ref();
        socket.filter(|_| self.stream.is_none())
    }

    /// How the connection ends that was open until now.
    fn ending(&self) -> End {
        let now = now();
        End {
            life: now.saturating_sub(self.welcomed_at),
            quiet: now.saturating_sub(self.heard_at),
        }
    }
}

impl RoomSession {
    /// Closes what is open, and opens what comes next.
    pub(super) fn open_connection(&self) {
        self.close();
        let transport = self.0.driver.borrow().way.transport();
        match transport {
            Transport::WebSocket => self.open_socket(),
            Transport::EventStream => self.open_stream(),
        }
    }

    /// Closes what is open.
    pub(super) fn close(&self) {
        let (socket, stream, timers) = {
            let mut driver = self.0.driver.borrow_mut();
            driver.is_welcome = false;
            let timers = [driver.retry.take(), driver.probe.take()];
            (driver.socket.take(), driver.stream.take(), timers)
        };
        drop((socket, stream));
        self.end_watch();
        for timer in timers.into_iter().flatten() {
            window().clear_timeout_with_handle(timer);
        }
        self.0.room.borrow_mut().lose_connection();
    }

    /// Opens a WebSocket; beside the event stream, if there is one.
    fn open_socket(&self) {
        let attempt = super::messages::nonce();
        let position = self.0.room.borrow().transcript.position();
        let name = url_part(&kept::name());
        let path = self.0.address.socket(position, &name, &attempt);
        self.0.driver.borrow_mut().attempt = attempt;
        let session = self.clone();
        let Some(socket) = Socket::open(&path, Box::new(move |sign| session.hear_socket(sign)))
        else {
            return self.socket_failed();
        };
        let is_alone = {
            let mut driver = self.0.driver.borrow_mut();
            driver.socket = Some(socket);
            driver.stream.is_none()
        };
        if is_alone {
            self.begin_watch();
            self.give_head_start();
        }
    }

    /// Opens an event stream in the place of the one that there is; beside a WebSocket that is on its way.
    pub(super) fn open_stream(&self) {
        let path = self.stream_path();
        let session = self.clone();
        let stream = Stream::open(&path, move |sign| session.hear_stream(sign));
        let is_open = stream.is_some();
        let earlier = {
            let mut driver = self.0.driver.borrow_mut();
            driver.stream_name = kept::name();
            driver.is_welcome = false;
            std::mem::replace(&mut driver.stream, stream)
        };
        drop(earlier);
        if is_open {
            self.begin_watch();
        } else {
            self.handle(Input::Lost);
        }
    }

    /// The path of the event stream that goes on where the page is.
    pub(super) fn stream_path(&self) -> String {
        let position = self.0.room.borrow().transcript.position();
        let heartbeat = self.0.driver.borrow().way.heartbeat();
        let name = url_part(&kept::name());
        self.0.address.events(position, &name, heartbeat)
    }

    fn hear_socket(&self, sign: socket::Sign) {
        match sign {
            socket::Sign::Opened => {
                if self.0.driver.borrow().stream.is_none() {
                    self.handle(Input::Opened);
                }
            }
            socket::Sign::Message(text) => {
                self.leave_stream();
                self.receive(&text);
            }
            socket::Sign::Closed(code) if FINAL_CLOSE_CODES.contains(&code) => {
                self.end("The server has ended this connection for good: reload the page.");
            }
            socket::Sign::Closed(code) => self.socket_closed(code),
        }
    }

    /// The WebSocket works: the event stream has done its part. What both have brought is shown once.
    fn leave_stream(&self) {
        let (stream, probe) = {
            let mut driver = self.0.driver.borrow_mut();
            if driver.stream.is_none() {
                return;
            }
            (driver.stream.take(), driver.probe.take())
        };
        drop(stream);
        if let Some(probe) = probe {
            window().clear_timeout_with_handle(probe);
        }
        self.0.driver.borrow_mut().is_welcome = false;
        self.handle(Input::Opened);
    }

    fn socket_closed(&self, code: u16) {
        let (is_hopeless, was_welcome) = {
            let mut driver = self.0.driver.borrow_mut();
            let was_active = driver.is_welcome && driver.stream.is_none();
            let end = driver.ending();
            let is_cut = was_active && code == BROKEN;
            (is_cut && driver.way.socket_cut(end), was_active)
        };
        if !was_welcome {
            return self.socket_failed();
        }
        self.handle(Input::Lost);
        if is_hopeless {
            self.ask_why();
            self.handle(Input::Wake);
        }
    }

    /// No WebSocket was opened.
    fn socket_failed(&self) {
        let is_beside_stream = {
            let mut driver = self.0.driver.borrow_mut();
            driver.socket = None;
            driver.stream.is_some()
        };
        if is_beside_stream {
            self.plan_probe();
        } else {
            self.handle(Input::Lost);
        }
        self.ask_why();
    }

    fn hear_stream(&self, sign: stream::Sign) {
        match sign {
            stream::Sign::Opened => self.handle(Input::Opened),
            stream::Sign::Event(data) => self.receive(&data),
            stream::Sign::Broken => {
                let was_welcome = {
                    let mut driver = self.0.driver.borrow_mut();
                    let end = driver.ending();
                    if driver.is_welcome {
                        driver.way.stream_cut(end);
                    } else {
                        driver.way.stream_is_blocked();
                    }
                    driver.is_welcome
                };
                self.handle(Input::Lost);
                if !was_welcome {
                    self.ask_why_no_stream();
                }
            }
        }
    }

    /// The server has said who the person is: this connection is the one of a room.
    pub(super) fn welcomed(&self) {
        let is_over_stream = {
            let mut driver = self.0.driver.borrow_mut();
            driver.is_welcome = true;
            driver.welcomed_at = now();
            let is_over_stream = driver.stream.is_some();
            driver.why.lost.clear();
            if !is_over_stream {
                driver.way.socket_opened();
                driver.why = Reasons::default();
            }
            is_over_stream
        };
        self.0.room.borrow_mut().advice.clear();
        // The next look was to come when opening would have taken too long.
        self.watch(false);
        if is_over_stream {
            self.plan_probe();
        }
    }

    /// Tries a WebSocket beside the event stream, when it is time to.
    fn plan_probe(&self) {
        let wait = {
            let mut driver = self.0.driver.borrow_mut();
            if driver.probe.is_some() || driver.socket.is_some() {
                return;
            }
            driver.way.next_probe(js_sys::Math::random())
        };
        let session = self.clone();
        let probe = move || {
            session.0.driver.borrow_mut().probe = None;
            session.probe();
        };
        let probe = after(milliseconds(wait), Box::new(probe));
        self.0.driver.borrow_mut().probe = Some(probe);
    }

    /// Tries a WebSocket beside the event stream, if that is what there is.
    pub(super) fn probe(&self) {
        let is_wanted = {
            let driver = self.0.driver.borrow();
            driver.is_welcome && driver.stream.is_some() && driver.socket.is_none()
        };
        if is_wanted {
            self.open_socket();
        }
    }
}
