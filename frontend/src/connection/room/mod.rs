//! The connection of the page to its room: drives the same state machine as the streams of primes, with
//! the browser's WebSocket or an event stream, timers and events, and fills the store.

mod address;
mod decode;
mod kept;
mod local_day;
mod messages;
mod post;
mod socket;
mod stream;
mod travel;
mod watch;
mod way;
mod why;

use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{request_animation_frame, window};
use roomcast_shared::position::Position;

pub use address::RoomAddress;
pub use kept::{has_name as has_kept_name, keep_name, name as kept_name};
pub use local_day::local_day_now;

use super::liveness::Liveness;
use super::{Action, Connection, Input, State, json};
use crate::dom::{after, is_in_sight, listen};
use crate::store::room::incoming::{Incoming, Message};
use crate::store::room::{Effect, Room};
use local_day::local_day;
use socket::Socket;
use stream::Stream;
use way::Way;

/// A tab that is not looked at shows changes so late, in milliseconds: only its title is to be seen.
const HIDDEN_FRAME_MILLISECONDS: i32 = 200;

/// What is said of messages for which there will be no connection.
const NOT_SENT: &str = "Not sent: the connection has ended.";

/// Who shows a room.
pub trait View {
    /// Shows what has changed.
    fn show(&self);
    /// Somebody has just said something.
    fn hear(&self, message: &Message);
    /// Something has happened that people who do not look at the page are to be told.
    fn tell(&self, words: &str);
}

/// How the connection is, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The first try.
    Connecting,
    /// Messages come and go.
    Live,
    /// It was lost; the next try is now, or in so many seconds.
    Reconnecting(u64),
    /// The browser says that there is no network.
    Offline,
    /// It ended for good.
    Ended,
}

/// The page's connection to its room. Copies of it are the same one. It lives as long as the page.
#[derive(Clone)]
pub struct RoomSession(Rc<Inner>);

struct Inner {
    address: RoomAddress,
    room: RefCell<Room>,
    driver: RefCell<Driver>,
}

/// What stands behind the room.
struct Driver {
    connection: Connection,
    way: Way,
    /// It carries messages, unless there is a stream: then it is on its way to replace that.
    socket: Option<Socket>,
    stream: Option<Stream>,
    /// The name with which the stream was opened.
    stream_name: String,
    /// Names the newest handshake.
    attempt: String,
    /// When the connection was welcomed, and when something last came over it; since 1970.
    welcomed_at: Duration,
    heard_at: Duration,
    /// The timer of the next try of a WebSocket beside the stream.
    probe: Option<i32>,
    /// Messages in a row that did not get through by POST.
    post_failures: u32,
    why: Reasons,
    view: Option<Rc<dyn View>>,
    retry: Option<i32>,
    /// When the next try has its time, in milliseconds since 1970.
    retry_at: f64,
    /// A server has answered as a room on this connection.
    is_welcome: bool,
    liveness: Liveness,
    /// The timer of the next look at it.
    look: Option<i32>,
    is_frame_due: bool,
    is_loading: bool,
    /// When the server was last told that the person is writing, in milliseconds since 1970.
    typed_at: f64,
    /// How far the person has read, as it is kept.
    read_up_to: Option<Position>,
    /// Counts the messages that were sent.
    sent: u64,
}

/// Why something is not as it should be, in sentences for people; empty if nothing is known.
#[derive(Debug, Default)]
struct Reasons {
    /// Why there is no connection.
    lost: String,
    /// Why there is no WebSocket.
    blocked: String,
    /// Why messages do not get through, although the room can be read.
    read_only: String,
}

impl RoomSession {
    /// A connection that is not open yet.
    pub fn new(address: RoomAddress) -> Self {
        let mut room = Room::new(kept::read_up_to(address.segment()));
        kept::restore_outbox(address.segment(), &mut room);
        Self(Rc::new(Inner {
            address,
            room: RefCell::new(room),
            driver: RefCell::new(Driver {
                connection: Connection::default(),
                way: Way::default(),
                socket: None,
                stream: None,
                stream_name: String::new(),
                attempt: String::new(),
                welcomed_at: Duration::ZERO,
                heard_at: Duration::ZERO,
                probe: None,
                post_failures: 0,
                why: Reasons::default(),
                view: None,
                retry: None,
                retry_at: 0.0,
                is_welcome: false,
                liveness: Liveness::default(),
                look: None,
                is_frame_due: false,
                is_loading: false,
                typed_at: 0.0,
                read_up_to: None,
                sent: 0,
            }),
        }))
    }

    /// Opens it, and from now on `view` shows what comes.
    pub fn open(&self, view: Rc<dyn View>) {
        self.0.driver.borrow_mut().view = Some(view);
        for kind in ["online", "offline", "visibilitychange", "storage"] {
            let session = self.clone();
            listen(&window(), kind, Box::new(move |_| session.notice(kind)));
        }
        self.handle(Input::Open);
    }

    /// The network or the page has gone, or is back; or another tab has kept something.
    fn notice(&self, kind: &str) {
        match kind {
            "online" => {
                self.0.driver.borrow_mut().way.network_changed();
                self.wake();
                self.probe();
            }
            "offline" => self.handle(Input::Lost),
            "storage" => {
                self.adopt_name();
                self.read_elsewhere();
            }
            _ if is_in_sight() => self.wake(),
            _ => {
                self.0.room.borrow_mut().unread.look(false);
                // A frame that is due is not drawn before the page is in sight again.
                self.0.driver.borrow_mut().is_frame_due = false;
            }
        }
        self.show();
    }

    /// Comes back if the connection is lost, and looks whether it is if it seems not to be.
    fn wake(&self) {
        self.handle(Input::Wake);
        self.watch(true);
    }

    /// The room.
    pub fn room(&self) -> Ref<'_, Room> {
        self.0.room.borrow()
    }

    /// Its address.
    pub fn address(&self) -> &RoomAddress {
        &self.0.address
    }

    /// How the connection is.
    pub fn status(&self) -> Status {
        let driver = self.0.driver.borrow();
        match driver.connection.state() {
            State::Live => Status::Live,
            State::Paused | State::Refused | State::Done => Status::Ended,
            _ if !window().navigator().on_line() => Status::Offline,
            State::Connecting => Status::Connecting,
            State::Reconnecting => Status::Reconnecting(0),
            State::Waiting => Status::Reconnecting(seconds_until(driver.retry_at)),
        }
    }

    /// Why there is no connection, in sentences for people; empty if nothing is known.
    pub fn why_lost(&self) -> String {
        self.0.driver.borrow().why.lost.clone()
    }

    /// Why messages come over an event stream, and not over a WebSocket. `None` if they do not.
    pub fn why_over_stream(&self) -> Option<String> {
        let driver = self.0.driver.borrow();
        let is_live = driver.connection.state() == State::Live;
        (is_live && driver.stream.is_some()).then(|| driver.why.blocked.clone())
    }

    /// Why messages do not get through, although the room can be read; empty if they do.
    pub fn why_read_only(&self) -> String {
        let driver = self.0.driver.borrow();
        if driver.stream.is_some() {
            driver.why.read_only.clone()
        } else {
            String::new()
        }
    }

    /// Shows what has changed, in the next frame: a thousand messages cost no more drawing than one.
    pub fn show(&self) {
        if std::mem::replace(&mut self.0.driver.borrow_mut().is_frame_due, true) {
            return;
        }
        let session = self.clone();
        let frame = move || {
            let view = {
                let mut driver = session.0.driver.borrow_mut();
                driver.is_frame_due = false;
                driver.view.clone()
            };
            if let Some(view) = view {
                view.show();
            }
        };
        if is_in_sight() {
            request_animation_frame(frame);
        } else {
            after(HIDDEN_FRAME_MILLISECONDS, Box::new(frame));
        }
    }

    fn handle(&self, input: Input) {
        let action = {
            let mut driver = self.0.driver.borrow_mut();
            driver.connection.handle(input, js_sys::Math::random())
        };
        match action {
            Action::None => {}
            Action::Close => self.close(),
            Action::Open => self.open_connection(),
            Action::OpenAfter(wait) => {
                self.close();
                self.retry_in(wait);
            }
        }
        self.show();
    }

    fn retry_in(&self, wait: Duration) {
        let session = self.clone();
        let milliseconds = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        let retry = after(
            milliseconds,
            Box::new(move || {
                session.0.driver.borrow_mut().retry = None;
                session.handle(Input::RetryDue);
            }),
        );
        let mut driver = self.0.driver.borrow_mut();
        driver.retry = Some(retry);
        driver.retry_at = js_sys::Date::now() + f64::from(milliseconds);
        drop(driver);
        self.count_down();
    }

    /// Shows the seconds until the next try.
    fn count_down(&self) {
        let session = self.clone();
        let tick = move || {
            if let Status::Reconnecting(1..) = session.status() {
                session.show();
                session.count_down();
            }
        };
        after(1_000, Box::new(tick));
    }

    fn receive(&self, text: &str) {
        self.heard();
        self.handle(Input::Received);
        // What is not understood is left out; should an event be missing for it, the next one shows.
        let Some(incoming) = decode::server_message(json::parse(text), local_day) else {
            return;
        };
        self.take_in(incoming);
    }

    /// Takes in what came from the server, over whichever way.
    fn take_in(&self, incoming: Incoming) {
        let is_welcome = matches!(incoming, Incoming::Welcome(_));
        if is_welcome {
            self.welcomed();
        }
        let effect = self.0.room.borrow_mut().receive(incoming);
        if is_welcome {
            // They may have taken another name while the connection was being opened.
            self.adopt_name();
        }
        match effect {
            Effect::Show => self.show(),
            Effect::Heard => self.announce(),
            Effect::Send => self.send_next(),
            Effect::SendIn(milliseconds) => {
                let session = self.clone();
                let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
                after(milliseconds, Box::new(move || session.send_next()));
            }
            Effect::Resume => self.handle(Input::Lost),
        }
    }

    fn announce(&self) {
        let view = self.0.driver.borrow().view.clone();
        let room = self.0.room.borrow();
        if let (Some(view), Some(message)) = (view, room.transcript.messages().back()) {
            view.hear(message);
        }
    }

    fn end(&self, why: &str) {
        why.clone_into(&mut self.0.driver.borrow_mut().why.lost);
        self.handle(Input::Pause);
        // What was to be sent is not on its way any more.
        self.send_next();
    }

    fn is_ended(&self) -> bool {
        !self.0.driver.borrow().connection.state().is_running()
    }
}

/// The seconds until a moment in milliseconds since 1970, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a wait is at most half a minute, and not negative here"
)]
fn seconds_until(moment: f64) -> u64 {
    let seconds = (moment - js_sys::Date::now()) / 1_000.0;
    seconds.max(0.0) as u64 + 1
}
