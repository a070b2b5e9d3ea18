//! Any sequence of acts, against a model.

use std::time::Duration;

use proptest::test_runner::TestRunner;

use super::{entry, homes, is_known, is_new, keyed, room, texts};
use crate::event_log::{EventLog, Keep};

/// What a test does to a log.
#[derive(Clone, Debug)]
enum Act {
    Append { room: u8, key: Option<u8> },
    Expire { room: u8, max_entries: u64 },
    Read { room: u8, offset: u64, max: u64 },
}

fn acts() -> impl proptest::strategy::Strategy<Value = Vec<Act>> {
    use proptest::prelude::*;
    let act = prop_oneof![
        4 => (0..3u8, proptest::option::of(0..6u8)).prop_map(|(room, key)| Act::Append { room, key }),
        1 => (0..3u8, 0..8u64).prop_map(|(room, max_entries)| Act::Expire { room, max_entries }),
        2 => (0..3u8, 0..20u64, 1..8u64)
            .prop_map(|(room, offset, max)| Act::Read { room, offset, max }),
    ];
    proptest::collection::vec(act, 0..60)
}

/// One room as simply as it can be thought.
#[derive(Default)]
struct Model {
    entries: Vec<u64>,
    head: u64,
    keys: std::collections::HashMap<u8, u64>,
}

impl Model {
    fn append(&mut self, key: Option<u8>) -> u64 {
        self.head += 1;
        self.entries.push(self.head);
        if let Some(key) = key {
            self.keys.insert(key, self.head);
        }
        self.head
    }
}

async fn act_on(log: &dyn EventLog, models: &mut [Model], act: Act) {
    match act {
        Act::Append { room: number, key } => {
            let model = &mut models[usize::from(number)];
            let known = key.and_then(|key| model.keys.get(&key).copied());
            let expected = known.map_or_else(|| is_new(model.append(key)), is_known);
            let entries = vec![key.map_or_else(|| entry("x"), |key| keyed("x", &key.to_string()))];
            let name = room(&format!("r{number}"));
            assert_eq!(log.append(&name, entries).await.unwrap(), [expected]);
        }
        Act::Expire {
            room: number,
            max_entries,
        } => {
            let model = &mut models[usize::from(number)];
            let kept = usize::try_from(max_entries)
                .unwrap()
                .min(model.entries.len());
            let expired = model.entries.len() - kept;
            model.entries.drain(..expired);
            let keep = Keep {
                max_entries,
                max_age: Duration::MAX,
            };
            let name = room(&format!("r{number}"));
            assert_eq!(
                log.expire(&name, keep, 1_000).await.unwrap(),
                expired as u64
            );
        }
        Act::Read {
            room: number,
            offset,
            max,
        } => {
            let model = &models[usize::from(number)];
            let expected = model.entries.iter().filter(|entry| **entry > offset);
            let expected: Vec<u64> = expected
                .take(usize::try_from(max).unwrap())
                .copied()
                .collect();
            let name = format!("r{number}");
            let read = texts(log, &name, offset, max).await;
            assert_eq!(
                read.into_iter()
                    .map(|(offset, _)| offset)
                    .collect::<Vec<_>>(),
                expected
            );
        }
    }
}

#[test]
fn any_sequence_of_acts_ends_as_in_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = proptest::test_runner::Config::with_cases(32);
    TestRunner::new(config)
        .run(&acts(), |acts| {
            for (log, _directory) in homes() {
                let mut models: Vec<Model> = (0..3).map(|_| Model::default()).collect();
                runtime.block_on(async {
                    for act in acts.clone() {
                        act_on(&*log, &mut models, act).await;
                    }
                });
            }
            Ok(())
        })
        .unwrap();
}
