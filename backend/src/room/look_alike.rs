//! Names that people confuse, and who had which first.

use std::collections::HashMap;

use roomcast_shared::person::{PersonId, PersonName};
use unicode_security::skeleton;

/// Who goes by which name, names that look alike being one. Invariant: nobody has an empty list.
#[derive(Debug, Default)]
pub(super) struct NamesTaken(HashMap<Box<str>, Vec<PersonId>>);

impl NamesTaken {
    /// A person who has no name yet takes one.
    pub(super) fn take(&mut self, id: PersonId, name: &PersonName) {
        let holders = self.0.entry(appearance(name));
        // Mostly there is one: no room for more until they come.
        holders
            .and_modify(|ids| ids.push(id))
            .or_insert_with(|| vec![id]);
    }

    /// A person takes another name. If it looks like their old one, they keep their place.
    pub(super) fn exchange(&mut self, id: PersonId, old: &PersonName, new: &PersonName) {
        if appearance(old) != appearance(new) {
            self.give_up(id, old);
            self.take(id, new);
        }
    }

    /// A person no longer goes by a name.
    pub(super) fn give_up(&mut self, id: PersonId, name: &PersonName) {
        let appearance = appearance(name);
        if let Some(holders) = self.0.get_mut(&appearance) {
            holders.retain(|holder| *holder != id);
            if holders.is_empty() {
                self.0.remove(&appearance);
            }
        }
    }

    /// Whether somebody else had a name first that looks like this one.
    pub(super) fn is_look_alike(&self, id: PersonId, name: &PersonName) -> bool {
        let holders = self.0.get(&appearance(name));
        let first = holders.and_then(|holders| holders.first());
        first.is_some_and(|first| *first != id)
    }
}

/// The same for names that people confuse (Unicode technical standard 39, section 4).
fn appearance(name: &PersonName) -> Box<str> {
    let lower = name.as_str().to_lowercase();
    let folded: String = skeleton(&lower).filter(|c| !c.is_whitespace()).collect();
    // Some characters resemble capitals only.
    folded.to_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> PersonId {
        PersonId::from_random([number; 16])
    }

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).unwrap()
    }

    #[test]
    fn who_had_the_name_first_has_it_until_they_give_it_up() {
        let mut names = NamesTaken::default();
        names.take(id(1), &name("Bob"));
        names.take(id(2), &name("B0b"));
        assert!(!names.is_look_alike(id(1), &name("Bob")));
        assert!(names.is_look_alike(id(2), &name("B0b")));
        assert!(
            names.is_look_alike(id(3), &name("bob")),
            "without being here"
        );
        names.give_up(id(1), &name("Bob"));
        assert!(!names.is_look_alike(id(2), &name("B0b")));
        names.give_up(id(2), &name("B0b"));
        assert!(names.0.is_empty());
    }

    #[test]
    fn another_way_to_write_a_name_keeps_its_place_and_another_name_does_not() {
        let mut names = NamesTaken::default();
        names.take(id(1), &name("bob"));
        names.take(id(2), &name("Bob"));
        names.exchange(id(1), &name("bob"), &name("BOB"));
        assert!(!names.is_look_alike(id(1), &name("BOB")));
        names.exchange(id(1), &name("BOB"), &name("Ada"));
        names.exchange(id(1), &name("Ada"), &name("Bob"));
        assert!(names.is_look_alike(id(1), &name("Bob")));
        assert!(!names.is_look_alike(id(2), &name("Bob")));
    }
}
