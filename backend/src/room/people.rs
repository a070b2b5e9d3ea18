//! People in a room: coming, going, typing, and when others hear of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use roomcast_shared::person::{Person, PersonId, PersonName};
use roomcast_shared::server_message::People;
use tokio::runtime::Handle;
use tokio::time::{sleep, sleep_until};

use super::announcement::{self, Latest};
use super::presence::LeftAt;
use super::{Room, lock};
use crate::defaults::PRESENCE_GRACE;

/// There are as many connections in the room as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this room is full: it takes {max} at a time; try again later. For the operator: raise --max-members-per-room"
)]
pub struct RoomFull {
    /// How many there may be.
    pub max: usize,
}

/// One connection of a person in a room. Dropped, the person counts as here for
/// [`PRESENCE_GRACE`] more, as they may only be reloading the page.
#[derive(Debug)]
pub struct Lease {
    room: Arc<Room>,
    person: PersonId,
    says_goodbye: bool,
}

impl Lease {
    /// The room.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// The person leaves for good: no grace.
    pub fn say_goodbye(mut self) {
        self.says_goodbye = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(left_at) = lock(&self.room.people).leave(self.person) else {
            return;
        };
        if self.says_goodbye {
            self.room.remove(self.person, left_at);
            return;
        }
        // Without a runtime the server is ending, and nobody is here at all.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        // The room stays in memory meanwhile: it knows who may come back, and the lobby asks it.
        let (room, person) = (self.room.clone(), self.person);
        runtime.spawn(async move {
            sleep(PRESENCE_GRACE).await;
            room.remove(person, left_at);
        });
    }
}

impl Room {
    /// Lets a person in by one more connection.
    ///
    /// # Errors
    /// [`RoomFull`].
    pub fn enter(
        self: &Arc<Self>,
        id: PersonId,
        name: Option<PersonName>,
    ) -> Result<(Lease, Person), RoomFull> {
        let (person, changed) = {
            let mut people = lock(&self.people);
            if people.leases() >= self.max_members {
                return Err(RoomFull {
                    max: self.max_members,
                });
            }
            people.enter(id, name)
        };
        if changed {
            self.people_changed();
        }
        let lease = Lease {
            room: self.clone(),
            person: id,
            says_goodbye: false,
        };
        Ok((lease, person))
    }

    /// Lets a reader in who is nobody: it counts as a connection and is not in the list of people.
    ///
    /// # Errors
    /// [`RoomFull`].
    pub fn watch(self: &Arc<Self>, id: PersonId) -> Result<(Lease, Person), RoomFull> {
        let mut people = lock(&self.people);
        if people.leases() >= self.max_members {
            return Err(RoomFull {
                max: self.max_members,
            });
        }
        let person = people.watch(id);
        drop(people);
        let lease = Lease {
            room: self.clone(),
            person: id,
            says_goodbye: false,
        };
        Ok((lease, person))
    }

    /// Gives a person who is here another name.
    pub fn rename(self: &Arc<Self>, id: PersonId, name: PersonName) {
        if lock(&self.people).rename(id, name) {
            self.people_changed();
        }
    }

    /// The person by the name that they have here, if they are here.
    pub fn person(&self, id: PersonId) -> Option<Person> {
        let name = lock(&self.people).name(id)?.clone();
        Some(Person { id, name })
    }

    /// Returns `true` if what a person says could be taken for the words of another one who is connected
    /// and had a name like theirs first.
    pub fn is_look_alike(&self, person: &Person) -> bool {
        lock(&self.people).is_look_alike(person.id, &person.name)
    }

    /// Who is here.
    pub fn people(&self) -> People {
        lock(&self.people).people()
    }

    /// How many people are here.
    pub fn people_count(&self) -> usize {
        lock(&self.people).count()
    }

    /// How many connections read the room.
    pub fn readers(&self) -> usize {
        lock(&self.people).leases()
    }

    /// A person is writing.
    pub fn type_on(self: &Arc<Self>, id: PersonId) {
        let (changed, is_first) = {
            let mut typing = lock(&self.typing);
            let is_first = typing.next_end().is_none();
            (typing.start(id), is_first)
        };
        if changed {
            self.typing_changed();
        }
        if changed && is_first {
            tokio::spawn(end_typing(self.clone()));
        }
    }

    /// A person has said what they were writing.
    pub fn stop_typing(self: &Arc<Self>, id: PersonId) {
        if lock(&self.typing).stop(id) {
            self.typing_changed();
        }
    }

    fn remove(self: &Arc<Self>, id: PersonId, left_at: LeftAt) {
        if lock(&self.people).remove(id, left_at) {
            self.people_changed();
            self.stop_typing(id);
        }
    }

    fn people_changed(self: &Arc<Self>) {
        self.announce(
            |room| &room.announcements.people,
            |room| {
                room.bell.people_moved();
                room.lobby.send_modify(|version| *version += 1);
            },
        );
    }

    fn typing_changed(self: &Arc<Self>) {
        self.announce(
            |room| &room.announcements.typing,
            |room| room.bell.typing_moved(),
        );
    }

    /// Moves the signal a little later, so that what changes meanwhile is one announcement.
    fn announce(
        self: &Arc<Self>,
        latest: impl Fn(&Self) -> &Latest + Send + 'static,
        move_signal: impl FnOnce(&Self) + Send + 'static,
    ) {
        if latest(self).is_due.swap(true, Ordering::AcqRel) {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let interval = announcement::interval(self.people_count());
        // Held until then: when the last one has left, the lobby is still to hear of it.
        let room = self.clone();
        runtime.spawn(async move {
            sleep(interval).await;
            // First this, so that a change from now on is announced again.
            latest(&room).is_due.store(false, Ordering::Release);
            move_signal(&room);
        });
    }
}

/// Lets typing die away, for as long as anybody types.
async fn end_typing(room: Arc<Room>) {
    loop {
        let Some(end) = lock(&room.typing).next_end() else {
            return;
        };
        sleep_until(end).await;
        if lock(&room.typing).expire() {
            room.typing_changed();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use roomcast_shared::limits::TYPING_LEASE;
    use roomcast_shared::position::Epoch;
    use roomcast_shared::room_name::RoomName;
    use tokio::time::Instant;

    use super::*;
    use crate::event_log::memory::MemoryLog;
    use crate::room::{RoomLimits, Rooms};

    async fn room() -> Arc<Room> {
        let log = MemoryLog::new(Epoch::from_random([1; 8]), 10);
        let limits = RoomLimits {
            max_rooms: 10,
            max_members: 10,
            messages_per_second: 5,
            message_burst: 20,
            people_per_address: 20,
            max_text_chars: 4_000,
            tail_bytes: 1_000,
        };
        let name = RoomName::parse("lobby").unwrap();
        let rooms = Rooms::new(Arc::new(log), limits);
        rooms.open(&name).await.unwrap()
    }

    fn id(number: u8) -> PersonId {
        PersonId::from_random([number; 16])
    }

    /// Waits until the room has said something about its people; says how long that took.
    async fn next_announcement(room: &Room) -> Duration {
        let (start, mut waiter) = (Instant::now(), room.waiter());
        let people = waiter.signal().people;
        poll_fn(|cx| waiter.poll_for(cx, |signal| signal.people > people)).await;
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_broken_connection_counts_as_gone_after_the_grace() {
        let room = room().await;
        let (lease, _) = room.enter(id(1), None).unwrap();
        next_announcement(&room).await;
        drop(lease);
        let waited = next_announcement(&room).await;
        assert!(waited >= PRESENCE_GRACE, "{waited:?}");
        assert!(
            waited < PRESENCE_GRACE + Duration::from_secs(1),
            "{waited:?}"
        );
        assert_eq!(room.people_count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reload_is_seen_by_nobody() {
        let room = room().await;
        let (lease, _) = room.enter(id(1), None).unwrap();
        next_announcement(&room).await;
        let before = room.bell.signal();
        drop(lease);
        sleep(PRESENCE_GRACE / 2).await;
        let (_lease, _) = room.enter(id(1), None).unwrap();
        sleep(PRESENCE_GRACE * 2).await;
        assert_eq!(room.bell.signal(), before);
        assert_eq!(room.people_count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_goodbye_counts_at_once_and_ten_who_enter_are_one_announcement() {
        let room = room().await;
        let mut leases: Vec<_> = (0..10)
            .map(|number| room.enter(id(number), None).unwrap().0)
            .collect();
        next_announcement(&room).await;
        assert_eq!(room.bell.signal().people, 2);
        assert_eq!(room.people().count, 10);
        leases.remove(0).say_goodbye();
        assert_eq!(room.people_count(), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn typing_that_nobody_renews_is_announced_as_ended() {
        let room = room().await;
        let mut waiter = room.waiter();
        room.type_on(id(1));
        poll_fn(|cx| waiter.poll_for(cx, |signal| signal.typing == 1)).await;
        let start = Instant::now();
        poll_fn(|cx| waiter.poll_for(cx, |signal| signal.typing == 2)).await;
        assert!(start.elapsed() > TYPING_LEASE / 2);
        assert_eq!(lock(&room.typing).people(), []);
    }
}
