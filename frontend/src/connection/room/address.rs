//! The addresses of a room.

use roomcast_shared::position::Position;

/// Messages in a page of history.
const PAGE_MESSAGES: &str = "100";

/// A room by its part of the page's URL, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomAddress {
    segment: String,
}

impl RoomAddress {
    /// The room whose page has this path.
    pub fn of_page(path: &str) -> Self {
        let segment = path.strip_prefix("/rooms/").unwrap_or(path);
        Self {
            segment: segment.trim_end_matches('/').to_owned(),
        }
    }

    /// The part of the URL.
    pub fn segment(&self) -> &str {
        &self.segment
    }

    /// The path of the WebSocket that starts after `position`, for a person of this name, in the form
    /// of a URL's part.
    pub fn socket(&self, position: Option<Position>, name: &str) -> String {
        // The room's own address, which answers WebSockets too.
        let mut path = String::from("/rooms/");
        path.push_str(&self.segment);
        path.push_str("?from=");
        match position {
            Some(position) => path.push_str(&String::from(position)),
            None => path.push_str("last:50"),
        }
        push_name(&mut path, name);
        path
    }

    /// The path of the page of history that ends before `position`.
    pub fn history(&self, before: Position) -> String {
        let mut path = self.api("/messages?limit=");
        path.push_str(PAGE_MESSAGES);
        path.push_str("&before=");
        path.push_str(&String::from(before));
        path
    }

    /// The path of the event stream of what comes from now on, for a person of this name, in the form of a
    /// URL's part.
    pub fn events(&self, name: &str) -> String {
        let mut path = self.api("/events?from=now");
        push_name(&mut path, name);
        path
    }

    fn api(&self, rest: &str) -> String {
        let mut path = String::from("/api/rooms/");
        path.push_str(&self.segment);
        path.push_str(rest);
        path
    }
}

fn push_name(path: &mut String, name: &str) {
    if !name.is_empty() {
        path.push_str("&name=");
        path.push_str(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position() -> Position {
        "k3j9x2ab-17".parse().unwrap()
    }

    #[test]
    fn a_room_keeps_the_name_that_its_page_has() {
        for path in ["/rooms/caf%C3%A9", "/rooms/caf%C3%A9/"] {
            let room = RoomAddress::of_page(path);
            assert_eq!(room.segment(), "caf%C3%A9");
            assert_eq!(room.events(""), "/api/rooms/caf%C3%A9/events?from=now");
        }
    }

    #[test]
    fn the_first_connection_asks_for_some_history_and_the_next_for_what_was_missed() {
        let room = RoomAddress::of_page("/rooms/ops");
        assert_eq!(room.socket(None, ""), "/rooms/ops?from=last:50");
        assert_eq!(
            room.socket(Some(position()), "Ada%20L"),
            "/rooms/ops?from=k3j9x2ab-17&name=Ada%20L"
        );
        assert_eq!(
            room.events("Ada%20L"),
            "/api/rooms/ops/events?from=now&name=Ada%20L"
        );
    }

    #[test]
    fn history_goes_back_a_page_at_a_time() {
        assert_eq!(
            RoomAddress::of_page("/rooms/ops").history(position()),
            "/api/rooms/ops/messages?limit=100&before=k3j9x2ab-17"
        );
    }
}
