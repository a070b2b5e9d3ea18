//! Appends that are committed together.

use std::collections::HashMap;

use roomcast_shared::room_name::RoomName;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use crate::event_log::sqlite::generation::Generation;
use crate::event_log::{Appended, Entry, IdempotencyKey, LogError, NewEntry, Outcome};

/// How many rooms the writer knows by heart when a group begins; more are looked up again.
const MAX_KNOWN_ROOMS: usize = 4_096;

/// What the writer, which is alone in changing them, knows of the rooms.
#[derive(Debug)]
pub(super) struct Rooms {
    max_count: usize,
    max_known: usize,
    /// Invariant: in the midst of a group it has every room of the group, as the table has not
    /// heard of all their entries yet.
    known: HashMap<RoomName, Room>,
}

#[derive(Clone, Copy, Debug)]
struct Room {
    id: i64,
    head: u64,
}

/// New entries by room, each in the order of their offsets.
pub(super) type NewEntries = HashMap<RoomName, Vec<Entry>>;

/// A transaction in the making. Dropped without a commit it has done nothing; `Rooms` must then
/// be made to forget.
pub(super) struct Group<'a> {
    transaction: Transaction<'a>,
    rooms: &'a mut Rooms,
    /// Stamp of the store's clock for everything that is new.
    stamp: u64,
    new: NewEntries,
}

impl Rooms {
    pub(super) fn new(max_rooms: usize) -> Self {
        Self {
            max_count: max_rooms,
            max_known: MAX_KNOWN_ROOMS,
            known: HashMap::new(),
        }
    }

    /// Forgets everything, such as what a failed transaction may have made untrue. Not in the midst
    /// of a group.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// The room, made if it is not there; an error when there are too many.
    fn find(
        &mut self,
        connection: &Connection,
        name: &RoomName,
    ) -> rusqlite::Result<Result<Room, LogError>> {
        if let Some(room) = self.known.get(name) {
            return Ok(Ok(*room));
        }
        let mut find = connection.prepare_cached("SELECT id, head FROM rooms WHERE name = ?1")?;
        let found = find.query_row([name.as_str()], |row| {
            Ok(Room {
                id: row.get(0)?,
                head: row.get(1)?,
            })
        });
        let room = if let Some(room) = found.optional()? {
            room
        } else {
            let mut count =
                connection.prepare_cached("SELECT count(*) FROM rooms WHERE oldest <= head")?;
            let count: usize = count.query_row((), |row| row.get(0))?;
            if count >= self.max_count {
                return Ok(Err(LogError::TooManyRooms {
                    max: self.max_count,
                }));
            }
            let mut insert = connection.prepare_cached(
                "INSERT INTO rooms (name, oldest, head, last_time) VALUES (?1, 1, 0, 0)",
            )?;
            Room {
                id: insert.insert([name.as_str()])?,
                head: 0,
            }
        };
        self.known.insert(name.clone(), room);
        Ok(Ok(room))
    }
}

impl<'a> Group<'a> {
    pub(super) fn begin(
        connection: &'a mut Connection,
        rooms: &'a mut Rooms,
        stamp: u64,
    ) -> rusqlite::Result<Self> {
        if rooms.known.len() >= rooms.max_known {
            rooms.forget();
        }
        Ok(Self {
            transaction: connection.transaction_with_behavior(TransactionBehavior::Immediate)?,
            rooms,
            stamp,
            new: HashMap::new(),
        })
    }

    /// Appends to one room. The outer error spoils the whole group.
    pub(super) fn append(
        &mut self,
        name: &RoomName,
        entries: Vec<NewEntry>,
    ) -> rusqlite::Result<Result<Vec<Appended>, LogError>> {
        let mut room = match self.rooms.find(&self.transaction, name)? {
            Ok(room) => room,
            Err(error) => return Ok(Err(error)),
        };
        let mut appended = Vec::with_capacity(entries.len());
        for entry in entries {
            appended.push(self.append_one(name, &mut room, entry)?);
        }
        self.rooms.known.insert(name.clone(), room);
        Ok(Ok(appended))
    }

    fn append_one(
        &mut self,
        name: &RoomName,
        room: &mut Room,
        entry: NewEntry,
    ) -> rusqlite::Result<Appended> {
        if let Some(key) = &entry.key
            && let Some(known) = self.find_key(room.id, key)?
        {
            return Ok(known);
        }
        let offset = room.head + 1;
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO events (room, offset, time, payload, stored_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let payload = &entry.payload[..];
        insert.execute((room.id, offset, entry.time, payload, self.stamp))?;
        if let Some(IdempotencyKey { key, digest }) = &entry.key {
            let mut insert = self.transaction.prepare_cached(
                "INSERT INTO idempotency_keys (room, key, offset, used_at, digest)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            insert.execute((room.id, key, offset, self.stamp, digest))?;
        }
        room.head = offset;
        let new = Entry {
            offset,
            time: entry.time,
            payload: entry.payload,
        };
        if let Some(entries) = self.new.get_mut(name) {
            entries.push(new);
        } else {
            // At once, so that a room that is made later in this group counts this one.
            update_head(&self.transaction, name, &new, self.stamp)?;
            self.new.insert(name.clone(), vec![new]);
        }
        Ok(Appended {
            offset,
            outcome: Outcome::New,
        })
    }

    /// Looks for an earlier use of the key in the room.
    fn find_key(&self, room: i64, key: &IdempotencyKey) -> rusqlite::Result<Option<Appended>> {
        let mut find = self.transaction.prepare_cached(
            "SELECT offset, digest FROM idempotency_keys WHERE room = ?1 AND key = ?2",
        )?;
        let known = find.query_row((room, &key.key), |row| {
            Ok(Appended {
                offset: row.get(0)?,
                outcome: Outcome::of_known_key(row.get(1)?, key.digest),
            })
        });
        known.optional()
    }

    /// Makes it all durable at the next generation, and returns what is new.
    pub(super) fn commit(self, generation: &mut Generation) -> rusqlite::Result<NewEntries> {
        for (name, entries) in &self.new {
            if let [_, .., last] = entries.as_slice() {
                update_head(&self.transaction, name, last, self.stamp)?;
            }
        }
        // Entries whose keys are known change nothing.
        let next = if self.new.is_empty() {
            *generation
        } else {
            generation.advance(&self.transaction)?
        };
        self.transaction.commit()?;
        *generation = next;
        Ok(self.new)
    }
}

/// Writes down that `newest` is the room's newest entry.
fn update_head(
    connection: &Connection,
    name: &RoomName,
    newest: &Entry,
    stamp: u64,
) -> rusqlite::Result<()> {
    let mut update = connection.prepare_cached(
        "UPDATE rooms SET head = ?2, last_time = ?3, last_stored_at = ?4 WHERE name = ?1",
    )?;
    update.execute((name.as_str(), newest.offset, newest.time, stamp))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use bytes::Bytes;
    use roomcast_shared::position::Epoch;

    use super::*;
    use crate::event_log::sqlite::{Durability, FILE_NAME, generation, schema};

    fn connection(directory: &Path) -> Connection {
        let path = directory.join(FILE_NAME);
        let timeout = Duration::from_secs(1);
        let mut connection = schema::open(&path, Durability::Relaxed, timeout).unwrap();
        schema::migrate(&mut connection, 0, Epoch::from_random([1; 8]), None).unwrap();
        connection
    }

    /// Appends one entry to each of these rooms, all in one group. Says where each one stands.
    fn append(
        connection: &mut Connection,
        rooms: &mut Rooms,
        names: &[&str],
    ) -> Vec<Result<u64, LogError>> {
        let (_, mut generation) = generation::read(connection).unwrap();
        let mut group = Group::begin(connection, rooms, 1).unwrap();
        let append = |name: &&str| {
            let entry = NewEntry {
                time: 1,
                payload: Bytes::from_static(b"{}"),
                key: None,
            };
            let name = RoomName::parse(name).unwrap();
            let appended = group.append(&name, vec![entry]).unwrap();
            appended.map(|appended| appended[0].offset)
        };
        let offsets = names.iter().map(append).collect();
        group.commit(&mut generation).unwrap();
        offsets
    }

    #[test]
    fn a_group_of_more_rooms_than_are_known_by_heart_loses_count_of_none() {
        let directory = tempfile::tempdir().unwrap();
        let mut connection = connection(directory.path());
        let mut rooms = Rooms {
            max_known: 2,
            ..Rooms::new(100)
        };
        for round in 0..3 {
            let appended = append(&mut connection, &mut rooms, &["a", "b", "c", "a", "b"]);
            let twice = 2 * round;
            let expected = [twice + 1, twice + 1, round + 1, twice + 2, twice + 2];
            assert_eq!(appended, expected.map(Ok));
        }
    }

    #[test]
    fn rooms_of_one_group_count_for_each_other() {
        let directory = tempfile::tempdir().unwrap();
        let mut connection = connection(directory.path());
        let mut rooms = Rooms::new(3);
        let full = Err(LogError::TooManyRooms { max: 3 });
        let appended = append(&mut connection, &mut rooms, &["a", "b", "c", "d", "a"]);
        assert_eq!(appended, [Ok(1), Ok(1), Ok(1), full.clone(), Ok(2)]);
        let appended = append(&mut connection, &mut rooms, &["d", "c"]);
        assert_eq!(appended, [full, Ok(2)]);
    }
}
