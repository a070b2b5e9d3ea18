//! The tests that every home for logs passes.

mod model;
mod retention;

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use bytes::Bytes;
use roomcast_shared::position::Epoch;
use roomcast_shared::room_name::RoomName;

use super::memory::MemoryLog;
use super::sqlite::{Durability, SqliteLog, SqliteOptions};
use super::{
    Appended, Bounds, Choose, Entry, EventLog, Follower, IdempotencyKey, Keep, LogError, NewEntry,
    Outcome, ReadLimit,
};
use crate::clock::ManualClock;

/// The most rooms that the logs under test take.
const MAX_ROOMS: usize = 4;

/// A fresh log of each home. The folder is there for as long as it is held.
fn homes() -> Vec<(Arc<dyn EventLog>, Option<tempfile::TempDir>)> {
    homes_at(&ManualClock::at(Duration::from_hours(500_000)))
}

/// The same with this clock.
fn homes_at(clock: &Arc<ManualClock>) -> Vec<(Arc<dyn EventLog>, Option<tempfile::TempDir>)> {
    let epoch = Epoch::from_random([1; 8]);
    let directory = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        durability: Durability::Relaxed,
        max_rooms: MAX_ROOMS,
        clock: clock.clone(),
        ..SqliteOptions::default()
    };
    let sqlite = SqliteLog::open(directory.path(), &options, epoch).unwrap();
    let memory = MemoryLog::with_clock(epoch, MAX_ROOMS, clock.clone(), options.clock_steady_time);
    vec![
        (Arc::new(memory), None),
        (Arc::new(sqlite), Some(directory)),
    ]
}

fn room(name: &str) -> RoomName {
    RoomName::parse(name).unwrap()
}

fn entry(text: &str) -> NewEntry {
    NewEntry {
        time: 1_000,
        payload: Bytes::copy_from_slice(text.as_bytes()),
        key: None,
    }
}

fn keyed(text: &str, key: &str) -> NewEntry {
    NewEntry {
        key: Some(IdempotencyKey {
            key: key.to_owned(),
            digest: [text.as_bytes()[0]; 32],
        }),
        ..entry(text)
    }
}

fn is_new(offset: u64) -> Appended {
    Appended {
        offset,
        outcome: Outcome::New,
    }
}

fn is_known(offset: u64) -> Appended {
    Appended {
        offset,
        outcome: Outcome::Repeated,
    }
}

async fn texts(log: &dyn EventLog, name: &str, offset: u64, max: u64) -> Vec<(u64, String)> {
    let limit = ReadLimit::entries(max);
    let entries = log.read_after(&room(name), offset, limit).await.unwrap();
    entries
        .into_iter()
        .map(|entry| {
            (
                entry.offset,
                String::from_utf8(entry.payload.to_vec()).unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn each_room_counts_from_one_without_holes() {
    for (log, _directory) in homes() {
        let append = async |name, texts: &[&str]| {
            let entries = texts.iter().map(|text| entry(text)).collect();
            log.append(&room(name), entries).await.unwrap()
        };
        assert_eq!(append("a", &["1", "2"]).await, [is_new(1), is_new(2)]);
        assert_eq!(append("b", &["x"]).await, [is_new(1)]);
        assert_eq!(append("a", &["3"]).await, [is_new(3)]);
        let all = [(1, "1"), (2, "2"), (3, "3")].map(|(offset, text)| (offset, text.to_owned()));
        assert_eq!(texts(&*log, "a", 0, 10).await, all);
        assert_eq!(texts(&*log, "a", 1, 10).await, all[1..]);
        assert_eq!(texts(&*log, "a", 1, 1).await, all[1..2]);
        assert_eq!(texts(&*log, "a", 3, 10).await, []);
        assert_eq!(texts(&*log, "nowhere", 0, 10).await, []);
        let bounds = log.bounds(&room("a")).await.unwrap();
        assert_eq!(bounds, Bounds { oldest: 1, head: 3 });
        assert_eq!(log.bounds(&room("nowhere")).await.unwrap(), Bounds::EMPTY);
    }
}

#[tokio::test]
async fn a_reading_ends_at_the_limit_of_bytes_but_has_one_entry_at_least() {
    for (log, _directory) in homes() {
        let entries = ["1234", "56", "78", "9", "a long one"].map(entry);
        log.append(&room("a"), entries.to_vec()).await.unwrap();
        let count = async |offset, max_bytes| {
            let limit = ReadLimit {
                max_entries: 4,
                max_bytes,
            };
            log.read_after(&room("a"), offset, limit)
                .await
                .unwrap()
                .len()
        };
        for (offset, max_bytes, expected) in [
            (0, 0, 1),
            (0, 5, 1),
            (0, 6, 2),
            (0, 8, 3),
            (0, 100, 4),
            (3, 10, 1),
            (3, 11, 2),
            (4, 1, 1),
            (5, 1, 0),
        ] {
            let read = count(offset, max_bytes).await;
            assert_eq!(read, expected, "{max_bytes} bytes after {offset}");
        }
    }
}

#[tokio::test]
async fn a_reading_may_begin_where_the_bounds_say() {
    for (log, _directory) in homes() {
        let from_the_oldest =
            || -> Choose { Box::new(|bounds: Bounds| (bounds.oldest - 1, ReadLimit::entries(2))) };
        let a = room("a");
        let (bounds, entries) = log.read_chosen(&a, from_the_oldest()).await.unwrap();
        assert_eq!((bounds, entries), (Bounds::EMPTY, vec![]));
        let entries = ["1", "2", "3", "4"].map(entry).to_vec();
        log.append(&a, entries).await.unwrap();
        let keep = Keep {
            max_entries: 3,
            max_age: Duration::MAX,
        };
        log.expire(&a, keep, 10).await.unwrap();
        let (bounds, entries) = log.read_chosen(&a, from_the_oldest()).await.unwrap();
        assert_eq!(bounds, Bounds { oldest: 2, head: 4 });
        let offsets: Vec<_> = entries.iter().map(|entry| entry.offset).collect();
        assert_eq!(offsets, [2, 3]);
    }
}

#[tokio::test]
async fn rooms_are_listed_by_name_and_by_their_newest_entry() {
    for (log, _directory) in homes() {
        for (name, time) in [("b", 1), ("a", 3), ("c", 2)] {
            let entries = vec![NewEntry { time, ..entry("x") }];
            log.append(&room(name), entries).await.unwrap();
        }
        let names = log.rooms_after(None, 2).await.unwrap();
        assert_eq!(names, [room("a"), room("b")]);
        let rest = log.rooms_after(names.last(), 2).await.unwrap();
        assert_eq!(rest, [room("c")]);
        let recent = log.recent_rooms(2).await.unwrap();
        let recent: Vec<_> = recent
            .into_iter()
            .map(|room| (room.name.to_string(), room.last_time))
            .collect();
        assert_eq!(recent, [("a".to_owned(), 3), ("c".to_owned(), 2)]);
    }
}

#[tokio::test]
async fn one_room_more_than_there_may_be_is_refused() {
    for (log, _directory) in homes() {
        for number in 0..MAX_ROOMS {
            let name = room(&format!("r{number}"));
            log.append(&name, vec![entry("x")]).await.unwrap();
        }
        let refused = log.append(&room("more"), vec![entry("x")]).await;
        assert_eq!(refused, Err(LogError::TooManyRooms { max: MAX_ROOMS }));
        assert_eq!(
            log.append(&room("r0"), vec![entry("x")]).await.unwrap(),
            [is_new(2)]
        );
    }
}

#[tokio::test]
async fn of_rooms_that_are_made_at_the_same_time_there_are_as_many_as_there_may_be() {
    for (log, _directory) in homes() {
        let names: Vec<_> = (0..3 * MAX_ROOMS)
            .map(|number| room(&format!("r{number}")))
            .collect();
        let appends = names.iter().map(|name| log.append(name, vec![entry("x")]));
        let results = futures_util::future::join_all(appends).await;
        let (made, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), MAX_ROOMS);
        assert!(refused.contains(&Err(LogError::TooManyRooms { max: MAX_ROOMS })));
        assert_eq!(log.rooms_after(None, 100).await.unwrap().len(), MAX_ROOMS);
    }
}

/// Notes the offsets that it hears of.
#[derive(Default)]
struct Notes(Mutex<Vec<u64>>);

impl Follower for Notes {
    fn committed(&self, entries: &[Entry]) {
        let offsets = entries.iter().map(|entry| entry.offset);
        self.0.lock().unwrap().extend(offsets);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_hears_of_every_entry_once_in_order_while_many_append() {
    for (log, _directory) in homes() {
        let notes = Arc::new(Notes::default());
        let follower: Weak<dyn Follower> = Arc::downgrade(&notes) as _;
        log.follow(&room("a"), follower);
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let log = log.clone();
                tokio::spawn(async move {
                    for number in 0..25 {
                        let entries = vec![keyed("x", &format!("{writer}-{number}"))];
                        log.append(&room("a"), entries).await.unwrap();
                        log.append(&room("b"), vec![entry("y")]).await.unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let all: Vec<u64> = (1..=200).collect();
        assert_eq!(*notes.0.lock().unwrap(), all);
        let limit = ReadLimit::entries(1_000);
        let read = log.read_after(&room("a"), 0, limit).await.unwrap();
        assert_eq!(
            read.iter().map(|entry| entry.offset).collect::<Vec<_>>(),
            all
        );
    }
}

#[tokio::test]
async fn who_follows_and_then_asks_for_the_bounds_misses_nothing() {
    for (log, _directory) in homes() {
        log.append(&room("a"), vec![entry("1")]).await.unwrap();
        let notes = Arc::new(Notes::default());
        let follower: Weak<dyn Follower> = Arc::downgrade(&notes) as _;
        log.follow(&room("a"), follower);
        assert_eq!(log.bounds(&room("a")).await.unwrap().head, 1);
        log.append(&room("a"), vec![entry("2")]).await.unwrap();
        assert_eq!(*notes.0.lock().unwrap(), [2]);
    }
}
