//! What the subscribers of a room wait for: a few numbers that move, and the bell that tells everybody.
//!
//! A watch channel would wake a task for each reader, which enters and leaves a list, and takes a lock to look at
//! the numbers. Here a subscriber has one place for as long as it lives, and looking is a load. And who has an
//! [`Outlet`] is not even woken: whoever rings the bell hands the news over, and wakes only those whose socket
//! does not take it. Waking costs more than everything else that is ours in a delivery.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker};

use slab::Slab;
use tokio::runtime::Handle;
use tokio::task::{unconstrained, yield_now};

use super::lock;

/// How many subscribers are served before other work of the same thread gets its turn: two or three
/// milliseconds. Each pause wakes a thread that finds nothing to do, as Tokio has it look for work when a task
/// goes on after a pause.
const SERVED_IN_A_ROW: usize = 256;

/// Each number moves when there is something new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signal {
    /// The offset of the newest event.
    pub head: u64,
    /// Counts what was said about who is here.
    pub people: u64,
    /// Counts what was said about who is typing.
    pub typing: u64,
}

/// Where a subscriber's events go, for those who can do without its task.
pub(crate) trait Outlet: Send + Sync {
    /// Hands over what is new if it can be done at once, and wakes the subscriber's task if not. Never waits.
    fn deliver(&self);
}

/// The numbers, and whoever waits for them to move.
#[derive(Debug)]
pub(crate) struct Bell {
    head: AtomicU64,
    people: AtomicU64,
    typing: AtomicU64,
    waiting: Mutex<Slab<Place>>,
    /// What the rounds run on; without a runtime, whoever moves a number does the round.
    runtime: Option<Handle>,
    round: AtomicU8,
}

struct Place {
    waker: Waker,
    outlet: Option<Weak<dyn Outlet>>,
}

/// Nobody goes round.
const IDLE: u8 = 0;
/// Somebody goes round.
const RINGING: u8 = 1;
/// A number moved since this round began.
const RING_AGAIN: u8 = 2;

impl Bell {
    /// A bell on which nobody waits yet.
    pub(super) fn new(first: Signal) -> Arc<Self> {
        Arc::new(Self {
            head: AtomicU64::new(first.head),
            people: AtomicU64::new(first.people),
            typing: AtomicU64::new(first.typing),
            waiting: Mutex::default(),
            runtime: Handle::try_current().ok(),
            round: AtomicU8::new(IDLE),
        })
    }

    /// The numbers as they are now.
    pub(crate) fn signal(&self) -> Signal {
        Signal {
            head: self.head.load(Ordering::Acquire),
            people: self.people.load(Ordering::Acquire),
            typing: self.typing.load(Ordering::Acquire),
        }
    }

    /// Moves the head forwards, never back.
    pub(super) fn move_head(self: &Arc<Self>, head: u64) {
        if self.head.fetch_max(head, Ordering::AcqRel) < head {
            self.ring();
        }
    }

    /// There is something new about who is here.
    pub(super) fn people_moved(self: &Arc<Self>) {
        self.people.fetch_add(1, Ordering::AcqRel);
        self.ring();
    }

    /// There is something new about who is typing.
    pub(super) fn typing_moved(self: &Arc<Self>) {
        self.typing.fetch_add(1, Ordering::AcqRel);
        self.ring();
    }

    /// Sees to it that a round begins after this. One that is under way is finished first, so that in a busy room
    /// each reader gets what came meanwhile in one go.
    fn ring(self: &Arc<Self>) {
        if lock(&self.waiting).is_empty() {
            return;
        }
        let Some(runtime) = &self.runtime else {
            self.serve(0, usize::MAX);
            return;
        };
        if self.round.swap(RING_AGAIN, Ordering::AcqRel) == IDLE {
            // A round is short between two of its pauses, so it needs no budget for its writes.
            runtime.spawn(unconstrained(self.clone().go_round()));
        }
    }

    async fn go_round(self: Arc<Self>) {
        loop {
            self.round.swap(RINGING, Ordering::AcqRel);
            let mut first = 0;
            while self.serve(first, SERVED_IN_A_ROW) {
                first += SERVED_IN_A_ROW;
                yield_now().await;
            }
            let end =
                self.round
                    .compare_exchange(RINGING, IDLE, Ordering::AcqRel, Ordering::Acquire);
            if end.is_ok() {
                return;
            }
        }
    }

    /// Serves whoever has one of these places; says whether there may be more behind them.
    fn serve(&self, first: usize, count: usize) -> bool {
        let end = first.saturating_add(count);
        let mut outlets = Vec::new();
        let waiting = lock(&self.waiting);
        let capacity = waiting.capacity();
        for place in (first..end.min(capacity)).filter_map(|place| waiting.get(place)) {
            match place.outlet.as_ref().and_then(Weak::upgrade) {
                Some(outlet) => outlets.push(outlet),
                None => place.waker.wake_by_ref(),
            }
        }
        // Delivering takes its time, and who is gone meanwhile gives up its place.
        drop(waiting);
        for outlet in outlets {
            outlet.deliver();
        }
        end < capacity
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

/// One who waits.
pub(crate) struct Waiter {
    bell: Arc<Bell>,
    outlet: Option<Weak<dyn Outlet>>,
    /// Where the bell has the waker, once there was a reason to wait. It stays there: being told without need
    /// costs less than coming and going.
    place: Option<(usize, Waker)>,
}

impl Waiter {
    /// Somebody who may wait on the bell.
    pub(super) fn new(bell: Arc<Bell>) -> Self {
        Self {
            bell,
            outlet: None,
            place: None,
        }
    }

    /// From the first wait on, news are delivered there, and the waiting task is woken by the outlet alone.
    pub(crate) fn deliver_to(&mut self, outlet: Weak<dyn Outlet>) {
        self.outlet = Some(outlet);
    }

    /// The numbers as they are now.
    pub(crate) fn signal(&self) -> Signal {
        self.bell.signal()
    }

    /// Waits until the numbers are as somebody wants them.
    pub(crate) fn poll_for(
        &mut self,
        cx: &Context<'_>,
        wanted: impl Fn(Signal) -> bool,
    ) -> Poll<()> {
        // First this: what moves from here on is told.
        self.take_place(cx.waker());
        if wanted(self.bell.signal()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn take_place(&mut self, waker: &Waker) {
        match &mut self.place {
            Some((_, known)) if known.will_wake(waker) => {}
            Some((place, known)) => {
                known.clone_from(waker);
                let kept = lock(&self.bell.waiting)
                    .get_mut(*place)
                    .map(|kept| std::mem::replace(&mut kept.waker, waker.clone()));
                // Not while the list is locked: it may own somebody who has a place in it.
                drop(kept);
            }
            None => {
                let place = Place {
                    waker: waker.clone(),
                    outlet: self.outlet.take(),
                };
                let place = lock(&self.bell.waiting).insert(place);
                self.place = Some((place, waker.clone()));
            }
        }
    }
}

impl std::fmt::Debug for Waiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiter").finish_non_exhaustive()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let Some((place, _)) = self.place.take() {
            let kept = lock(&self.bell.waiting).try_remove(place);
            drop(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use super::*;

    /// Counts how often it was woken.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn poll(waiter: &mut Waiter, head: u64, count: &Arc<Count>) -> Poll<()> {
        let waker = Waker::from(count.clone());
        waiter.poll_for(&Context::from_waker(&waker), |signal| signal.head >= head)
    }

    #[test]
    fn who_waits_is_woken_when_a_number_moves_and_not_before() {
        let bell = Bell::new(Signal::default());
        let (mut waiter, count) = (Waiter::new(bell.clone()), Arc::new(Count::default()));
        assert!(poll(&mut waiter, 1, &count).is_pending());
        assert_eq!(count.0.load(Ordering::SeqCst), 0);
        bell.move_head(1);
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        assert!(poll(&mut waiter, 1, &count).is_ready());
        bell.people_moved();
        bell.typing_moved();
        assert_eq!(count.0.load(Ordering::SeqCst), 3, "its place is kept");
    }

    #[test]
    fn a_head_never_goes_back_and_wakes_nobody_without_moving() {
        let bell = Bell::new(Signal::default());
        let (mut waiter, count) = (Waiter::new(bell.clone()), Arc::new(Count::default()));
        bell.move_head(5);
        assert!(poll(&mut waiter, 6, &count).is_pending());
        bell.move_head(5);
        bell.move_head(4);
        assert_eq!(count.0.load(Ordering::SeqCst), 0);
        assert_eq!(bell.signal().head, 5);
    }

    #[test]
    fn who_moves_to_another_task_is_woken_there_and_who_left_nowhere() {
        let bell = Bell::new(Signal::default());
        let (before, after) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let mut waiter = Waiter::new(bell.clone());
        assert!(poll(&mut waiter, 9, &before).is_pending());
        assert!(poll(&mut waiter, 9, &after).is_pending());
        bell.move_head(1);
        drop(waiter);
        bell.move_head(2);
        assert_eq!(before.0.load(Ordering::SeqCst), 0);
        assert_eq!(after.0.load(Ordering::SeqCst), 1);
        assert!(lock(&bell.waiting).is_empty());
    }

    /// Takes what is delivered while it can.
    struct Shelf {
        waker: Waker,
        is_full: bool,
        deliveries: AtomicUsize,
    }

    impl Outlet for Shelf {
        fn deliver(&self) {
            if self.is_full {
                self.waker.wake_by_ref();
            } else {
                self.deliveries.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    #[test]
    fn who_has_an_outlet_is_woken_by_nobody_else_and_when_it_is_gone_by_the_bell() {
        for is_full in [false, true] {
            let bell = Bell::new(Signal::default());
            let count = Arc::new(Count::default());
            let shelf = Arc::new(Shelf {
                waker: count.clone().into(),
                is_full,
                deliveries: AtomicUsize::new(0),
            });
            let mut waiter = Waiter::new(bell.clone());
            let outlet: Arc<dyn Outlet> = shelf.clone();
            waiter.deliver_to(Arc::downgrade(&outlet));
            drop(outlet);
            assert!(poll(&mut waiter, 9, &count).is_pending());

            bell.move_head(1);
            let (delivered, woken) = if is_full { (0, 1) } else { (1, 0) };
            assert_eq!(shelf.deliveries.load(Ordering::SeqCst), delivered);
            assert_eq!(count.0.load(Ordering::SeqCst), woken);

            drop(shelf);
            bell.move_head(2);
            assert_eq!(count.0.load(Ordering::SeqCst), woken + 1);
        }
    }

    #[tokio::test]
    async fn each_of_a_crowd_hears_of_everything_however_often_the_head_moves() {
        const CROWD: usize = 5 * SERVED_IN_A_ROW;
        const LAST: u64 = 50;
        let bell = Bell::new(Signal::default());
        let crowd: Vec<_> = (0..CROWD)
            .map(|_| {
                let mut waiter = Waiter::new(bell.clone());
                tokio::spawn(async move {
                    let mut seen = 0;
                    while seen < LAST {
                        poll_fn(|cx| waiter.poll_for(cx, |signal| signal.head > seen)).await;
                        seen = waiter.signal().head;
                    }
                })
            })
            .collect();
        yield_now().await;
        // From a thread outside the runtime, as the event log does it.
        let ringer = std::thread::spawn(move || (1..=LAST).for_each(|head| bell.move_head(head)));
        for waiter in crowd {
            waiter.await.unwrap();
        }
        ringer.join().unwrap();
    }
}
