//! A home in memory, which forgets everything when the server stops.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;

use super::followers::Followers;
use super::{
    Appended, Bounds, Choose, Entry, EventLog, Follower, Keep, LogError, NewEntry, ReadLimit,
    StoredRoom,
};

/// Logs in memory.
#[derive(Debug)]
pub struct MemoryLog {
    epoch: Epoch,
    max_rooms: usize,
    rooms: Mutex<BTreeMap<RoomName, MemoryRoom>>,
    followers: Followers,
}

#[derive(Debug, Default)]
struct MemoryRoom {
    entries: VecDeque<Entry>,
    /// The offset of the newest entry, also when it has been deleted.
    head: u64,
    keys: HashMap<String, KeyUse>,
}

#[derive(Clone, Copy, Debug)]
struct KeyUse {
    offset: u64,
    time: u64,
}

impl MemoryLog {
    /// An empty store of at most `max_rooms` rooms.
    pub fn new(epoch: Epoch, max_rooms: usize) -> Self {
        Self {
            epoch,
            max_rooms,
            rooms: Mutex::default(),
            followers: Followers::default(),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<RoomName, MemoryRoom>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_now(
        &self,
        name: &RoomName,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<Appended>, LogError> {
        let mut rooms = self.rooms();
        let has_entries = |room: &&MemoryRoom| !room.entries.is_empty();
        if !rooms.contains_key(name) && rooms.values().filter(has_entries).count() >= self.max_rooms
        {
            return Err(LogError::TooManyRooms {
                max: self.max_rooms,
            });
        }
        let room = rooms.entry(name.clone()).or_default();
        let before = room.entries.len();
        let appended = entries
            .into_iter()
            .map(|entry| room.append(entry))
            .collect();
        let new: Vec<Entry> = room.entries.range(before..).cloned().collect();
        // Still under the lock, so that followers hear of entries in their order.
        self.followers.committed(name, &new);
        Ok(appended)
    }
}

impl MemoryRoom {
    fn append(&mut self, entry: NewEntry) -> Appended {
        let known = entry.key.as_ref().and_then(|key| self.keys.get(key));
        if let Some(KeyUse { offset, .. }) = known {
            return Appended {
                offset: *offset,
                is_new: false,
            };
        }
        self.head += 1;
        let (offset, time) = (self.head, entry.time);
        self.entries.push_back(Entry {
            offset,
            time,
            payload: entry.payload,
        });
        if let Some(key) = entry.key {
            self.keys.insert(key, KeyUse { offset, time });
        }
        Appended {
            offset,
            is_new: true,
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            oldest: self.entries.front().map_or(self.head + 1, |e| e.offset),
            head: self.head,
        }
    }

    fn read_after(&self, offset: u64, limit: ReadLimit) -> Vec<Entry> {
        let first = self.entries.partition_point(|entry| entry.offset <= offset);
        let entries = self.entries.range(first..).cloned();
        let Ok(entries) = limit.take(entries.map(Ok::<_, Infallible>));
        entries
    }

    fn expire(&mut self, keep: Keep, max_entries: u64) -> u64 {
        let mut expired = 0;
        while expired < max_entries
            && let Some(oldest) = self.entries.front()
            && (self.entries.len() as u64 > keep.max_entries || oldest.time < keep.not_before)
        {
            self.entries.pop_front();
            expired += 1;
        }
        expired
    }
}

impl EventLog for MemoryLog {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn append<'a>(
        &'a self,
        room: &'a RoomName,
        entries: Vec<NewEntry>,
    ) -> BoxFuture<'a, Result<Vec<Appended>, LogError>> {
        async move { self.append_now(room, entries) }.boxed()
    }

    fn read_after<'a>(
        &'a self,
        room: &'a RoomName,
        offset: u64,
        limit: ReadLimit,
    ) -> BoxFuture<'a, Result<Vec<Entry>, LogError>> {
        let rooms = self.rooms();
        let room = rooms.get(room);
        let entries = room.map_or_else(Vec::new, |room| room.read_after(offset, limit));
        ready(Ok(entries)).boxed()
    }

    fn read_chosen<'a>(
        &'a self,
        room: &'a RoomName,
        choose: Choose,
    ) -> BoxFuture<'a, Result<(Bounds, Vec<Entry>), LogError>> {
        let rooms = self.rooms();
        let read = rooms.get(room).map_or_else(
            || (Bounds::EMPTY, Vec::new()),
            |room| {
                let (offset, limit) = choose(room.bounds());
                (room.bounds(), room.read_after(offset, limit))
            },
        );
        ready(Ok(read)).boxed()
    }

    fn bounds<'a>(&'a self, room: &'a RoomName) -> BoxFuture<'a, Result<Bounds, LogError>> {
        let rooms = self.rooms();
        let bounds = rooms.get(room).map_or(Bounds::EMPTY, MemoryRoom::bounds);
        ready(Ok(bounds)).boxed()
    }

    fn follow(&self, room: &RoomName, follower: Weak<dyn Follower>) {
        self.followers.add(room, follower);
    }

    fn recent_rooms(&self, max_rooms: usize) -> BoxFuture<'_, Result<Vec<StoredRoom>, LogError>> {
        let mut stored: Vec<_> = self
            .rooms()
            .iter()
            .filter_map(|(name, room)| {
                Some(StoredRoom {
                    name: name.clone(),
                    last_time: room.entries.back()?.time,
                })
            })
            .collect();
        stored.sort_by_key(|room| std::cmp::Reverse(room.last_time));
        stored.truncate(max_rooms);
        ready(Ok(stored)).boxed()
    }

    fn rooms_after<'a>(
        &'a self,
        after: Option<&'a RoomName>,
        max_rooms: usize,
    ) -> BoxFuture<'a, Result<Vec<RoomName>, LogError>> {
        let rooms = self.rooms();
        let names = rooms
            .iter()
            .filter(|(name, room)| !room.entries.is_empty() && Some(*name) > after)
            .map(|(name, _)| name.clone())
            .take(max_rooms)
            .collect();
        ready(Ok(names)).boxed()
    }

    fn expire<'a>(
        &'a self,
        room: &'a RoomName,
        keep: Keep,
        max_entries: u64,
    ) -> BoxFuture<'a, Result<u64, LogError>> {
        let mut rooms = self.rooms();
        let room = rooms.get_mut(room);
        ready(Ok(room.map_or(0, |room| room.expire(keep, max_entries)))).boxed()
    }

    fn expire_keys(&self, time: u64, max_keys: u64) -> BoxFuture<'_, Result<u64, LogError>> {
        let mut expired = 0;
        for room in self.rooms().values_mut() {
            room.keys.retain(|_, key| {
                let keep = key.time >= time || expired >= max_keys;
                expired += u64::from(!keep);
                keep
            });
        }
        ready(Ok(expired)).boxed()
    }
}
