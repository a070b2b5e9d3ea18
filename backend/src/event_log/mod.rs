//! What happens in rooms, kept: an append-only log for each room.
//!
//! [`EventLog`] is what a home for the logs must do, and `contract` the tests that each of them
//! passes. Homes: [`sqlite`], one file on this machine, and [`memory`], for tests and for servers
//! that are to forget. Neither knows what an event means.
//!
//! Offsets count 1, 2, 3… in each room, without holes and for ever: a room whose events were all
//! deleted goes on counting where it was.

mod error;
mod followers;
pub mod memory;
mod read_limit;
pub mod retention;
pub mod sqlite;

#[cfg(test)]
mod contract;

use std::fmt::Debug;
use std::sync::Weak;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;

pub use error::LogError;
pub use read_limit::ReadLimit;

/// An event to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// When it happened, in milliseconds since 1970.
    pub time: u64,
    /// What happened; never looked into by the log.
    pub payload: Bytes,
    /// An entry whose key the room has had is not appended again.
    pub key: Option<IdempotencyKey>,
}

/// Key by which an entry that is sent again is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key.
    pub key: String,
    /// Digest of what is published under it. It is kept as long as the key, so that other content
    /// under the same key is noticed when the entry is gone.
    pub digest: Digest,
}

/// SHA-256 of the content of an entry.
pub type Digest = [u8; 32];

/// An event in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the room: 1, 2, 3…
    pub offset: u64,
    /// When it happened, in milliseconds since 1970.
    pub time: u64,
    /// What happened.
    pub payload: Bytes,
}

/// What became of a [`NewEntry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Where the entry stands; if its key was known, where the first entry with the key stands.
    pub offset: u64,
    /// Whether it was appended now.
    pub outcome: Outcome,
}

/// Whether an entry was appended, or its key was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was appended now.
    New,
    /// The same content was appended before under its key.
    Repeated,
    /// Other content was appended before under its key.
    KeyReused,
    /// Its key was used before, in a store of a version that did not keep digests.
    KeyKnown,
}

impl Outcome {
    /// Returns the outcome for `digest` under a key that is known with the digest `first`.
    fn of_known_key(first: Option<Digest>, digest: Digest) -> Self {
        match first {
            None => Self::KeyKnown,
            Some(first) if first == digest => Self::Repeated,
            Some(_) => Self::KeyReused,
        }
    }
}

/// What a room's log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The offset of the oldest entry that is kept; one more than the head if there is none.
    pub oldest: u64,
    /// The offset of the newest entry; 0 if the room never had one.
    pub head: u64,
}

impl Bounds {
    /// Those of a room that never had an entry.
    pub const EMPTY: Self = Self { oldest: 1, head: 0 };
}

/// A room that has entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRoom {
    /// Its name.
    pub name: RoomName,
    /// The time of its newest entry, in milliseconds since 1970.
    pub last_time: u64,
}

/// What retention leaves in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// At most so many entries, the newest.
    pub max_entries: u64,
    /// Only entries that were appended this long ago or later, by the log's own clock: their
    /// `time` comes from the wall clock, which may have been wrong.
    pub max_age: Duration,
}

/// Says after which offset to read, and how much, given what there is.
pub type Choose = Box<dyn FnOnce(Bounds) -> (u64, ReadLimit) + Send>;

/// Hears of new entries of one room.
pub trait Follower: Send + Sync {
    /// Entries are durable. Called in the order of their offsets, each exactly once, by the
    /// thread that has to go on appending: it must not wait.
    fn committed(&self, entries: &[Entry]);
}

/// A home for the logs of rooms.
///
/// A home may be shared by several servers. So the head may move without an append of this
/// server, and an append that loses a race against another server is retried inside.
pub trait EventLog: Debug + Send + Sync + 'static {
    /// The birth of this store.
    fn epoch(&self) -> Epoch;

    /// Appends entries in their order, all of them or none, those aside whose keys are known.
    /// Returns once they are durable; nobody sees them before.
    ///
    /// # Errors
    /// [`LogError`]; nothing was appended then, or it is not known whether it was
    /// ([`LogError::Failed`]).
    ///
    /// # Cancel safety
    /// A dropped call may have appended all entries or none.
    fn append<'a>(
        &'a self,
        room: &'a RoomName,
        entries: Vec<NewEntry>,
    ) -> BoxFuture<'a, Result<Vec<Appended>, LogError>>;

    /// Reads entries after `offset` up to the `limit`, oldest first, without a hole between them.
    /// The first one is `offset + 1` unless that has been deleted.
    ///
    /// # Errors
    /// [`LogError`].
    ///
    /// # Cancel safety
    /// Safe.
    fn read_after<'a>(
        &'a self,
        room: &'a RoomName,
        offset: u64,
        limit: ReadLimit,
    ) -> BoxFuture<'a, Result<Vec<Entry>, LogError>>;

    /// Reads as [`EventLog::read_after`] does, at a place that is chosen by what there is. Nothing
    /// is deleted between choosing and reading.
    ///
    /// # Errors
    /// [`LogError`].
    ///
    /// # Cancel safety
    /// Safe.
    fn read_chosen<'a>(
        &'a self,
        room: &'a RoomName,
        choose: Choose,
    ) -> BoxFuture<'a, Result<(Bounds, Vec<Entry>), LogError>>;

    /// What there is in a room, a room that never was included.
    ///
    /// # Errors
    /// [`LogError`].
    fn bounds<'a>(&'a self, room: &'a RoomName) -> BoxFuture<'a, Result<Bounds, LogError>>;

    /// Tells `follower` of every entry that [`EventLog::bounds`] does not yet count when it is
    /// called afterwards, until the follower is dropped.
    fn follow(&self, room: &RoomName, follower: Weak<dyn Follower>);

    /// The rooms that have entries, the one with the newest entry first.
    ///
    /// # Errors
    /// [`LogError`].
    fn recent_rooms(&self, max_rooms: usize) -> BoxFuture<'_, Result<Vec<StoredRoom>, LogError>>;

    /// The rooms that have entries, in the order of their names, from the one after `after`.
    ///
    /// # Errors
    /// [`LogError`].
    fn rooms_after<'a>(
        &'a self,
        after: Option<&'a RoomName>,
        max_rooms: usize,
    ) -> BoxFuture<'a, Result<Vec<RoomName>, LogError>>;

    /// Deletes the oldest entries of a room that are not to be kept, at most `max_entries` of
    /// them. Returns how many were deleted.
    ///
    /// # Errors
    /// [`LogError`].
    fn expire<'a>(
        &'a self,
        room: &'a RoomName,
        keep: Keep,
        max_entries: u64,
    ) -> BoxFuture<'a, Result<u64, LogError>>;

    /// Forgets idempotency keys that were used longer than `max_age` ago, at most `max_keys` of
    /// them. Returns how many were forgotten.
    ///
    /// # Errors
    /// [`LogError`].
    fn expire_keys(&self, max_age: Duration, max_keys: u64)
    -> BoxFuture<'_, Result<u64, LogError>>;

    /// Compares the clock by which ages are measured with the wall clock, and stores its state for
    /// the next start. Called about once a minute.
    ///
    /// # Errors
    /// [`LogError`].
    fn observe_clock(&self) -> BoxFuture<'_, Result<(), LogError>>;

    /// Checks that entries can be appended, as far as that is known without appending one.
    ///
    /// # Errors
    /// [`LogError`] that stays until the server is restarted.
    fn health(&self) -> BoxFuture<'_, Result<(), LogError>>;

    /// Closes the log, within a few seconds. Nothing can be appended or read afterwards.
    fn close(&self) -> BoxFuture<'_, ()>;
}
