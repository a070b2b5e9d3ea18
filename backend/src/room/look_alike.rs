//! Names that people confuse, and who had which first.

use std::collections::HashMap;

use roomcast_shared::invisible::is_invisible;
use roomcast_shared::person::{PersonId, PersonName};
use unicode_security::skeleton;

/// Who goes by which name, names that look alike being one. Invariant: nobody has an empty list.
#[derive(Debug, Default)]
pub(super) struct NamesTaken(HashMap<Appearance, Vec<PersonId>>);

impl NamesTaken {
    /// A person who has no name yet takes one.
    pub(super) fn take(&mut self, id: PersonId, name: &PersonName) {
        for appearance in appearances(name) {
            self.add(id, appearance);
        }
    }

    /// A person takes another name. Where it looks like their old one, they keep their place.
    pub(super) fn exchange(&mut self, id: PersonId, old: &PersonName, new: &PersonName) {
        for (old, new) in appearances(old).into_iter().zip(appearances(new)) {
            if old != new {
                self.remove(id, &old);
                self.add(id, new);
            }
        }
    }

    /// A person no longer goes by a name.
    pub(super) fn give_up(&mut self, id: PersonId, name: &PersonName) {
        for appearance in &appearances(name) {
            self.remove(id, appearance);
        }
    }

    /// Returns `true` if the first of those who have a name like this one is another person. Only those count
    /// whom `is_counted` takes, and the person themselves.
    pub(super) fn is_look_alike(
        &self,
        id: PersonId,
        name: &PersonName,
        is_counted: impl Fn(PersonId) -> bool,
    ) -> bool {
        appearances(name).iter().any(|appearance| {
            let mut holders = self.0.get(appearance).into_iter().flatten();
            holders
                .find(|holder| **holder == id || is_counted(**holder))
                .is_some_and(|first| *first != id)
        })
    }

    fn add(&mut self, id: PersonId, appearance: Appearance) {
        let holders = self.0.entry(appearance);
        // Mostly there is one: no room for more until they come.
        holders
            .and_modify(|ids| ids.push(id))
            .or_insert_with(|| vec![id]);
    }

    fn remove(&mut self, id: PersonId, appearance: &Appearance) {
        if let Some(holders) = self.0.get_mut(appearance) {
            holders.retain(|holder| *holder != id);
            if holders.is_empty() {
                self.0.remove(appearance);
            }
        }
    }
}

/// What names that people confuse have in common (Unicode technical standard 39, section 4): how
/// they look as written (`Ivan` and `lvan`), or how they look in small letters (`Ivan` and `ivan`).
/// One form for both would make one name of `Neil` and `Nell`, as a capital I is both a small i and
/// the image of a small l.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Appearance {
    AsWritten(Box<str>),
    InSmallLetters(Box<str>),
}

fn appearances(name: &PersonName) -> [Appearance; 2] {
    let written: String = name.as_str().chars().map(unframed).collect();
    // By way of capitals, which makes one letter of both forms of sigma.
    let capitals = written.chars().flat_map(char::to_uppercase);
    let small: String = capitals.flat_map(char::to_lowercase).collect();
    [
        // A capital L is nothing like a capital I: Ian and Lan are two names.
        Appearance::AsWritten(shape(written, Some('L'))),
        Appearance::InSmallLetters(shape(small, None)),
    ]
}

/// A small letter may have a shape of its own (`m` is taken for `rn`, and `M` is not): the second
/// round finds it where the first one made a letter small.
const ROUNDS: usize = 2;

/// The shape of a text: characters that people confuse are one. In the end capitals are small, so
/// that Cyrillic `Воb` is also like `bob`; but for the one that is `kept`.
fn shape(mut text: String, kept: Option<char>) -> Box<str> {
    for _ in 0..ROUNDS {
        let prototypes: String = if text.is_ascii() {
            text.chars().fold(String::new(), with_prototype_of_ascii)
        } else {
            skeleton(&text).collect()
        };
        text.clear();
        for c in prototypes.chars().filter(|c| !is_invisible(*c)) {
            if Some(c) == kept {
                text.push(c);
            } else {
                text.extend(c.to_lowercase());
            }
        }
    }
    text.into()
}

/// What [`skeleton`] does to ASCII, without its tables: most names are, and each message asks.
fn with_prototype_of_ascii(mut text: String, c: char) -> String {
    match c {
        '1' | 'I' | '|' => text.push('l'),
        '0' => text.push('O'),
        'm' => text.push_str("rn"),
        '"' => text.push_str("''"),
        '`' => text.push('\''),
        '%' => text.push_str("°/₀"),
        c => text.push(c),
    }
    text
}

/// The letter in a circle or a square, which the tables of confusable characters leave out.
fn unframed(c: char) -> char {
    let (first, letters) = match c {
        'Ⓐ'..='Ⓩ' => ('Ⓐ', 'A'..='Z'),
        'ⓐ'..='ⓩ' => ('ⓐ', 'a'..='z'),
        '🄰'..='🅉' => ('🄰', 'A'..='Z'),
        '🅐'..='🅩' => ('🅐', 'A'..='Z'),
        '🅰'..='🆉' => ('🅰', 'A'..='Z'),
        '🇦'..='🇿' => ('🇦', 'A'..='Z'),
        _ => return c,
    };
    (first..=c)
        .zip(letters)
        .last()
        .map_or(c, |(_, letter)| letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl NamesTaken {
        fn is_later(&self, id: PersonId, name: &PersonName) -> bool {
            self.is_look_alike(id, name, |_| true)
        }
    }

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
        assert!(!names.is_later(id(1), &name("Bob")));
        assert!(names.is_later(id(2), &name("B0b")));
        assert!(names.is_later(id(3), &name("bob")), "without being here");
        names.give_up(id(1), &name("Bob"));
        assert!(!names.is_later(id(2), &name("B0b")));
        names.give_up(id(2), &name("B0b"));
        assert!(names.0.is_empty());
    }

    #[test]
    fn a_holder_who_does_not_count_leaves_the_name_to_the_next_one() {
        let mut names = NamesTaken::default();
        for number in 1..=3 {
            names.take(id(number), &name("Bob"));
        }
        let without_first = |holder| holder != id(1);
        assert!(!names.is_look_alike(id(2), &name("Bob"), without_first));
        assert!(names.is_look_alike(id(3), &name("Bob"), without_first));
        assert!(!names.is_look_alike(id(1), &name("Bob"), |_| false));
    }

    #[test]
    fn another_way_to_write_a_name_keeps_its_place_and_another_name_does_not() {
        let mut names = NamesTaken::default();
        names.take(id(1), &name("bob"));
        names.take(id(2), &name("Bob"));
        names.exchange(id(1), &name("bob"), &name("BOB"));
        assert!(!names.is_later(id(1), &name("BOB")));
        names.exchange(id(1), &name("BOB"), &name("Ada"));
        names.exchange(id(1), &name("Ada"), &name("Bob"));
        assert!(names.is_later(id(1), &name("Bob")));
        assert!(!names.is_later(id(2), &name("Bob")));
    }

    fn are_alike(one: &str, other: &str) -> bool {
        let mut names = NamesTaken::default();
        names.take(id(1), &name(one));
        let is_alike = names.is_later(id(2), &name(other));
        let mut names = NamesTaken::default();
        names.take(id(1), &name(other));
        assert_eq!(names.is_later(id(2), &name(one)), is_alike);
        is_alike
    }

    #[test]
    fn names_that_people_confuse_are_alike() {
        for names in [
            "Bob, bob, BOB, B0b, Воb, Βob, Ⓑⓞⓑ, 🅑🅞🅑, 🄱🄾🄱, 🅱🅾🅱, 🇧🇴🇧",
            "Ivan, lvan, 1van, |van, Іvan, Ιvan, Ⓘvan",
            "Ivan, ivan, IVAN",
            "Alice, AIice, A1ice, alice, aIice, Ａｌｉｃｅ",
            "Bill, BiII, BilI, bill, Вill",
            "Paul, PauI, paul",
            "Lily, LiIy",
            "Hanna, Нanna, hanna",
            "Max, Мax, max, rnax",
            "Tom, Тom, Τom, tom, Torn",
            "Kim, Кim, Κim, kim",
            "Eva, Εva, eva",
            "Nora, Νora, nora",
            "Helen, Ηelen, helen",
            "Maria, Μaria, maria",
            "ANNA, ΑΝΝΑ, Anna, anna",
            "Jeff, Jeſſ",
            "Γιάννης, ΓΙΆΝΝΗΣ, γιάννησ",
            "Strauß, STRAUSS, strauss",
            "Ada Lovelace, AdaLovelace, Ada\u{2800}Lovelace, Ada Love\u{200b}lace",
        ] {
            let names: Vec<&str> = names.split(", ").collect();
            for (index, one) in names.iter().enumerate() {
                for other in &names[index + 1..] {
                    assert!(are_alike(one, other), "{one} and {other}");
                }
            }
        }
    }

    #[test]
    fn names_that_people_tell_apart_are_not_alike() {
        let names = "Ann Amm Anna Hanna Neil Nell NEIL Mai Mal Kai Kal Ian Lan Jan Iola Lola Eli Ella \
                     Ali Alina Leia Lela Bob Rob Tim Tom Боб Анна Иван Ива Ελένη Νίκος 李 王";
        let names: Vec<&str> = names.split_whitespace().collect();
        for (index, one) in names.iter().enumerate() {
            for other in &names[index + 1..] {
                let is_case = one.to_lowercase() == other.to_lowercase();
                assert_eq!(are_alike(one, other), is_case, "{one} and {other}");
            }
        }
    }

    #[test]
    fn whoever_comes_to_look_like_a_name_by_small_steps_stands_behind_it() {
        let mut names = NamesTaken::default();
        names.take(id(1), &name("LVAN"));
        names.take(id(2), &name("Ivan"));
        names.exchange(id(1), &name("LVAN"), &name("lvan"));
        assert!(names.is_later(id(1), &name("lvan")));
        assert!(!names.is_later(id(2), &name("Ivan")));
        names.give_up(id(1), &name("lvan"));
        names.give_up(id(2), &name("Ivan"));
        assert!(names.0.is_empty());
    }

    #[test]
    fn the_short_way_for_ascii_is_that_of_the_tables() {
        for c in '\0'..='\x7f' {
            let of_tables: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
            assert_eq!(with_prototype_of_ascii(String::new(), c), of_tables);
        }
    }

    #[test]
    fn after_its_rounds_no_letter_changes_any_more() {
        for c in ('\0'..='\u{1ffff}').filter(|c| c.is_lowercase() || c.is_uppercase()) {
            for kept in [None, Some('L')] {
                let first = shape(unframed(c).to_string(), kept);
                assert_eq!(shape(first.to_string(), kept), first, "{c}");
            }
        }
    }
}
