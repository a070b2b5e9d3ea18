//! Who is typing: leases that die away by themselves.

use roomcast_shared::limits::{MAX_LISTED_TYPING, TYPING_LEASE};
use roomcast_shared::person::PersonId;
use tokio::time::Instant;

/// The people who are typing, at most as many as are listed.
#[derive(Debug, Default)]
pub(super) struct Typing(Vec<(PersonId, Instant)>);

impl Typing {
    /// Notes that a person types. Returns whether others see a change.
    pub(super) fn start(&mut self, id: PersonId) -> bool {
        let until = Instant::now() + TYPING_LEASE;
        if let Some((_, lease)) = self.0.iter_mut().find(|(typing, _)| *typing == id) {
            *lease = until;
            return false;
        }
        let has_room = self.0.len() < MAX_LISTED_TYPING;
        if has_room {
            self.0.push((id, until));
        }
        has_room
    }

    /// Notes that a person has said it, or left. Returns whether others see a change.
    pub(super) fn stop(&mut self, id: PersonId) -> bool {
        let before = self.0.len();
        self.0.retain(|(typing, _)| *typing != id);
        self.0.len() < before
    }

    /// Removes those whose lease has ended. Returns whether others see a change.
    pub(super) fn expire(&mut self) -> bool {
        let (before, now) = (self.0.len(), Instant::now());
        self.0.retain(|(_, until)| *until > now);
        self.0.len() < before
    }

    /// When the next lease ends; `None` when nobody types.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.0.iter().map(|(_, until)| *until).min()
    }

    pub(super) fn people(&self) -> Vec<PersonId> {
        self.0.iter().map(|(id, _)| *id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> PersonId {
        PersonId::from_random([u8::try_from(number).unwrap(); 16])
    }

    #[tokio::test(start_paused = true)]
    async fn typing_dies_away_unless_it_is_renewed() {
        let mut typing = Typing::default();
        assert!(typing.start(id(1)));
        assert!(typing.start(id(2)));
        tokio::time::advance(TYPING_LEASE / 2).await;
        assert!(!typing.start(id(2)));
        assert!(!typing.expire());
        tokio::time::advance(TYPING_LEASE / 2).await;
        assert!(typing.expire());
        assert_eq!(typing.people(), [id(2)]);
        assert!(typing.stop(id(2)));
        assert_eq!(typing.next_end(), None);
    }

    #[tokio::test]
    async fn no_more_are_noted_than_are_listed() {
        let mut typing = Typing::default();
        for number in 0..MAX_LISTED_TYPING {
            assert!(typing.start(id(number)));
        }
        assert!(!typing.start(id(MAX_LISTED_TYPING)));
        assert_eq!(typing.people().len(), MAX_LISTED_TYPING);
    }
}
