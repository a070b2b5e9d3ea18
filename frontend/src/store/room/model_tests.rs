//! A room against a simple server, over connections that break at any moment.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::fixture::{at, message, person};
use super::incoming::{Incoming, People, Welcome};
use super::{Effect, Room};

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The person says something.
    Say,
    /// Somebody else says something.
    Other,
    /// The next message from the server arrives.
    Deliver,
    /// The connection breaks with all that is on its way, and there is a new one.
    Reconnect,
}

/// A server that keeps one room, and the connection to it.
#[derive(Default)]
struct World {
    room: Room,
    /// Nonces and texts of all events, the first at offset 1.
    log: Vec<(String, String)>,
    on_the_way: VecDeque<Incoming>,
    said: usize,
}

impl World {
    fn new() -> Self {
        let mut world = Self::default();
        world.connect();
        world
    }

    fn connect(&mut self) {
        self.room.lose_connection();
        self.on_the_way.clear();
        let after = self.room.transcript.position().map_or(0, |at| at.offset);
        self.on_the_way.push_back(Incoming::Welcome(Welcome {
            you: person('m'),
            room: "ops".to_owned(),
            position: at(after),
            people: People::default(),
            max_text_chars: 4_000,
        }));
        for offset in after + 1..=self.head() {
            self.send_event(offset);
        }
        self.on_the_way.push_back(Incoming::CaughtUp);
    }

    fn head(&self) -> u64 {
        u64::try_from(self.log.len()).unwrap()
    }

    fn send_event(&mut self, offset: u64) {
        let (nonce, text) = &self.log[usize::try_from(offset).unwrap() - 1];
        let mut event = message(offset, if nonce.is_empty() { 'a' } else { 'm' });
        event.text.clone_from(text);
        self.on_the_way.push_back(Incoming::Message(event));
    }

    fn publish(&mut self, nonce: String, text: String) {
        self.log.push((nonce, text));
        self.send_event(self.head());
    }

    /// The client sends what is its turn, and the server takes it: at once, though the client may never
    /// hear of it.
    fn send_next(&mut self) {
        if !self.room.is_caught_up() {
            return;
        }
        let Some(unsent) = self.room.outbox.send_next() else {
            return;
        };
        let (nonce, text) = (unsent.nonce.clone(), unsent.text.clone());
        let known = self.log.iter().position(|(known, _)| *known == nonce);
        let place = known.unwrap_or_else(|| {
            self.publish(nonce.clone(), text);
            self.log.len() - 1
        });
        let position = at(u64::try_from(place).unwrap() + 1);
        self.on_the_way
            .push_back(Incoming::Said { nonce, position });
    }

    fn deliver(&mut self) {
        if let Some(incoming) = self.on_the_way.pop_front() {
            match self.room.receive(incoming) {
                Effect::Send => self.send_next(),
                Effect::Resume => self.connect(),
                _ => {}
            }
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Say => {
                self.said += 1;
                // Some texts are the same: a nonce tells them apart.
                let text = (self.said / 2).to_string();
                self.room.outbox.push(format!("nonce-{}", self.said), text);
                self.send_next();
            }
            Step::Other => self.publish(String::new(), "hello".to_owned()),
            Step::Deliver => self.deliver(),
            Step::Reconnect => self.connect(),
        }
    }
}

proptest! {
    #[test]
    fn however_connections_break_everything_arrives_once_and_in_order(
        steps in prop::collection::vec(
            prop::sample::select(vec![
                Step::Say,
                Step::Other,
                Step::Deliver,
                Step::Deliver,
                Step::Deliver,
                Step::Reconnect,
            ]),
            0..120,
        ),
    ) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            let shown = world.room.transcript.messages().iter();
            let offsets: Vec<_> = shown.map(|message| message.position.offset).collect();
            prop_assert!(offsets.iter().copied().eq(1..=u64::try_from(offsets.len()).unwrap()));
            let mine = world.room.transcript.messages().iter().filter(|m| world.room.is_mine(m));
            let shown = mine.count() + world.room.outbox.shown().count();
            prop_assert!(shown <= world.said, "none of them is shown twice");
        }
        while !world.on_the_way.is_empty() {
            world.deliver();
        }
        let shown: Vec<_> = world.room.transcript.messages().iter().map(|m| &m.text).collect();
        let kept: Vec<_> = world.log.iter().map(|(_, text)| text).collect();
        prop_assert_eq!(shown, kept);
        let mine: Vec<_> = world.log.iter().filter(|(nonce, _)| !nonce.is_empty()).collect();
        prop_assert_eq!(mine.len(), world.said, "each was published once");
        let in_order = (1..=world.said).map(|number| format!("nonce-{number}"));
        prop_assert!(mine.iter().map(|(nonce, _)| nonce.clone()).eq(in_order));
        prop_assert_eq!(world.room.outbox.unconfirmed().count(), 0);
        prop_assert_eq!(world.room.outbox.shown().count(), 0);
    }
}
