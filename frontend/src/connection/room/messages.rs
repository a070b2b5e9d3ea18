//! What the person does in the room: says, types, takes a name, reads, and goes back in history.

use roomcast_shared::client_message::ClientMessage;

use super::decode::history_page;
use super::{NOT_SENT, RoomSession, kept, local_day};
use crate::connection::Input;
use crate::connection::fetch::get;
use crate::dom::after;
use crate::store::room::transcript::MAX_MESSAGES;

/// A message that is not answered in this time was said into a connection that is dead, whatever the
/// browser thinks of it. In milliseconds.
const ANSWER_MILLISECONDS: i32 = 10_000;

/// The server is told again that the person is writing after this time: half of
/// [`TYPING_LEASE`](roomcast_shared::limits::TYPING_LEASE), in milliseconds.
const TYPING_MILLISECONDS: f64 = 3_000.0;

/// Characters of a nonce: 36^20 of them are more than there will ever be messages.
const NONCE_CHARS: usize = 20;

impl RoomSession {
    /// Says something: it is shown at once, and sent as soon as there is a connection.
    pub fn say(&self, text: &str) {
        {
            let mut room = self.0.room.borrow_mut();
            room.outbox.push(nonce(), text.to_owned());
            room.unread.answered();
        }
        self.0.driver.borrow_mut().typed_at = 0.0;
        self.send_next();
    }

    /// Tries again to send a message that was refused; over a new connection, if the last one has ended.
    pub fn retry(&self, number: u64) {
        self.0.room.borrow_mut().outbox.retry(number);
        if self.is_ended() {
            self.handle(Input::Open);
        }
        self.send_next();
    }

    /// Takes a message that was refused back, to be written anew.
    pub fn take_back(&self, number: u64) -> Option<String> {
        let text = self.0.room.borrow_mut().outbox.take_back(number);
        self.send_next();
        text
    }

    /// Returns what the person was writing when the page was left.
    pub fn kept_draft(&self) -> String {
        kept::draft(self.0.address.segment())
    }

    /// Stores what the person is writing, for this tab.
    pub fn keep_draft(&self, text: &str) {
        kept::keep_draft(self.0.address.segment(), text);
    }

    /// The person is writing.
    pub fn type_on(&self) {
        let now = js_sys::Date::now();
        let mut driver = self.0.driver.borrow_mut();
        if now - driver.typed_at < TYPING_MILLISECONDS || !self.0.room.borrow().is_caught_up() {
            return;
        }
        driver.typed_at = now;
        if let Some(socket) = driver.active_socket() {
            socket.send(&ClientMessage::Typing);
        } else {
            self.post_typing();
        }
    }

    /// The person takes a name that is valid.
    pub fn rename(&self, name: &str) {
        kept::keep_name(name);
        self.0.room.borrow_mut().advice.clear();
        self.send_name(name.to_owned());
    }

    /// Goes by the name that is kept: taken in another tab, or before the server was listening.
    pub(super) fn adopt_name(&self) {
        let name = kept::name();
        let is_other = {
            let room = self.0.room.borrow();
            room.me.as_ref().is_some_and(|me| me.name != name)
        };
        if is_other && !name.is_empty() {
            self.send_name(name);
        }
    }

    fn send_name(&self, name: String) {
        let driver = self.0.driver.borrow();
        if !driver.is_welcome {
            return;
        }
        if let Some(socket) = driver.active_socket() {
            socket.send(&ClientMessage::Rename { name });
        } else if driver.stream_name != name {
            // A stream is opened by a name, and goes on where the last one was.
            drop(driver);
            self.open_stream();
        }
    }

    /// The person looks at the end of the room, or no longer.
    pub fn look(&self, is_looking: bool) {
        let mut room = self.0.room.borrow_mut();
        room.unread.look(is_looking);
        let position = room.transcript.position();
        let mut driver = self.0.driver.borrow_mut();
        if is_looking
            && driver.read_up_to != position
            && room.is_caught_up()
            && let Some(position) = position
        {
            driver.read_up_to = Some(position);
            kept::keep_read_up_to(self.0.address.segment(), position);
        }
    }

    /// Takes note of how far the person has read in another tab.
    pub(super) fn read_elsewhere(&self) {
        if let Some(position) = kept::read_up_to(self.0.address.segment()) {
            self.0.room.borrow_mut().read_elsewhere(position);
        }
    }

    /// Loads a page of older messages, unless there are none or one is on its way.
    pub fn load_older(&self) {
        let room = self.0.room.borrow();
        let Some(before) = room.transcript.oldest() else {
            return;
        };
        if !room.is_caught_up()
            || std::mem::replace(&mut self.0.driver.borrow_mut().is_loading, true)
        {
            return;
        }
        let session = self.clone();
        get(
            &self.0.address.history(before),
            Box::new(move |answer| {
                session.0.driver.borrow_mut().is_loading = false;
                let page = history_page(answer.json, local_day);
                let mut room = session.0.room.borrow_mut();
                // Without an answer, the next scroll asks again.
                if page.is_some_and(|page| room.transcript.prepend(before, page)) {
                    drop(room);
                    session.show();
                }
            }),
        );
    }

    /// Lets go of the oldest messages where there are too many, for a person who is at the newest ones.
    pub fn forget_oldest(&self) {
        let mut room = self.0.room.borrow_mut();
        room.transcript.trim(MAX_MESSAGES);
    }

    /// Sends the next message of the outbox, if it is its turn, and keeps the rest for a reload. Where
    /// there will be no connection, all of them have failed. Of a failure people are told here.
    pub(super) fn send_next(&self) {
        let is_ended = self.is_ended();
        let mut room = self.0.room.borrow_mut();
        if is_ended {
            room.outbox.give_up(NOT_SENT);
        }
        let (mut is_sent, mut posted) = (false, None);
        if room.is_caught_up()
            && let Some(unsent) = room.outbox.send_next()
        {
            if let Some(socket) = self.0.driver.borrow().active_socket() {
                socket.send(&kept::say(unsent));
                is_sent = true;
            } else {
                posted = Some((unsent.nonce.clone(), unsent.text.clone()));
            }
        }
        kept::keep_outbox(self.0.address.segment(), &room);
        let failure = room.outbox.take_failure();
        drop(room);
        let view = self.0.driver.borrow().view.clone();
        if let (Some(view), Some(failure)) = (view, failure) {
            view.tell(&failure);
        }
        if is_sent {
            self.expect_answer();
        }
        if let Some((nonce, text)) = posted {
            self.post(&nonce, &text);
        }
        self.show();
    }

    /// Looks later whether the message that was sent just now is still unanswered. One that was sent
    /// again meanwhile, over the next connection, has its own time.
    fn expect_answer(&self) {
        let sent = {
            let mut driver = self.0.driver.borrow_mut();
            driver.sent += 1;
            driver.sent
        };
        let session = self.clone();
        let check = move || {
            let is_newest = session.0.driver.borrow().sent == sent;
            if is_newest && session.room().outbox.is_in_flight() {
                session.handle(Input::Lost);
            }
        };
        after(ANSWER_MILLISECONDS, Box::new(check));
    }
}

/// A new random token.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number from 0 to below 36"
)]
pub(super) fn nonce() -> String {
    (0..NONCE_CHARS)
        .map(|_| {
            let digit = (js_sys::Math::random() * 36.0) as u32;
            char::from_digit(digit, 36).unwrap_or('0')
        })
        .collect()
}
