//! What is on the screen, without the screen.

use jiff::tz::TimeZone;
use roomcast_client::room::{HistoryPage, Unsent, Update};
use roomcast_shared::person::{Person, PersonId};
use roomcast_shared::position::Position;
use roomcast_shared::server_message::{Gap, GapReason, MessageEvent, People};

use super::editor::Editor;
use crate::chat::delay_sentence;

/// How many messages are kept in memory; older ones are fetched again when they are scrolled to.
const MAX_ENTRIES: usize = 5_000;

/// Everything that the view shows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) room: String,
    pub(super) zone: TimeZone,
    pub(super) you: Option<Person>,
    pub(super) entries: Vec<Entry>,
    pub(super) older: Older,
    pub(super) people: People,
    pub(super) typing: Vec<PersonId>,
    pub(super) connection: Connection,
    /// Said and not yet known to be kept.
    pub(super) unsent: Vec<Unsent>,
    /// Before this message stands the mark of what is new.
    pub(super) unread: Option<Position>,
    /// How many lines the newest line is below the window; 0 follows what comes.
    pub(super) scroll: usize,
    /// The program's last word to the person, until the next key.
    pub(super) notice: Option<String>,
    pub(super) editor: Editor,
    pub(super) is_focused: bool,
}

/// Something in the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Message(MessageEvent),
    /// Something is missing here.
    Gap(String),
    /// A message of ours that the server will not take.
    NotSent {
        unsent: Unsent,
        detail: String,
    },
}

/// What is before the first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Older {
    /// Not known before the first message.
    Unknown,
    /// Perhaps more, before this position.
    Before(Position),
    /// It is being fetched.
    Loading(Position),
    /// Nothing.
    Nothing,
}

/// The state of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    Connecting,
    Connected,
    /// Lost; the program comes back by itself.
    Lost(String),
}

impl State {
    pub(super) fn new(room: String, zone: TimeZone) -> Self {
        Self {
            room,
            zone,
            you: None,
            entries: Vec::new(),
            older: Older::Unknown,
            people: People::default(),
            typing: Vec::new(),
            connection: Connection::Connecting,
            unsent: Vec::new(),
            unread: None,
            scroll: 0,
            notice: None,
            editor: Editor::default(),
            is_focused: true,
        }
    }

    /// Takes what the server told.
    pub(super) fn update(&mut self, update: Update) {
        match update {
            Update::Welcome(welcome) => {
                self.connection = Connection::Connected;
                self.room = welcome.room.to_string();
                self.you = Some(welcome.you);
                self.people = welcome.people;
                self.typing.clear();
            }
            Update::Message(message) => self.message(message),
            Update::Gap(gap) => self.entries.push(Entry::Gap(gap_sentence(&gap))),
            Update::Hole { after, before } => {
                let missing = before.offset - after.offset - 1;
                self.entries
                    .push(Entry::Gap(format!("{missing} messages did not arrive")));
            }
            Update::CaughtUp(_) | Update::Said { .. } => {}
            Update::People(people) => self.people = people,
            Update::RenamedElsewhere { before, now } => {
                self.notice = Some(format!(
                    "You are now called {now} (renamed elsewhere; /name {before} changes it back)"
                ));
            }
            Update::Typing(people) => self.typing = people,
            Update::NotSaid { unsent, detail } => {
                self.entries.push(Entry::NotSent { unsent, detail });
            }
            Update::Delayed(refusal) => {
                self.notice = Some(delay_sentence(refusal.code).to_owned());
            }
            Update::Refused(refusal) => self.notice = Some(refusal.detail),
        }
    }

    fn message(&mut self, message: MessageEvent) {
        let is_own = self
            .you
            .as_ref()
            .is_some_and(|you| you.id == message.person.id);
        if self.older == Older::Unknown {
            // Offset 0 stands before a room's first event.
            self.older = if message.position.offset <= 1 {
                Older::Nothing
            } else {
                Older::Before(message.position)
            };
        }
        let is_seen = self.scroll == 0 && self.is_focused;
        if !is_own && !is_seen && self.unread.is_none() {
            self.unread = Some(message.position);
        }
        self.entries.push(Entry::Message(message));
        if self.entries.len() > MAX_ENTRIES && self.scroll == 0 {
            self.forget_oldest();
        }
    }

    /// Takes a page of older messages.
    pub(super) fn prepend(&mut self, page: HistoryPage) {
        let first = self.entries.iter().find_map(|entry| match entry {
            Entry::Message(message) => Some(message.position),
            _ => None,
        });
        let mut older: Vec<_> = page
            .messages
            .into_iter()
            .filter(|message| first.is_none_or(|first| is_before(message.position, first)))
            .map(Entry::Message)
            .collect();
        if let Some(gap) = page.gap {
            older.push(Entry::Gap(gap_sentence(&gap)));
        }
        self.older = page.older.map_or(Older::Nothing, Older::Before);
        self.entries.splice(0..0, older);
    }

    /// How many messages came since the mark.
    pub(super) fn unread_count(&self) -> usize {
        let Some(unread) = self.unread else { return 0 };
        let messages = self.entries.iter().rev().filter_map(|entry| match entry {
            Entry::Message(message) => Some(message.position),
            _ => None,
        });
        let new = messages.take_while(|position| !is_before(*position, unread));
        new.count()
    }

    /// The names of those who are writing, without our own.
    pub(super) fn typing_names(&self) -> Vec<&str> {
        let you = self.you.as_ref().map(|you| you.id);
        self.typing
            .iter()
            .filter(|id| Some(**id) != you)
            .filter_map(|id| {
                let person = self.people.listed.iter().find(|person| person.id == *id)?;
                Some(person.name.as_str())
            })
            .collect()
    }

    fn forget_oldest(&mut self) {
        self.entries.drain(..self.entries.len() - MAX_ENTRIES);
        if let Some(first) = self.entries.iter().find_map(|entry| match entry {
            Entry::Message(message) => Some(message.position),
            _ => None,
        }) {
            self.older = Older::Before(first);
        }
    }
}

/// Whether a message stands before another one of the same epoch.
fn is_before(a: Position, b: Position) -> bool {
    a.epoch == b.epoch && a.offset < b.offset
}

fn gap_sentence(gap: &Gap) -> String {
    match gap.reason {
        GapReason::Expired => "older messages were deleted".to_owned(),
        GapReason::UnknownPosition | GapReason::StoreReplaced => {
            "the room began anew: what was above is gone from the server".to_owned()
        }
    }
}
