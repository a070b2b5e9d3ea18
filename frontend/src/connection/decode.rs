//! From parsed JSON to what the wire's types say.

use roomcast_shared::lobby::{Lobby, LobbyRoom};
use roomcast_shared::prime::{Number, PrimeEvent};
use wasm_bindgen::JsValue;

use super::json::{field, items, whole};

/// The primes of a list; those that are something else are left out.
pub fn prime_events(json: &JsValue) -> Vec<PrimeEvent> {
    items(json).iter().filter_map(prime_event).collect()
}

/// A prime. None when it is something else.
pub fn prime_event(json: &JsValue) -> Option<PrimeEvent> {
    let number = field(json, "number");
    let number = match number.as_string() {
        Some(digits) => digits.parse().ok()?,
        None => Number::from(whole(&number)?),
    };
    Some(PrimeEvent {
        id: whole(&field(json, "id"))?,
        number,
    })
}

/// The list of rooms. None when it is something else.
pub fn lobby(json: &JsValue) -> Option<Lobby> {
    let rooms = items(&field(json, "rooms"));
    Some(Lobby {
        rooms: rooms.iter().map(room).collect::<Option<_>>()?,
    })
}

fn room(json: &JsValue) -> Option<LobbyRoom> {
    Some(LobbyRoom {
        name: field(json, "name").as_string()?.try_into().ok()?,
        people: usize::try_from(whole(&field(json, "people"))?).ok()?,
        last_message: whole(&field(json, "last_message")),
    })
}
