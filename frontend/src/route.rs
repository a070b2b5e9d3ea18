//! The addresses of the client below the base path, and the pages that the navigation names.

use crate::base_path;
use crate::dom::url_part;

/// A page of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The stream of primes.
    Primes,
    /// The list of rooms.
    Rooms,
    /// A room.
    Room,
    /// Nothing that we know.
    NotFound,
}

/// Page, path and name of each entry of the navigation, in its order.
pub const PAGES: [(Route, &str, &str); 2] = [
    (Route::Primes, PRIMES, "Primes"),
    (Route::Rooms, ROOMS, "Rooms"),
];

/// The path of the page of primes.
pub const PRIMES: &str = "/";

/// The path of the list of rooms; a room is one step below.
pub const ROOMS: &str = "/rooms";

/// The path of a room, under the base path.
pub fn room(name: &str) -> String {
    let mut path = base_path::join(ROOMS);
    path.push('/');
    path.push_str(&url_part(name));
    path
}

impl Route {
    /// The page at a path.
    pub fn at(path: &str) -> Self {
        match path {
            PRIMES | "/index.html" => Self::Primes,
            ROOMS => Self::Rooms,
            _ if is_room(path) => Self::Room,
            _ => Self::NotFound,
        }
    }
}

/// Whether a path is that of a room: one step below the list of rooms.
fn is_room(path: &str) -> bool {
    path.strip_prefix("/rooms/")
        .is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_navigation_leads_to_its_page() {
        for (route, path, _) in PAGES {
            assert_eq!(Route::at(path), route);
        }
    }

    #[test]
    fn the_document_by_its_own_name_is_the_first_page() {
        assert_eq!(Route::at("/index.html"), Route::Primes);
    }

    #[test]
    fn a_room_is_one_step_below_the_list_of_rooms() {
        assert_eq!(Route::at("/rooms/ops"), Route::Room);
        for path in ["/rooms/", "/rooms/ops/", "/rooms/ops/more"] {
            assert_eq!(Route::at(path), Route::NotFound, "{path}");
        }
    }

    #[test]
    fn an_unknown_address_has_a_page_that_says_so() {
        for path in ["", "/primes", "//", "/index.html/"] {
            assert_eq!(Route::at(path), Route::NotFound, "{path}");
        }
    }
}
