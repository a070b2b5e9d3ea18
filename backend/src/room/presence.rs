//! Who is here, without timers: leases and names.

use std::collections::{BTreeMap, HashMap};

use roomcast_shared::limits::MAX_LISTED_PEOPLE;
use roomcast_shared::person::{Person, PersonId, PersonName};
use roomcast_shared::server_message::{People, PersonPresent};

use super::look_alike::NamesTaken;

/// The people in a room. Each connection is a lease; a person with three is still one person.
#[derive(Debug, Default)]
pub struct Presence {
    people: HashMap<PersonId, Present>,
    /// Those people in the order in which they came.
    order: BTreeMap<u64, PersonId>,
    names: NamesTaken,
    leases: usize,
    /// Counts whoever comes and goes.
    changes: u64,
}

#[derive(Debug)]
struct Present {
    name: PersonName,
    leases: usize,
    came_at: u64,
    left_at: u64,
}

/// Names a moment at which a person's last lease ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftAt(u64);

impl Presence {
    /// Adds a lease. Returns the person by the name that they chose now, had here before, or get
    /// as a guest, and whether others see a change.
    pub fn enter(&mut self, id: PersonId, name: Option<PersonName>) -> (Person, bool) {
        self.leases += 1;
        self.changes += 1;
        let came_at = self.changes;
        let mut changed = false;
        let present = self.people.entry(id).or_insert_with(|| {
            changed = true;
            self.order.insert(came_at, id);
            let name = name.clone().unwrap_or_else(|| guest_name(id));
            self.names.take(id, &name);
            Present {
                name,
                leases: 0,
                came_at,
                left_at: 0,
            }
        });
        present.leases += 1;
        if let Some(name) = name.filter(|name| *name != present.name) {
            self.names.exchange(id, &present.name, &name);
            present.name = name;
            changed = true;
        }
        let name = present.name.clone();
        (Person { id, name }, changed)
    }

    /// Adds a lease of a reader who is not listed. Returns the person that it would be.
    pub fn watch(&mut self, id: PersonId) -> Person {
        self.leases += 1;
        let name = guest_name(id);
        Person { id, name }
    }

    /// Ends a lease. If it was the person's last one, they are to be [removed](Self::remove)
    /// later unless they come back.
    pub fn leave(&mut self, id: PersonId) -> Option<LeftAt> {
        self.leases -= 1;
        self.changes += 1;
        let present = self.people.get_mut(&id)?;
        present.leases -= 1;
        present.left_at = self.changes;
        (present.leases == 0).then_some(LeftAt(self.changes))
    }

    /// Removes a person who has not come back since. Returns whether others see a change.
    pub fn remove(&mut self, id: PersonId, left_at: LeftAt) -> bool {
        let is_gone = |present: &&Present| present.leases == 0 && present.left_at == left_at.0;
        let Some(present) = self.people.get(&id).filter(is_gone) else {
            return false;
        };
        self.order.remove(&present.came_at);
        self.names.give_up(id, &present.name);
        self.people.remove(&id);
        true
    }

    /// Gives a person who is here another name. Returns whether others see a change.
    pub fn rename(&mut self, id: PersonId, name: PersonName) -> bool {
        match self.people.get_mut(&id) {
            Some(present) if present.name != name => {
                self.names.exchange(id, &present.name, &name);
                present.name = name;
                true
            }
            _ => false,
        }
    }

    /// The name of a person who is here.
    pub fn name(&self, id: PersonId) -> Option<&PersonName> {
        self.people.get(&id).map(|present| &present.name)
    }

    /// Returns `true` if a message of a person by this name could be taken for one of another person who had
    /// a name like it first and has a connection now. Those who may come back do not count: nobody is to be
    /// marked for good because their other device has just gone.
    pub fn is_look_alike(&self, id: PersonId, name: &PersonName) -> bool {
        let is_connected = |other| {
            let other = self.people.get(&other);
            other.is_some_and(|other| other.leases > 0)
        };
        self.names.is_look_alike(id, name, is_connected)
    }

    /// How many people are here, those included who may come back.
    pub fn count(&self) -> usize {
        self.people.len()
    }

    /// How many connections there are.
    pub fn leases(&self) -> usize {
        self.leases
    }

    /// The people as others see them.
    pub fn people(&self) -> People {
        let listed = self.order.values().take(MAX_LISTED_PEOPLE);
        let listed = listed.filter_map(|id| {
            let name = self.name(*id)?.clone();
            // Those who may come back are in the list, and so are their names.
            let look_alike = self.names.is_look_alike(*id, &name, |_| true);
            Some(PersonPresent {
                id: *id,
                name,
                look_alike,
            })
        });
        People {
            listed: listed.collect(),
            count: self.count(),
        }
    }
}

/// The name of somebody who has chosen none.
pub(crate) fn guest_name(id: PersonId) -> PersonName {
    let id = id.to_string().to_uppercase();
    PersonName::parse(&format!("Guest {}", &id[..4])).expect("letters and digits are a name")
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

    fn listed(presence: &Presence) -> Vec<(String, bool)> {
        let people = presence.people().listed.into_iter();
        people
            .map(|person| (person.name.to_string(), person.look_alike))
            .collect()
    }

    #[test]
    fn three_tabs_are_one_person_who_is_here_until_the_last_one_closes() {
        let mut presence = Presence::default();
        for _ in 0..3 {
            presence.enter(id(1), Some(name("Ada")));
        }
        assert_eq!((presence.count(), presence.leases()), (1, 3));
        assert_eq!(presence.leave(id(1)), None);
        assert_eq!(presence.leave(id(1)), None);
        let left_at = presence.leave(id(1)).unwrap();
        assert_eq!(presence.count(), 1);
        assert!(presence.remove(id(1), left_at));
        assert_eq!(presence.count(), 0);
        assert_eq!(presence.order.len(), 0);
    }

    #[test]
    fn who_comes_back_in_time_was_never_away() {
        let mut presence = Presence::default();
        presence.enter(id(1), Some(name("Ada")));
        let left_at = presence.leave(id(1)).unwrap();
        let (person, changed) = presence.enter(id(1), None);
        assert!(!changed);
        assert_eq!(person.name.as_str(), "Ada");
        assert!(!presence.remove(id(1), left_at));
        let again = presence.leave(id(1)).unwrap();
        assert!(!presence.remove(id(1), left_at), "the grace starts anew");
        assert!(presence.remove(id(1), again));
    }

    #[test]
    fn the_later_one_of_two_names_that_look_alike_is_marked() {
        let mut presence = Presence::default();
        presence.enter(id(1), Some(name("Ada")));
        presence.enter(id(2), Some(name("Аdа"))); // Cyrillic А and а
        presence.enter(id(3), Some(name("ADA")));
        presence.enter(id(4), Some(name("Bob")));
        let marks: Vec<_> = listed(&presence)
            .into_iter()
            .map(|(_, mark)| mark)
            .collect();
        assert_eq!(marks, [false, true, true, false]);
    }

    #[test]
    fn who_takes_the_name_of_somebody_who_came_later_is_marked() {
        let mut presence = Presence::default();
        presence.enter(id(1), Some(name("Eve")));
        presence.enter(id(2), Some(name("Bob")));
        presence.rename(id(1), name("Bob"));
        let marked = |mark| ("Bob".to_owned(), mark);
        assert_eq!(listed(&presence), [marked(true), marked(false)]);
        let left_at = presence.leave(id(2)).unwrap();
        assert!(presence.remove(id(2), left_at));
        assert_eq!(listed(&presence), [marked(false)]);
    }

    #[test]
    fn what_is_said_is_marked_only_while_another_person_of_that_name_is_connected() {
        let mut presence = Presence::default();
        presence.enter(id(1), Some(name("Ada")));
        presence.enter(id(2), Some(name("Ada")));
        assert!(presence.is_look_alike(id(2), &name("Ada")));
        assert!(!presence.is_look_alike(id(1), &name("Ada")));

        let left_at = presence.leave(id(1)).unwrap();
        assert!(!presence.is_look_alike(id(2), &name("Ada")), "she has gone");
        let ada = |mark| ("Ada".to_owned(), mark);
        assert_eq!(
            listed(&presence),
            [ada(false), ada(true)],
            "and may come back"
        );

        assert!(presence.remove(id(1), left_at));
        assert_eq!(listed(&presence), [ada(false)]);
        presence.enter(id(1), Some(name("Ada")));
        assert!(
            presence.is_look_alike(id(1), &name("Ada")),
            "she is the later one now"
        );
    }

    #[test]
    fn one_person_on_two_devices_is_never_marked() {
        let mut presence = Presence::default();
        presence.enter(id(1), Some(name("Ada")));
        presence.enter(id(1), Some(name("Ada")));
        presence.rename(id(1), name("ADA"));
        assert!(!presence.is_look_alike(id(1), &name("Ada")));
        assert_eq!(listed(&presence), [("ADA".to_owned(), false)]);
    }

    #[test]
    fn of_a_crowd_those_are_listed_who_have_been_here_longest() {
        let mut presence = Presence::default();
        for number in 0..=u8::MAX {
            let mut random = [0; 16];
            random[0] = number % 32;
            random[1] = number / 32;
            presence.enter(
                PersonId::from_random(random),
                Some(name(&format!("P{number}"))),
            );
        }
        let people = presence.people();
        assert_eq!((people.count, people.listed.len()), (256, 100));
        assert_eq!(people.listed[99].name.as_str(), "P99");
    }

    #[test]
    fn a_name_that_was_chosen_holds_in_every_tab() {
        let mut presence = Presence::default();
        let (guest, changed) = presence.enter(id(1), None);
        assert_eq!(guest.name.as_str(), "Guest 1111");
        assert!(changed);
        assert!(presence.rename(id(1), PersonName::parse("Ada").unwrap()));
        assert!(!presence.rename(id(1), PersonName::parse("Ada").unwrap()));
        assert_eq!(presence.enter(id(1), None).0.name.as_str(), "Ada");
    }
}
