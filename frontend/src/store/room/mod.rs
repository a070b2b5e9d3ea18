//! A room as the page knows it: what was said and is being said, by whom, and what is unread.

pub mod column;
pub mod day;
pub mod draft;
pub mod estimate;
pub mod excerpt;
#[cfg(test)]
pub mod fixture;
pub mod incoming;
pub mod mention;
pub mod outbox;
pub mod timeline;
pub mod transcript;
pub mod unread;

use roomcast_shared::limits::MAX_TEXT_CHARS;
use roomcast_shared::person::PersonId;
use roomcast_shared::position::Position;
use roomcast_shared::server_message::GapReason;

use incoming::{Incoming, Message, People, Person, Refusal, Welcome};
use mention::{Fold, mentions};
use outbox::Outbox;
use timeline::KeyedRow;
use transcript::{Arrival, MAX_MESSAGES_EVER, Transcript};
use unread::Unread;

/// The state of the page of a room.
#[derive(Debug, Default)]
pub struct Room {
    /// What was said.
    pub transcript: Transcript,
    /// What is on its way.
    pub outbox: Outbox,
    /// What nobody has seen.
    pub unread: Unread,
    /// The room's canonical name; empty before the first connection.
    pub name: String,
    /// Who the person at this page is; nobody before the first connection.
    pub me: Option<Person>,
    /// Who is here.
    pub people: People,
    /// How many characters a text may have, as far as is known.
    pub max_text_chars: usize,
    typing: Vec<PersonId>,
    read_up_to: Option<Position>,
    /// How far they have read in another tab meanwhile.
    read_elsewhere: Option<Position>,
    is_caught_up: bool,
    /// Some connection has sent all history: what comes from now on is news.
    has_history: bool,
    /// What the person is to be told: the newest refusal that is about no message.
    pub advice: String,
}

/// What an arrival asks of whoever drives the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing but to show it.
    Show,
    /// Somebody said something just now: to be announced.
    Heard,
    /// The connection can take messages: send what is to be sent.
    Send,
    /// Send again in so many milliseconds: it was too fast.
    SendIn(u64),
    /// Something is missing that nobody announced: connect anew, after the highest position.
    Resume,
}

impl Room {
    /// A room that the person has read up to a position, if they have been there before.
    pub fn new(read_up_to: Option<Position>) -> Self {
        Self {
            read_up_to,
            max_text_chars: MAX_TEXT_CHARS,
            ..Self::default()
        }
    }

    /// Takes in what came from the server.
    pub fn receive(&mut self, incoming: Incoming) -> Effect {
        match incoming {
            Incoming::Welcome(welcome) => self.welcome(welcome),
            Incoming::Message(message) => return self.hear(message),
            Incoming::Said { nonce, position } => {
                self.outbox.said(&nonce, position.offset);
                self.settle();
                return Effect::Send;
            }
            Incoming::CaughtUp => {
                self.is_caught_up = true;
                self.has_history = true;
                if let Some(position) = self.transcript.position() {
                    self.unread.caught_up(position.offset);
                }
                return Effect::Send;
            }
            Incoming::Presence(people) => self.meet(people),
            Incoming::Typing(people) => self.typing = people,
            Incoming::Gap(gap) => {
                self.transcript.miss(gap);
                if gap.reason != GapReason::Expired {
                    self.unread.reset();
                }
            }
            Incoming::Refused(refusal) => return self.refuse(refusal),
            Incoming::Unknown {
                position: Some(position),
            } => {
                if self.transcript.advance(position) == Arrival::AfterHole {
                    return Effect::Resume;
                }
            }
            Incoming::Unknown { position: None } => {}
        }
        Effect::Show
    }

    /// The person has read everything up to a position in another tab, which may know it sooner than this
    /// one.
    pub fn read_elsewhere(&mut self, position: Position) {
        self.read_elsewhere = Some(position);
        let newest_first = self.transcript.messages().iter().rev();
        let (count, first) = newest_first
            .take_while(|message| !self.is_read_elsewhere(message))
            .filter(|message| !self.is_mine(message))
            .fold((0, None), |(count, _), message| {
                (count + 1, Some(message.position.offset))
            });
        self.unread.read_elsewhere(count, first);
    }

    fn is_read_elsewhere(&self, message: &Message) -> bool {
        self.read_elsewhere.is_some_and(|read| {
            read.epoch == message.position.epoch && read.offset >= message.position.offset
        })
    }

    /// The connection is gone.
    pub fn lose_connection(&mut self) {
        self.is_caught_up = false;
        self.typing.clear();
        self.outbox.lose_connection();
    }

    /// Whether this connection has sent all history, and takes messages.
    pub fn is_caught_up(&self) -> bool {
        self.is_caught_up
    }

    /// The rows of the page, top to bottom.
    pub fn rows(&self) -> Vec<KeyedRow> {
        let me = self.me.as_ref().map(|me| me.id);
        timeline::rows(&self.transcript, &self.outbox, self.unread.line(), me)
    }

    /// Whether a message is by the person at this page.
    pub fn is_mine(&self, message: &Message) -> bool {
        self.me
            .as_ref()
            .is_some_and(|me| me.id == message.person.id)
    }

    /// Returns `true` if a message of another person speaks to the person at this page by name.
    pub fn is_mention(&self, message: &Message, fold: Fold) -> bool {
        let Some(me) = self.me.as_ref().filter(|me| me.id != message.person.id) else {
            return false;
        };
        let listed = self.people.listed.iter();
        let present = listed.map(|present| present.person.name.as_str());
        mentions(&message.text, &me.name, present, fold)
    }

    /// Who is writing, in a sentence; empty when nobody else is.
    pub fn typing_sentence(&self) -> String {
        let others: Vec<_> = self
            .typing
            .iter()
            .filter(|id| self.me.as_ref().is_none_or(|me| me.id != **id))
            .map(|id| self.name_of(*id))
            .collect();
        let mut sentence = String::new();
        match others.as_slice() {
            [] => return sentence,
            [one] => sentence.push_str(one),
            [one, two] => {
                sentence.push_str(one);
                sentence.push_str(" and ");
                sentence.push_str(two);
            }
            _ => sentence.push_str("Several people"),
        }
        sentence.push_str(if others.len() == 1 {
            " is typing…"
        } else {
            " are typing…"
        });
        sentence
    }

    fn name_of(&self, id: PersonId) -> &str {
        let mut listed = self.people.listed.iter();
        listed
            .find(|present| present.person.id == id)
            .map_or("Somebody", |present| &present.person.name)
    }

    fn welcome(&mut self, welcome: Welcome) {
        self.is_caught_up = false;
        self.name = welcome.room;
        let read = self.read_up_to.take();
        if let Some(read) = read.filter(|read| read.epoch == welcome.position.epoch) {
            self.unread.resume_after(read.offset);
        }
        self.transcript.begin(welcome.position);
        self.me = Some(welcome.you);
        self.max_text_chars = welcome.max_text_chars;
        self.meet(welcome.people);
    }

    fn meet(&mut self, people: People) {
        if let Some(me) = &mut self.me
            && let Some(present) = people.listed.iter().find(|other| other.person.id == me.id)
        {
            me.name.clone_from(&present.person.name);
        }
        self.people = people;
    }

    fn hear(&mut self, message: Message) -> Effect {
        let (offset, is_mine) = (message.position.offset, self.is_mine(&message));
        let is_read = self.is_read_elsewhere(&message);
        if is_mine {
            self.outbox.arrived(&message.text, offset);
        }
        match self.transcript.accept(message) {
            Arrival::AfterHole => return Effect::Resume,
            Arrival::Known => return Effect::Show,
            Arrival::Next => {}
        }
        self.settle();
        self.transcript.trim(MAX_MESSAGES_EVER);
        // What was there before the person came is not news. What came while the connection was lost is,
        // unless they have read it in another tab.
        if !self.has_history || is_mine || is_read {
            return Effect::Show;
        }
        self.unread.arrived(offset);
        Effect::Heard
    }

    fn refuse(&mut self, refusal: Refusal) -> Effect {
        let Some(nonce) = refusal.nonce else {
            self.advice = refusal.detail;
            return Effect::Show;
        };
        let again = refusal.retry_after.is_some();
        self.outbox.refused(&nonce, refusal.detail, again);
        refusal.retry_after.map_or(Effect::Send, Effect::SendIn)
    }

    /// Lets go of what was confirmed and has arrived.
    fn settle(&mut self) {
        if let Some(position) = self.transcript.position() {
            self.outbox.reached(position.offset);
        }
    }
}

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
