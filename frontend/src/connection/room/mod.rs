//! The connection of the page to its room: drives the same state machine as the streams of primes, with
//! the browser's WebSocket, timers and events, and fills the store.

mod address;
mod decode;
mod fetch;
mod kept;
mod messages;
mod socket;

use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{request_animation_frame, window};
use roomcast_shared::position::Position;
use wasm_bindgen::JsValue;

pub use address::RoomAddress;
pub use kept::name as kept_name;

use super::{Action, Connection, Input, State, json};
use crate::dom::{after, is_in_sight, listen, url_part};
use crate::store::room::incoming::{Incoming, Message};
use crate::store::room::{Effect, Room};
use socket::{Sign, Socket};

/// A tab that is not looked at shows changes so late, in milliseconds: only its title is to be seen.
const HIDDEN_FRAME_MILLISECONDS: i32 = 200;

/// Close codes after which coming back would end in the same (docs/protocol.md).
const FINAL_CLOSE_CODES: [u16; 5] = [1002, 1003, 1007, 1008, 1009];

/// Who shows a room.
pub trait View {
    /// Shows what has changed.
    fn show(&self);
    /// Somebody has just said something.
    fn hear(&self, message: &Message);
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
    socket: Option<Socket>,
    view: Option<Rc<dyn View>>,
    retry: Option<i32>,
    /// When the next try has its time, in milliseconds since 1970.
    retry_at: f64,
    /// A server has answered as a room on this connection.
    is_welcome: bool,
    is_frame_due: bool,
    is_loading: bool,
    /// When the server was last told that the person is writing, in milliseconds since 1970.
    typed_at: f64,
    /// How far the person has read, as it is kept.
    read_up_to: Option<Position>,
    /// Counts the messages that were sent.
    sent: u64,
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
                socket: None,
                view: None,
                retry: None,
                retry_at: 0.0,
                is_welcome: false,
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
        for kind in ["online", "offline", "visibilitychange"] {
            let session = self.clone();
            listen(&window(), kind, Box::new(move |_| session.notice(kind)));
        }
        self.handle(Input::Open);
    }

    /// The network or the page has gone, or is back.
    fn notice(&self, kind: &str) {
        match kind {
            "online" => self.handle(Input::Wake),
            "offline" => self.handle(Input::Lost),
            _ if is_in_sight() => self.handle(Input::Wake),
            _ => {
                self.0.room.borrow_mut().unread.look(false);
                // A frame that is due is not drawn before the page is in sight again.
                self.0.driver.borrow_mut().is_frame_due = false;
            }
        }
        self.show();
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
            State::Paused | State::Done => Status::Ended,
            _ if !window().navigator().on_line() => Status::Offline,
            State::Connecting => Status::Connecting,
            State::Reconnecting => Status::Reconnecting(0),
            State::Waiting => Status::Reconnecting(seconds_until(driver.retry_at)),
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
            Action::Open => self.open_socket(),
            Action::OpenAfter(wait) => {
                self.close();
                self.retry_in(wait);
            }
        }
        self.show();
    }

    /// Closes what is open.
    fn close(&self) {
        let (socket, retry) = {
            let mut driver = self.0.driver.borrow_mut();
            driver.is_welcome = false;
            (driver.socket.take(), driver.retry.take())
        };
        drop(socket);
        if let Some(retry) = retry {
            window().clear_timeout_with_handle(retry);
        }
        self.0.room.borrow_mut().lose_connection();
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

    fn open_socket(&self) {
        self.close();
        let position = self.0.room.borrow().transcript.position();
        let path = self.0.address.socket(position, &url_part(&kept::name()));
        let session = self.clone();
        match Socket::open(&path, move |sign| session.take(sign)) {
            Some(socket) => self.0.driver.borrow_mut().socket = Some(socket),
            None => self.handle(Input::Lost),
        }
    }

    fn take(&self, sign: Sign) {
        match sign {
            Sign::Opened => self.handle(Input::Opened),
            Sign::Message(text) => self.receive(&text),
            Sign::Closed(code) if FINAL_CLOSE_CODES.contains(&code) => {
                self.end("The server has ended this connection for good: reload the page.");
            }
            Sign::Closed(_) => {
                let was_welcome = self.0.driver.borrow().is_welcome;
                self.handle(Input::Lost);
                if !was_welcome {
                    self.ask_what_is_wrong();
                }
            }
        }
    }

    fn receive(&self, text: &str) {
        self.handle(Input::Received);
        // What is not understood is left out; should an event be missing for it, the next one shows.
        let Some(incoming) = decode::server_message(json::parse(text), local_day) else {
            return;
        };
        let effect = {
            let mut room = self.0.room.borrow_mut();
            if matches!(incoming, Incoming::Welcome(_)) {
                self.0.driver.borrow_mut().is_welcome = true;
                room.advice.clear();
            }
            room.receive(incoming)
        };
        match effect {
            Effect::Show => {}
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

    /// A browser does not say why a WebSocket was refused. A plain request tells: when the server
    /// refuses that as well, for instance because the name is none of a room, trying again is in vain.
    fn ask_what_is_wrong(&self) {
        let session = self.clone();
        fetch::get(
            &self.0.address.check(),
            Box::new(move |status, json| {
                if (400..500).contains(&status) && status != 429 {
                    session.end(&decode::problem(json));
                }
            }),
        );
    }

    fn end(&self, advice: &str) {
        advice.clone_into(&mut self.0.room.borrow_mut().advice);
        self.handle(Input::Pause);
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

/// Today, where the page is read, in days since 1970.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since 1970 are whole, positive, and far below 2^53"
)]
pub fn local_day_now() -> i64 {
    local_day(js_sys::Date::now() as u64)
}

/// The day of a moment where the page is read, in days since 1970.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "both are whole numbers far below 2^53"
)]
fn local_day(milliseconds: u64) -> i64 {
    let moment = js_sys::Date::new(&JsValue::from_f64(milliseconds as f64));
    let minutes_behind = moment.get_timezone_offset() as i64;
    (milliseconds as i64 - minutes_behind * 60_000).div_euclid(86_400_000)
}
