//! Deletes what is too old or too much, in the background and in small bites.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
        match sweep(&*log, retention, now()).await {
            Ok(0) => {}
            Ok(_) => emptied(),
            Err(error) => {
                tracing::warn!(%error, "old messages could not be deleted; trying again later");
            }
        }
    }
}

/// Deletes everything that is not to be kept at the time `now`, in milliseconds since 1970.
/// Returns how many rooms have no entries left.
async fn sweep(log: &dyn EventLog, retention: Retention, now: u64) -> Result<usize, LogError> {
    let keep = Keep {
        max_entries: retention.max_events,
        not_before: now.saturating_sub(milliseconds(retention.max_age)),
    };
    let (mut after, mut emptied) = (None, 0);
    loop {
        let rooms = log.rooms_after(after.as_ref(), ROOMS_AT_ONCE).await?;
        for room in &rooms {
            if expire(log, room, keep).await? > 0 {
                let bounds = log.bounds(room).await?;
                emptied += usize::from(bounds.oldest > bounds.head);
            }
        }
        match rooms.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    let keys_before = now.saturating_sub(milliseconds(defaults::IDEMPOTENCY_KEY_AGE));
    while log.expire_keys(keys_before, BITE).await? == BITE {}
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

/// The time in milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, milliseconds)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use roomcast_shared::position::Epoch;

    use super::super::NewEntry;
    use super::super::memory::MemoryLog;
    use super::*;

    const DAY: u64 = 24 * 60 * 60 * 1_000;

    fn entry(time: u64, key: Option<&str>) -> NewEntry {
        NewEntry {
            time,
            payload: Bytes::from_static(b"{}"),
            key: key.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn a_sweep_leaves_what_is_young_and_few_enough_in_every_room() {
        let log = MemoryLog::new(Epoch::from_random([0; 8]), 1_000);
        let many = RoomName::parse("many").unwrap();
        let old = RoomName::parse("old").unwrap();
        let entries = (0..1_700).map(|_| entry(10 * DAY, None)).collect();
        log.append(&many, entries).await.unwrap();
        let entries = vec![entry(DAY, None), entry(9 * DAY, None)];
        log.append(&old, entries).await.unwrap();
        let retention = Retention {
            max_events: 100,
            max_age: Duration::from_hours(48),
        };
        assert_eq!(sweep(&log, retention, 10 * DAY).await.unwrap(), 0);
        assert_eq!(log.bounds(&many).await.unwrap().oldest, 1_601);
        assert_eq!(log.bounds(&old).await.unwrap().oldest, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_sweep_that_empties_a_room_says_so_once() {
        let log = Arc::new(MemoryLog::new(Epoch::from_random([0; 8]), 10));
        let room = RoomName::parse("a").unwrap();
        log.append(&room, vec![entry(1, None)]).await.unwrap();
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
        let log = MemoryLog::new(Epoch::from_random([0; 8]), 10);
        let room = RoomName::parse("a").unwrap();
        let append = async || {
            log.append(&room, vec![entry(DAY, Some("k"))])
                .await
                .unwrap()[0]
        };
        assert!(append().await.is_new);
        let retention = Retention {
            max_events: 0,
            max_age: Duration::ZERO,
        };
        sweep(&log, retention, 2 * DAY).await.unwrap();
        assert!(!append().await.is_new);
        sweep(&log, retention, 2 * DAY + 1).await.unwrap();
        assert!(append().await.is_new);
    }
}
