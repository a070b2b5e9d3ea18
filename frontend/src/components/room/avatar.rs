//! The picture of a person.

use leptos::prelude::*;

use crate::dom::first_character;
use crate::store::room::incoming::Person;

/// The first character of a name, on a colour that the person keeps.
#[component]
pub fn Avatar<'a>(person: &'a Person) -> impl IntoView + use<> {
    let first = initial(&person.name);
    let hue = hue(person).to_string();
    view! { <span class="avatar" aria-hidden="true" style=("--hue", hue)>{first}</span> }
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
