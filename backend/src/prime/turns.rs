//! Whose turn it is to compute: all searches share a few threads, slice by slice.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How long a search may be to count as short, in slices. Short enough for many of them to pass
/// while long ones take every second turn.
const NEWCOMER_SLICES: u32 = 8;

/// Gives turns away, as many at a time as there are threads.
///
/// Searches that have had few turns and those that have had many wait in two queues, which are
/// served by turns: so a short search is not behind every slice of the long ones, and new ones
/// without end do not stop those.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Mutex<Queues>>);

/// Invariant: nobody waits while a turn is free.
#[derive(Debug)]
struct Queues {
    free: usize,
    newcomers: VecDeque<oneshot::Sender<Turn>>,
    others: VecDeque<oneshot::Sender<Turn>>,
    newcomer_was_last: bool,
}

/// The right to compute for a slice of time; dropping it passes it on.
#[derive(Debug)]
pub(super) struct Turn(Option<Turns>);

impl Turns {
    pub(super) fn new(threads: usize) -> Self {
        Self(Arc::new(Mutex::new(Queues {
            free: threads,
            newcomers: VecDeque::new(),
            others: VecDeque::new(),
            newcomer_was_last: false,
        })))
    }

    /// Waits for the next turn of a search that has had `slices` of them.
    ///
    /// # Cancel safety
    /// A dropped call loses its place in the queue, and no turn is lost with it.
    pub(super) async fn take(&self, slices: u32) -> Turn {
        let turn = {
            let mut queues = self.queues();
            if queues.free > 0 {
                queues.free -= 1;
                return Turn(Some(self.clone()));
            }
            let (sender, turn) = oneshot::channel();
            if slices < NEWCOMER_SLICES {
                queues.newcomers.push_back(sender);
            } else {
                queues.others.push_back(sender);
            }
            turn
        };
        turn.await
            .expect("the queues live as long as somebody waits in them, and keep who waits")
    }

    /// How many turns nobody has at the moment.
    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.queues().free
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let newcomer_first = !self.newcomer_was_last;
        let (first, second) = if newcomer_first {
            (&mut self.newcomers, &mut self.others)
        } else {
            (&mut self.others, &mut self.newcomers)
        };
        if let Some(next) = first.pop_front() {
            self.newcomer_was_last = newcomer_first;
            return Some(next);
        }
        let next = second.pop_front()?;
        self.newcomer_was_last = !newcomer_first;
        Some(next)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(turns) = self.0.take() else {
            return;
        };
        loop {
            let next = {
                let mut queues = turns.queues();
                let Some(next) = queues.next() else {
                    queues.free += 1;
                    return;
                };
                next
            };
            match next.send(Self(Some(turns.clone()))) {
                Ok(()) => return,
                // Whoever waited there has gone: the same turn is for the next one.
                Err(mut turn) => turn.0 = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn there_are_as_many_turns_at_a_time_as_threads() {
        let turns = Turns::new(2);
        let first = turns.take(0).await;
        let _second = turns.take(0).await;
        let mut third = pin!(turns.take(0));
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        assert!(third.now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_new_search_waits_for_one_turn_of_the_long_ones_at_most() {
        let turns = Turns::new(1);
        let mut turn = turns.take(100).await;
        let mut long: Vec<_> = (0..10).map(|_| Box::pin(turns.take(100))).collect();
        for waiting in &mut long {
            assert!(waiting.now_or_never().is_none());
        }
        for _ in 0..3 {
            let mut new = pin!(turns.take(NEWCOMER_SLICES - 1));
            assert!(new.as_mut().now_or_never().is_none());
            drop(turn);
            turn = if let Some(turn) = new.as_mut().now_or_never() {
                turn
            } else {
                drop(long.remove(0).now_or_never().expect("it was its turn"));
                new.now_or_never().expect("a long one had its turn")
            };
        }
    }

    #[tokio::test]
    async fn new_searches_without_end_leave_every_second_turn_to_the_long_ones() {
        let turns = Turns::new(1);
        let turn = turns.take(0).await;
        let mut new: Vec<_> = (0..10).map(|_| Box::pin(turns.take(0))).collect();
        let mut long = pin!(turns.take(NEWCOMER_SLICES));
        for waiting in &mut new {
            assert!(waiting.now_or_never().is_none());
        }
        assert!(long.as_mut().now_or_never().is_none());
        drop(turn);
        drop(new.remove(0).now_or_never().expect("it was its turn"));
        assert!(long.now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_turn_is_not_lost_with_those_who_waited_for_it() {
        let turns = Turns::new(1);
        let turn = turns.take(0).await;
        for _ in 0..3 {
            assert!(turns.take(0).now_or_never().is_none());
        }
        let mut has_it = Box::pin(turns.take(0));
        assert!((&mut has_it).now_or_never().is_none());
        drop(turn);
        drop(has_it);
        assert_eq!(turns.free(), 1);
    }
}
