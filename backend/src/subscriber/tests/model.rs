//! Random interleavings of append, subscribe, lag, crash and resume.

use proptest::prelude::*;
use roomcast_shared::position::Position;
use roomcast_shared::server_message::ServerMessage;

use super::world::{Home, Reader, World};
use crate::subscriber::Start;

#[derive(Clone, Debug)]
enum Act {
    Append(usize),
    Expire(u64),
    /// A new reader, which starts so many events back.
    Subscribe(u64),
    /// One of the readers takes a piece.
    Read(usize),
    /// One of the readers catches up.
    CatchUp(usize),
    /// One of the readers loses its connection and comes back with its cursor.
    Resume(usize),
    /// The server crashes; everybody comes back with their cursors.
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (1..40usize).prop_map(Act::Append),
        1 => (0..150u64).prop_map(Act::Expire),
        3 => (0..100u64).prop_map(Act::Subscribe),
        6 => (0..8usize).prop_map(Act::Read),
        2 => (0..8usize).prop_map(Act::CatchUp),
        2 => (0..8usize).prop_map(Act::Resume),
        1 => Just(Act::Crash),
    ];
    proptest::collection::vec(act, 1..60)
}

/// What a reader has had since it was first there, in all its connections.
struct Follower {
    reader: Reader,
    /// Where it came to before this connection.
    cursor: Position,
    seen: Vec<u64>,
    missing: u64,
    started_after: u64,
}

impl Follower {
    /// Ends the connection. Returns where to go on: where this one came to, if it came anywhere.
    fn hang_up(&mut self) -> Position {
        self.seen.extend(self.reader.offsets());
        for message in &self.reader.received {
            if let ServerMessage::Gap(gap) = message {
                self.missing += gap.position.offset - gap.after.offset;
            }
        }
        self.reader.received.clear();
        self.cursor = self.reader.cursor.unwrap_or(self.cursor);
        self.cursor
    }
}

async fn resume(world: &World, follower: &mut Follower) {
    let cursor = follower.hang_up();
    follower.reader = world.subscribe(Start::After(cursor)).await;
}

async fn run(home: Home, acts: Vec<Act>) {
    let mut world = World::new(home);
    let mut followers: Vec<Follower> = Vec::new();
    for act in acts {
        let count = followers.len();
        match act {
            Act::Append(events) => world.append(events).await,
            Act::Expire(max_entries) => world.expire(max_entries).await,
            Act::Subscribe(back) => {
                let mut reader = world.subscribe(Start::Last(back)).await;
                reader.read_some();
                let cursor = match &reader.received[0] {
                    ServerMessage::Welcome(welcome) => welcome.position,
                    message => panic!("a stream begins with {message:?}"),
                };
                followers.push(Follower {
                    reader,
                    cursor,
                    seen: Vec::new(),
                    missing: 0,
                    started_after: cursor.offset,
                });
            }
            Act::Read(index) if count > 0 => followers[index % count].reader.read_some(),
            Act::CatchUp(index) if count > 0 => {
                let head = world.head().await;
                followers[index % count].reader.read_to(head).await;
            }
            Act::Resume(index) if count > 0 => {
                resume(&world, &mut followers[index % count]).await;
            }
            Act::Read(_) | Act::CatchUp(_) | Act::Resume(_) => {}
            Act::Crash => {
                world.crash();
                for follower in &mut followers {
                    resume(&world, follower).await;
                }
            }
        }
    }
    let head = world.head().await;
    for mut follower in followers {
        follower.reader.read_to(head).await;
        follower.hang_up();
        assert!(
            follower.seen.is_sorted_by(|a, b| a < b),
            "in order, each once"
        );
        let expected = head - follower.started_after;
        assert_eq!(follower.seen.len() as u64 + follower.missing, expected);
    }
}

fn check(home: Home, acts: Vec<Act>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(run(home, acts));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_happens_each_cursor_sees_each_event_once_or_a_gap(acts in acts()) {
        check(Home::Memory, acts);
    }
}

proptest! {
    // Fewer, as each of them opens files.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_same_holds_when_the_events_are_in_files(acts in acts()) {
        check(Home::Sqlite, acts);
    }
}
