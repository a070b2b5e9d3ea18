//! A home in memory, which forgets everything when the server stops.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;

use super::followers::Followers;
use super::{
    Appended, Bounds, Choose, Digest, Entry, EventLog, Follower, IdempotencyKey, Keep, LogError,
    NewEntry, Outcome, ReadLimit, StoredRoom,
};
use crate::clock::{AgeClock, Clock, SystemClock};
use crate::defaults;

/// Logs in memory.
#[derive(Debug)]
pub struct MemoryLog {
    epoch: Epoch,
    ages: AgeClock,
    max_rooms: usize,
    rooms: Mutex<BTreeMap<RoomName, MemoryRoom>>,
    followers: Followers,
}

#[derive(Debug, Default)]
struct MemoryRoom {
    entries: VecDeque<StoredEntry>,
    /// The offset of the newest entry, also when it has been deleted.
    head: u64,
    keys: HashMap<String, KeyUse>,
}

#[derive(Debug)]
struct StoredEntry {
    entry: Entry,
    /// When it was appended, by the log's clock.
    stored_at: u64,
}

#[derive(Clone, Copy, Debug)]
struct KeyUse {
    offset: u64,
    digest: Digest,
    /// When it was used, by the log's clock.
    used_at: u64,
}

impl MemoryLog {
    /// An empty store of at most `max_rooms` rooms.
    pub fn new(epoch: Epoch, max_rooms: usize) -> Self {
        Self::with_clock(
            epoch,
            max_rooms,
            Arc::new(SystemClock),
            defaults::CLOCK_STEADY_TIME,
        )
    }

    /// An empty store whose ages are measured by `clock`; a jump of its wall clock counts once the
    /// clock has been steady for `steady_time`.
    pub fn with_clock(
        epoch: Epoch,
        max_rooms: usize,
        clock: Arc<dyn Clock>,
        steady_time: Duration,
    ) -> Self {
        Self {
            epoch,
            ages: AgeClock::new(clock, steady_time, None),
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
        let now = self.ages.now();
        let appended = entries
            .into_iter()
            .map(|entry| room.append(entry, now))
            .collect();
        let new = room.entries.range(before..);
        let new: Vec<Entry> = new.map(|stored| stored.entry.clone()).collect();
        // Still under the lock, so that followers hear of entries in their order.
        self.followers.committed(name, &new);
        Ok(appended)
    }
}

impl MemoryRoom {
    fn append(&mut self, entry: NewEntry, now: u64) -> Appended {
        if let Some(IdempotencyKey { key, digest }) = &entry.key
            && let Some(known) = self.keys.get(key)
        {
            return Appended {
                offset: known.offset,
                outcome: Outcome::of_known_key(Some(known.digest), *digest),
            };
        }
        self.head += 1;
        let offset = self.head;
        self.entries.push_back(StoredEntry {
            entry: Entry {
                offset,
                time: entry.time,
                payload: entry.payload,
            },
            stored_at: now,
        });
        if let Some(IdempotencyKey { key, digest }) = entry.key {
            let used = KeyUse {
                offset,
                digest,
                used_at: now,
            };
            self.keys.insert(key, used);
        }
        Appended {
            offset,
            outcome: Outcome::New,
        }
    }

    fn bounds(&self) -> Bounds {
        let oldest = self.entries.front();
        Bounds {
            oldest: oldest.map_or(self.head + 1, |oldest| oldest.entry.offset),
            head: self.head,
        }
    }

    fn read_after(&self, offset: u64, limit: ReadLimit) -> Vec<Entry> {
        let is_read = |stored: &StoredEntry| stored.entry.offset <= offset;
        let first = self.entries.partition_point(is_read);
        let entries = self.entries.range(first..);
        let entries = entries.map(|stored| stored.entry.clone());
        let Ok(entries) = limit.take(entries.map(Ok::<_, Infallible>));
        entries
    }

    fn expire(&mut self, keep: Keep, cutoff: u64, max_entries: u64) -> u64 {
        let mut expired = 0;
        while expired < max_entries
            && let Some(oldest) = self.entries.front()
            && (self.entries.len() as u64 > keep.max_entries || oldest.stored_at < cutoff)
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
                    last_time: room.entries.back()?.entry.time,
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
        let cutoff = self.ages.cutoff(keep.max_age);
        ready(Ok(
            room.map_or(0, |room| room.expire(keep, cutoff, max_entries))
        ))
        .boxed()
    }

    fn expire_keys(
        &self,
        max_age: Duration,
        max_keys: u64,
    ) -> BoxFuture<'_, Result<u64, LogError>> {
        let cutoff = self.ages.cutoff(max_age);
        let mut expired = 0;
        for room in self.rooms().values_mut() {
            room.keys.retain(|_, key| {
                let keep = key.used_at >= cutoff || expired >= max_keys;
                expired += u64::from(!keep);
                keep
            });
        }
        ready(Ok(expired)).boxed()
    }

    fn observe_clock(&self) -> BoxFuture<'_, Result<(), LogError>> {
        self.ages.observe();
        ready(Ok(())).boxed()
    }

    fn health(&self) -> BoxFuture<'_, Result<(), LogError>> {
        ready(Ok(())).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }
}
