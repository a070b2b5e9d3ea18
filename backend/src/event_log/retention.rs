//! Deletes what is too old or too much, in the background and in small bites.

use std::sync::Arc;
use std::time::Duration;

use roomcast_shared::room_name::RoomName;

use super::{EventLog, Keep, LogError};
use crate::defaults;

/// How many entries or keys are deleted at once, so that no writer waits long behind it.
const BITE: u64 = 500;

/// How many names of rooms are looked up at once.
const ROOMS_AT_ONCE: usize = 100;

/// What is kept in each room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// At most so many events.
    pub max_events: u64,
    /// Only events younger than this.
    pub max_age: Duration,
}

/// Deletes what is not to be kept, now and then, for ever. `emptied` is called after a sweep that
/// has left some room without entries.
///
/// # Cancel safety
/// Safe: what was not deleted is found again.
pub async fn run(log: Arc<dyn EventLog>, retention: Retention, emptied: impl Fn()) {
    let mut interval = tokio::time::interval(defaults::RETENTION_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        match sweep(&*log, retention).await {
            Ok(0) => {}
            Ok(_) => emptied(),
            Err(error) => {
                tracing::warn!(%error, "old messages could not be deleted; trying again later");
            }
        }
    }
}

/// Deletes everything that is not to be kept any longer. Returns how many rooms have no entries
/// left.
async fn sweep(log: &dyn EventLog, retention: Retention) -> Result<usize, LogError> {
    // First, so that a jump of the wall clock is known before anything is deleted.
    log.observe_clock().await?;
    let keep = Keep {
        max_entries: retention.max_events,
        max_age: retention.max_age,
    };
    let (mut after, mut emptied) = (None, 0);
    loop {
        let rooms = log.rooms_after(after.as_ref(), ROOMS_AT_ONCE).await?;
        for room in &rooms {
            let deleted = expire(log, room, keep).await?;
            if deleted > 0 {
                tracing::info!(%room, deleted, "deleted messages that were too old or too many");
                let bounds = log.bounds(room).await?;
                emptied += usize::from(bounds.oldest > bounds.head);
            }
        }
        match rooms.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    let max_age = defaults::IDEMPOTENCY_KEY_AGE;
    while log.expire_keys(max_age, BITE).await? == BITE {}
    Ok(emptied)
}

/// Deletes what is not to be kept in one room. Returns how many entries that were.
async fn expire(log: &dyn EventLog, room: &RoomName, keep: Keep) -> Result<u64, LogError> {
    let mut expired = 0;
    loop {
        let bite = log.expire(room, keep, BITE).await?;
        expired += bite;
        if bite < BITE {
            return Ok(expired);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use roomcast_shared::position::Epoch;

    use super::super::memory::MemoryLog;
    use super::super::{IdempotencyKey, NewEntry, Outcome};
    use super::*;
    use crate::clock::ManualClock;

    const DAY: Duration = Duration::from_hours(24);
    const MINUTE: Duration = Duration::from_mins(1);

    /// A log whose time a test owns.
    fn log() -> (MemoryLog, Arc<ManualClock>) {
        let clock = ManualClock::at(Duration::from_hours(500_000));
        let epoch = Epoch::from_random([0; 8]);
        let log = MemoryLog::with_clock(epoch, 1_000, clock.clone(), DAY);
        (log, clock)
    }

    fn room(name: &str) -> RoomName {
        RoomName::parse(name).unwrap()
    }

    /// An entry with this time of the wall clock.
    fn entry(time: u64) -> NewEntry {
        NewEntry {
            time,
            payload: Bytes::from_static(b"{}"),
            key: None,
        }
    }

    #[tokio::test]
    async fn a_sweep_leaves_what_is_young_and_few_enough_in_every_room() {
        let (log, clock) = log();
        let (many, old) = (room("many"), room("old"));
        log.append(&old, vec![entry(1)]).await.unwrap();
        clock.advance(DAY);
        log.append(&old, vec![entry(1)]).await.unwrap();
        let entries = (0..1_700).map(|_| entry(1)).collect();
        log.append(&many, entries).await.unwrap();
        clock.advance(DAY + MINUTE);
        let retention = Retention {
            max_events: 100,
            max_age: 2 * DAY,
        };
        assert_eq!(sweep(&log, retention).await.unwrap(), 0);
        assert_eq!(log.bounds(&many).await.unwrap().oldest, 1_601);
        assert_eq!(log.bounds(&old).await.unwrap().oldest, 2);
    }

    #[tokio::test]
    async fn a_jump_of_the_clock_deletes_nothing_and_forgets_no_key() {
        let (log, clock) = log();
        let a = room("a");
        let keyed = || {
            let digest = [1; 32];
            let key = Some(IdempotencyKey {
                key: "k".to_owned(),
                digest,
            });
            NewEntry { key, ..entry(1) }
        };
        log.append(&a, vec![keyed()]).await.unwrap();
        let retention = Retention {
            max_events: 100,
            max_age: 30 * DAY,
        };
        for jump in [40 * 86_400, -40 * 86_400, -5 * 365 * 86_400] {
            clock.jump(jump);
            for _ in 0..2 {
                clock.advance(MINUTE);
                sweep(&log, retention).await.unwrap();
            }
            let appended = log.append(&a, vec![keyed()]).await.unwrap();
            assert_eq!(appended[0].outcome, Outcome::Repeated, "{jump}");
            assert_eq!(log.bounds(&a).await.unwrap().oldest, 1, "{jump}");
        }
    }

    #[tokio::test]
    async fn a_time_in_the_future_shelters_nothing() {
        let (log, clock) = log();
        let a = room("a");
        let in_ten_years = 2_100_000_000_000;
        let entries = vec![entry(1), entry(in_ten_years), entry(2)];
        log.append(&a, entries).await.unwrap();
        clock.advance(2 * DAY);
        log.append(&a, vec![entry(3)]).await.unwrap();
        let retention = Retention {
            max_events: 100,
            max_age: DAY,
        };
        sweep(&log, retention).await.unwrap();
        assert_eq!(log.bounds(&a).await.unwrap().oldest, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn the_sweep_that_empties_a_room_says_so_once() {
        let log = Arc::new(MemoryLog::new(Epoch::from_random([0; 8]), 10));
        log.append(&room("a"), vec![entry(1)]).await.unwrap();
        let retention = Retention {
            max_events: 0,
            max_age: Duration::MAX,
        };
        let emptied = std::cell::Cell::new(0);
        let sweeps = run(log, retention, || emptied.set(emptied.get() + 1));
        let time = 3 * defaults::RETENTION_INTERVAL;
        assert!(tokio::time::timeout(time, sweeps).await.is_err());
        assert_eq!(emptied.get(), 1);
    }

    #[tokio::test]
    async fn a_key_holds_for_a_day_even_when_its_event_is_gone() {
        let (log, clock) = log();
        let a = room("a");
        let append = async |digest| {
            let key = Some(IdempotencyKey {
                key: "k".to_owned(),
                digest: [digest; 32],
            });
            let entries = vec![NewEntry { key, ..entry(1) }];
            log.append(&a, entries).await.unwrap()[0].outcome
        };
        assert_eq!(append(1).await, Outcome::New);
        let retention = Retention {
            max_events: 0,
            max_age: Duration::ZERO,
        };
        clock.advance(DAY);
        sweep(&log, retention).await.unwrap();
        assert_eq!(append(1).await, Outcome::Repeated);
        assert_eq!(append(2).await, Outcome::KeyReused);
        clock.advance(MINUTE);
        sweep(&log, retention).await.unwrap();
        assert_eq!(append(2).await, Outcome::New);
    }
}
