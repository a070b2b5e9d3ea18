//! What is deleted and what is known of it afterwards.

use std::time::Duration;

use super::{entry, homes, homes_at, is_known, is_new, keyed, room, texts};
use crate::clock::ManualClock;
use crate::event_log::{Appended, Bounds, Keep, Outcome};

const DAY: Duration = Duration::from_hours(24);
const MILLISECOND: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_key_appends_once_in_its_room() {
    for (log, _directory) in homes() {
        let append = async |name, entries| log.append(&room(name), entries).await.unwrap();
        assert_eq!(append("a", vec![keyed("1", "k")]).await, [is_new(1)]);
        assert_eq!(append("a", vec![keyed("1", "k")]).await, [is_known(1)]);
        assert_eq!(append("b", vec![keyed("1", "k")]).await, [is_new(1)]);
        let twice = vec![keyed("2", "l"), keyed("2", "l"), entry("3")];
        assert_eq!(
            append("a", twice).await,
            [is_new(2), is_known(2), is_new(3)]
        );
        assert_eq!(texts(&*log, "a", 0, 10).await.len(), 3);
    }
}

#[tokio::test]
async fn a_key_outlives_its_entry_and_ends_by_itself() {
    let clock = ManualClock::at(Duration::from_hours(500_000));
    for (log, _directory) in homes_at(&clock) {
        let a = room("a");
        log.append(&a, vec![keyed("1", "k")]).await.unwrap();
        let nothing = Keep {
            max_entries: 0,
            max_age: Duration::MAX,
        };
        assert_eq!(log.expire(&a, nothing, 10).await.unwrap(), 1);
        assert_eq!(
            log.append(&a, vec![keyed("1", "k")]).await.unwrap(),
            [is_known(1)]
        );
        let other = log.append(&a, vec![keyed("2", "k")]).await.unwrap();
        let outcome = Outcome::KeyReused;
        assert_eq!(other, [Appended { offset: 1, outcome }]);
        clock.advance(DAY);
        assert_eq!(log.expire_keys(DAY, 10).await.unwrap(), 0);
        clock.advance(MILLISECOND);
        assert_eq!(log.expire_keys(DAY, 10).await.unwrap(), 1);
        assert_eq!(
            log.append(&a, vec![keyed("1", "k")]).await.unwrap(),
            [is_new(2)]
        );
    }
}

#[tokio::test]
async fn retention_takes_the_oldest_in_bites_and_offsets_go_on() {
    let clock = ManualClock::at(Duration::from_hours(500_000));
    for (log, _directory) in homes_at(&clock) {
        let a = room("a");
        for _ in 1..=10 {
            clock.advance(DAY);
            log.append(&a, vec![entry("x")]).await.unwrap();
        }
        let by_count = Keep {
            max_entries: 7,
            max_age: Duration::MAX,
        };
        assert_eq!(log.expire(&a, by_count, 2).await.unwrap(), 2);
        assert_eq!(log.expire(&a, by_count, 2).await.unwrap(), 1);
        assert_eq!(log.expire(&a, by_count, 2).await.unwrap(), 0);
        let by_age = Keep {
            max_entries: 7,
            max_age: 4 * DAY,
        };
        assert_eq!(log.expire(&a, by_age, 100).await.unwrap(), 2);
        assert_eq!(
            log.bounds(&a).await.unwrap(),
            Bounds {
                oldest: 6,
                head: 10
            }
        );
        assert_eq!(texts(&*log, "a", 0, 1).await, [(6, "x".to_owned())]);
        let nothing = Keep {
            max_entries: 7,
            max_age: Duration::ZERO,
        };
        clock.advance(MILLISECOND);
        assert_eq!(log.expire(&a, nothing, 100).await.unwrap(), 5);
        assert_eq!(
            log.bounds(&a).await.unwrap(),
            Bounds {
                oldest: 11,
                head: 10
            }
        );
        assert_eq!(log.rooms_after(None, 10).await.unwrap(), []);
        assert_eq!(
            log.append(&a, vec![entry("x")]).await.unwrap(),
            [is_new(11)]
        );
        assert_eq!(log.rooms_after(None, 10).await.unwrap(), [a]);
    }
}
