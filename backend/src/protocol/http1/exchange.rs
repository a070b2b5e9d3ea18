//! State that the guard of a connection and the responses on it share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;

use crate::handler::problem::Problem;

/// Which requests of a connection are answered, and which one is refused. Clones share it.
///
/// One task polls the guard and the responses, so relaxed atomics are enough.
#[derive(Clone, Debug, Default)]
pub(super) struct Exchange(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// Requests whose response was begun.
    begun: AtomicU64,
    /// Requests whose response was sent.
    answered: AtomicU64,
    upgraded: AtomicBool,
    /// A request whose head is refused, by its number, and the answer to it.
    refusal: Mutex<Option<(u64, Problem)>>,
    /// The guard, while it waits for a response to decide what comes behind its request.
    guard: AtomicWaker,
}

impl Exchange {
    /// The head of the next request is complete: until the returned value is dropped, its response is being sent.
    pub(super) fn begin(&self) -> Answering {
        let number = self.0.begun.fetch_add(1, Ordering::Relaxed) + 1;
        Answering {
            number,
            state: self.0.clone(),
        }
    }

    /// Has the request with this number answered by `problem`.
    pub(super) fn refuse(&self, number: u64, problem: Problem) {
        let mut refusal = self
            .0
            .refusal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *refusal = Some((number, problem));
    }

    /// `true` while a response is being sent.
    pub(super) fn is_answering(&self) -> bool {
        self.0.begun.load(Ordering::Relaxed) > self.0.answered.load(Ordering::Relaxed)
    }

    /// What became of the request with this number, which asks for an upgrade; `None` while it is not answered.
    /// `waker` is woken then.
    pub(super) fn upgrade_of(&self, number: u64, waker: &Waker) -> Option<bool> {
        self.0.guard.register(waker);
        if self.0.upgraded.load(Ordering::Relaxed) {
            Some(true)
        } else {
            let is_answered = self.0.answered.load(Ordering::Relaxed) >= number;
            is_answered.then_some(false)
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Answering {
    number: u64,
    state: Arc<State>,
}

impl Answering {
    /// The answer, if the head is refused.
    pub(super) fn refusal(&self) -> Option<Problem> {
        let mut refusal = self
            .state
            .refusal
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let of_this = refusal.take_if(|(number, _)| *number == self.number);
        of_this.map(|(_, problem)| problem)
    }

    /// The response turns the connection into something else, which has deadlines of its own.
    pub(super) fn upgrade(&self) {
        self.state.upgraded.store(true, Ordering::Relaxed);
        self.state.guard.wake();
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.state.answered.fetch_add(1, Ordering::Relaxed);
        self.state.guard.wake();
    }
}
