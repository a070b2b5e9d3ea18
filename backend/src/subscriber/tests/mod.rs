//! Every cursor sees every event after it exactly once and in order, or a gap.

mod model;
mod world;

use std::sync::{Arc, Mutex, Weak};

use roomcast_shared::position::{Epoch, Position};
use roomcast_shared::server_message::GapReason;
use tokio::sync::mpsc;

use super::Start;
use crate::event_log::{Entry, Follower};
use world::{Home, World};

#[tokio::test]
async fn a_newcomer_gets_the_last_fifty_then_what_is_said() {
    let world = World::new(Home::Memory);
    world.append(80).await;
    let mut reader = world.subscribe(Start::default()).await;
    reader.read_to(80).await;
    assert_eq!(reader.offsets(), (31..=80).collect::<Vec<_>>());
    world.append(2).await;
    reader.read_to(82).await;
    assert_eq!(reader.offsets().last(), Some(&82));
    assert_eq!(reader.gaps(), []);
}

#[tokio::test]
async fn each_start_begins_where_it_says() {
    let world = World::new(Home::Memory);
    world.append(10).await;
    for (start, first) in [
        (Start::Now, None),
        (Start::Oldest, Some(1)),
        (Start::Last(3), Some(8)),
        (Start::Last(99), Some(1)),
        (Start::After(world.position(6)), Some(7)),
        (Start::After(world.position(10)), None),
    ] {
        let mut reader = world.subscribe(start).await;
        reader.read_to(10).await;
        assert_eq!(reader.offsets().first().copied(), first, "{start:?}");
        assert_eq!(reader.gaps(), [], "{start:?}");
    }
}

#[tokio::test]
async fn a_quiet_room_says_at_once_that_there_is_nothing() {
    let world = World::new(Home::Memory);
    let mut reader = world.subscribe(Start::default()).await;
    reader.read_to(0).await;
    assert_eq!(reader.cursor, Some(world.position(0)));
    assert_eq!(reader.received.len(), 2);
}

#[tokio::test]
async fn a_position_that_is_gone_or_never_was_is_a_gap_and_then_everything() {
    let world = World::new(Home::Memory);
    world.append(200).await;
    world.expire(60).await;
    let other_store = Position {
        epoch: Epoch::from_random([2; 8]),
        offset: 150,
    };
    for (start, reason) in [
        (Start::After(world.position(5)), GapReason::Expired),
        (
            Start::After(world.position(201)),
            GapReason::UnknownPosition,
        ),
        (Start::Lost, GapReason::UnknownPosition),
        (Start::After(other_store), GapReason::StoreReplaced),
    ] {
        let mut reader = world.subscribe(start).await;
        reader.read_to(200).await;
        assert_eq!(reader.gaps(), [(reason, 140)], "{start:?}");
        assert_eq!(
            reader.offsets(),
            (141..=200).collect::<Vec<_>>(),
            "{start:?}"
        );
    }
}

#[tokio::test]
async fn a_reader_whose_events_all_expired_hears_of_it_and_goes_on() {
    let mut world = World::new(Home::Memory);
    world.append(20).await;
    world.expire(0).await;
    world.crash();
    let mut reader = world.subscribe(Start::After(world.position(5))).await;
    reader.read_to(20).await;
    assert_eq!(reader.gaps(), [(GapReason::Expired, 20)]);
    world.append(1).await;
    reader.read_to(21).await;
    assert_eq!(reader.offsets(), [21]);
}

#[tokio::test]
async fn a_call_that_is_dropped_loses_nothing() {
    let world = World::new(Home::Memory);
    world.append(300).await;
    let mut reader = world.subscribe(Start::Oldest).await;
    while reader.cursor.is_none_or(|cursor| cursor.offset < 300) {
        let mut next = Box::pin(reader.subscriber.next());
        let polled = futures_util::poll!(&mut next);
        drop(next);
        match polled {
            std::task::Poll::Ready(bytes) => reader.take(bytes.unwrap()),
            std::task::Poll::Pending => tokio::task::yield_now().await,
        }
    }
    assert_eq!(reader.offsets(), (1..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn readers_share_the_bytes_of_an_event() {
    let world = World::new(Home::Memory);
    let mut one = world.subscribe(Start::Now).await;
    let mut two = world.subscribe(Start::Now).await;
    one.read_to(0).await;
    two.read_to(0).await;
    world.append(1).await;
    let (one, two) = (one.subscriber.next().await, two.subscriber.next().await);
    assert_eq!(one.unwrap().as_ptr(), two.unwrap().as_ptr());
}

/// Holds up the log's writer between a commit and the news of it.
struct Holdup {
    committed: mpsc::UnboundedSender<()>,
    /// Closed when the news may go on.
    go_on: Mutex<std::sync::mpsc::Receiver<()>>,
}

impl Follower for Holdup {
    fn committed(&self, _: &[Entry]) {
        self.committed.send(()).unwrap();
        self.go_on.lock().unwrap().recv().unwrap_err();
    }
}

#[tokio::test]
async fn a_position_that_the_log_has_and_the_room_not_yet_is_known() {
    let world = Arc::new(World::new(Home::Sqlite));
    let (committed, mut is_committed) = mpsc::unbounded_channel();
    let (hold, go_on) = std::sync::mpsc::channel();
    let holdup = Arc::new(Holdup {
        committed,
        go_on: Mutex::new(go_on),
    });
    let follower: Weak<dyn Follower> = Arc::downgrade(&holdup) as _;
    world.follow(follower);
    let _first = world.subscribe(Start::Now).await;
    let appending = tokio::spawn({
        let world = world.clone();
        async move { world.append(1).await }
    });
    is_committed.recv().await.unwrap();
    let mut reader = world.subscribe(Start::After(world.position(1))).await;
    reader.read_to(1).await;
    drop(hold);
    appending.await.unwrap();
    world.append(1).await;
    reader.read_to(2).await;
    assert_eq!((reader.offsets(), reader.gaps()), (vec![2], vec![]));
}

/// Many subscribe at every moment while messages pour in from several threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn history_joins_live_without_a_hole_and_without_a_double() {
    for home in Home::ALL {
        hammer(Arc::new(World::new(home))).await;
    }
}

async fn hammer(world: Arc<World>) {
    const MESSAGES: u64 = 4_000;
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move {
                for _ in 0..MESSAGES / 8 {
                    world.append(2).await;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut readers = Vec::new();
    while world.head().await < MESSAGES {
        let start = match readers.len() % 4 {
            0 => Start::Oldest,
            1 => Start::default(),
            2 => Start::Now,
            _ => Start::After(world.position(world.head().await)),
        };
        let mut reader = world.subscribe(start).await;
        readers.push(tokio::spawn(async move {
            reader.read_to(MESSAGES).await;
            reader
        }));
        // As many at a time as the room takes.
        if readers.len() % 50 == 0 {
            tokio::time::timeout(
                std::time::Duration::from_millis(1),
                std::future::pending::<()>(),
            )
            .await
            .unwrap_err();
        }
        if readers.len() >= 90 {
            break;
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    for reader in readers {
        let reader = reader.await.unwrap();
        assert_eq!(reader.gaps(), []);
        let offsets = reader.offsets();
        if let Some(first) = offsets.first() {
            assert_eq!(offsets, (*first..=MESSAGES).collect::<Vec<_>>());
        }
    }
}
