//! The picture of a person.

use web_sys::Element;

use crate::dom::{append, first_character, set};
use crate::store::room::incoming::Person;

/// Adds the first character of a name to an element, on a colour that the person keeps.
pub fn append_avatar(parent: &Element, person: &Person) {
    let avatar = append(parent, "span", "avatar", &initial(&person.name));
    set(&avatar, "aria-hidden", "true");
    // It fails only in a style that cannot be changed.
    let _ = avatar
        .style()
        .set_property("--hue", &hue(person).to_string());
}

/// Returns the first character of a name as people see it.
pub fn initial(name: &str) -> String {
    first_character(name)
}

/// The angle of a person's colour, in degrees.
pub fn hue(person: &Person) -> u32 {
    String::from(person.id)
        .bytes()
        .fold(0, |hue, byte| (hue * 31 + u32::from(byte)) % 360)
}
