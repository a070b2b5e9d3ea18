//! The rooms that somebody is in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use roomcast_shared::event_stream;
use roomcast_shared::limits::MAX_LISTED_ROOMS;
use roomcast_shared::lobby::{Lobby, LobbyRoom};
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;
use tokio::sync::watch;

use super::publish::CountedWith;
use super::rate_limit::RateLimit;
use super::{Room, lock, new_room};
use crate::event_log::{EventLog, Follower, LogError};

/// What rooms may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomLimits {
    /// Rooms that somebody is in, or was in until a moment ago and may come back to.
    pub max_rooms: usize,
    /// Connections in one room.
    pub max_members: usize,
    /// Messages that one person may publish in a second, in the long run.
    pub messages_per_second: u32,
    /// Messages that one person may publish at once.
    pub message_burst: u32,
    /// As many times that may be published from one address.
    pub people_per_address: u32,
    /// Characters in the text of a message.
    pub max_text_chars: usize,
    /// Memory for the newest events of one room, in bytes.
    pub tail_bytes: usize,
}

/// Every room of a server.
#[derive(Debug)]
pub struct Rooms {
    pub(super) log: Arc<dyn EventLog>,
    open: Mutex<HashMap<RoomName, Weak<Room>>>,
    limits: RoomLimits,
    pub(super) rates: RateLimit<CountedWith>,
    pub(super) address_rates: RateLimit<IpAddr>,
    lobby: watch::Sender<u64>,
    /// The list as an event, with the number of the change that it is newer than.
    lobby_event: tokio::sync::Mutex<Option<(u64, Bytes)>>,
}

impl Rooms {
    /// Rooms whose events are kept in `log`.
    pub fn new(log: Arc<dyn EventLog>, limits: RoomLimits) -> Self {
        Self {
            log,
            open: Mutex::default(),
            rates: RateLimit::new(limits.messages_per_second, limits.message_burst),
            address_rates: RateLimit::new(
                limits
                    .messages_per_second
                    .saturating_mul(limits.people_per_address),
                limits
                    .message_burst
                    .saturating_mul(limits.people_per_address),
            ),
            limits,
            lobby: watch::Sender::new(0),
            lobby_event: tokio::sync::Mutex::default(),
        }
    }

    /// How many characters a text may have.
    pub fn max_text_chars(&self) -> usize {
        self.limits.max_text_chars
    }

    /// The birth of the store.
    pub fn epoch(&self) -> Epoch {
        self.log.epoch()
    }

    /// Where the events are.
    pub fn log(&self) -> &dyn EventLog {
        &*self.log
    }

    /// The room of this name, which comes into being if it must. It stays while it is held.
    ///
    /// # Errors
    /// [`LogError::TooManyRooms`], or what keeps the log from being read.
    pub async fn open(&self, name: &RoomName) -> Result<Arc<Room>, LogError> {
        let room = self.find_or_make(name)?;
        room.prime().await?;
        Ok(room)
    }

    /// The room of this name, if somebody is in it.
    pub fn find(&self, name: &RoomName) -> Option<Arc<Room>> {
        lock(&self.open).get(name).and_then(Weak::upgrade)
    }

    /// Moves whenever the lobby changes.
    pub fn watch_lobby(&self) -> watch::Receiver<u64> {
        self.lobby.subscribe()
    }

    /// Says that the list of rooms is another one.
    pub fn lobby_changed(&self) {
        self.lobby.send_modify(|version| *version += 1);
    }

    /// The list of rooms: those with the most people first, then those with the newest message.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn lobby(&self) -> Result<Lobby, LogError> {
        let stored = self.log.recent_rooms(MAX_LISTED_ROOMS).await?;
        let mut rooms: HashMap<RoomName, LobbyRoom> = stored
            .into_iter()
            .map(|room| {
                let listed = LobbyRoom {
                    name: room.name.clone(),
                    people: 0,
                    last_message: Some(room.last_time),
                };
                (room.name, listed)
            })
            .collect();
        let open: Vec<_> = lock(&self.open).values().cloned().collect();
        for room in open.iter().filter_map(Weak::upgrade) {
            let people = room.people_count();
            match rooms.get_mut(room.name()) {
                Some(listed) => listed.people = people,
                None if people > 0 => {
                    let listed = LobbyRoom {
                        name: room.name().clone(),
                        people,
                        last_message: room.last_message_time(),
                    };
                    rooms.insert(listed.name.clone(), listed);
                }
                None => {}
            }
        }
        let mut rooms: Vec<_> = rooms.into_values().collect();
        rooms.sort_by(|a, b| {
            let key = |room: &LobbyRoom| (room.people, room.last_message);
            key(b).cmp(&key(a)).then_with(|| a.name.cmp(&b.name))
        });
        rooms.truncate(MAX_LISTED_ROOMS);
        Ok(Lobby { rooms })
    }

    /// The list of rooms as a server-sent event, no older than the change `version`; made once
    /// for everybody.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn lobby_event(&self, version: u64) -> Result<Bytes, LogError> {
        let mut latest = self.lobby_event.lock().await;
        if let Some((_, event)) = latest.as_ref().filter(|(made_at, _)| *made_at >= version) {
            return Ok(event.clone());
        }
        let made_at = *self.lobby.borrow();
        let json = serde_json::to_string(&self.lobby().await?)
            .map_err(|error| LogError::Failed(error.to_string()))?;
        let mut event = String::new();
        event_stream::encode_event(&mut event, None, Some("lobby"), &json)
            .map_err(|error| LogError::Failed(error.to_string()))?;
        let event = Bytes::from(event);
        *latest = Some((made_at, event.clone()));
        Ok(event)
    }

    fn find_or_make(&self, name: &RoomName) -> Result<Arc<Room>, LogError> {
        let mut open = lock(&self.open);
        if let Some(room) = open.get(name).and_then(Weak::upgrade) {
            return Ok(room);
        }
        if open.len() >= self.limits.max_rooms {
            open.retain(|_, room| room.strong_count() > 0);
        }
        if open.len() >= self.limits.max_rooms {
            return Err(LogError::TooManyRooms {
                max: self.limits.max_rooms,
            });
        }
        let room = Arc::new(new_room(
            name.clone(),
            self.log.clone(),
            &self.limits,
            self.lobby.clone(),
        ));
        let follower = Arc::downgrade(&room);
        open.insert(name.clone(), follower.clone());
        // Before anybody finds the room and reads the log, so that no event falls between.
        self.log.follow(name, follower as Weak<dyn Follower>);
        Ok(room)
    }
}

impl Room {
    /// The time of the newest message in memory, in milliseconds since 1970.
    fn last_message_time(&self) -> Option<u64> {
        let head = self.bell.signal().head;
        let page = self.recent_page(head.checked_sub(1)?)?;
        page.entries().last().map(|entry| entry.time)
    }
}
