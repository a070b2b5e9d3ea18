//! The addresses of a room.

use roomcast_shared::position::Position;

use crate::base_path;

/// Messages in a page of history.
const PAGE_MESSAGES: &str = "100";

/// A room by its part of the page's URL, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomAddress {
    segment: String,
}

impl RoomAddress {
    /// The room whose page has this path: its last segment, whatever the base path.
    pub fn of_page(path: &str) -> Self {
        let path = path.trim_end_matches('/');
        let before = path.bytes().rposition(|byte| byte == b'/');
        let segment = before.and_then(|slash| path.get(slash + 1..));
        Self {
            segment: segment.unwrap_or(path).to_owned(),
        }
    }

    /// The part of the URL.
    pub fn segment(&self) -> &str {
        &self.segment
    }

    /// The path of the WebSocket that starts after `position`, for a person of this name, in the form
    /// of a URL's part.
    /// `attempt` names the handshake.
    pub fn socket(&self, position: Option<Position>, name: &str, attempt: &str) -> String {
        // The room's own address, which answers WebSockets too.
        let mut path = base_path::join("/rooms/");
        path.push_str(&self.segment);
        push_start(&mut path, position, name);
        path.push_str("&attempt=");
        path.push_str(attempt);
        path
    }

    /// The path that tells what came of the handshake that was named so.
    pub fn report(&self, attempt: &str) -> String {
        let mut path = self.api("/socket?attempt=");
        path.push_str(attempt);
        path
    }

    /// The path that takes messages.
    pub fn messages(&self) -> String {
        self.api("/messages")
    }

    /// The path that is told that the person is writing.
    pub fn typing(&self) -> String {
        self.api("/typing")
    }

    /// The path of the page of history that ends before `position`.
    pub fn history(&self, before: Position) -> String {
        let mut path = self.api("/messages?limit=");
        path.push_str(PAGE_MESSAGES);
        path.push_str("&before=");
        path.push_str(&String::from(before));
        path
    }

    /// The path of the event stream that starts after `position`, for a person of this name, in the form of a
    /// URL's part, with a heartbeat each time so many seconds have passed in silence.
    pub fn events(&self, position: Option<Position>, name: &str, heartbeat: u64) -> String {
        let mut path = self.api("/events");
        push_start(&mut path, position, name);
        path.push_str("&welcome=true&heartbeat=");
        path.push_str(&heartbeat.to_string());
        path
    }

    fn api(&self, rest: &str) -> String {
        let mut path = base_path::join("/api/rooms/");
        path.push_str(&self.segment);
        path.push_str(rest);
        path
    }
}

fn push_start(path: &mut String, position: Option<Position>, name: &str) {
    path.push_str("?from=");
    match position {
        Some(position) => path.push_str(&String::from(position)),
        None => path.push_str("last:50"),
    }
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
        for path in [
            "/rooms/caf%C3%A9",
            "/rooms/caf%C3%A9/",
            "/tools/chat/rooms/caf%C3%A9",
        ] {
            let room = RoomAddress::of_page(path);
            assert_eq!(room.segment(), "caf%C3%A9");
            assert_eq!(room.messages(), "/api/rooms/caf%C3%A9/messages");
        }
    }

    #[test]
    fn the_first_connection_asks_for_some_history_and_the_next_for_what_was_missed() {
        let room = RoomAddress::of_page("/rooms/ops");
        assert_eq!(
            room.socket(None, "", "x1"),
            "/rooms/ops?from=last:50&attempt=x1"
        );
        assert_eq!(
            room.socket(Some(position()), "Ada%20L", "x2"),
            "/rooms/ops?from=k3j9x2ab-17&name=Ada%20L&attempt=x2"
        );
        assert_eq!(
            room.events(Some(position()), "Ada%20L", 10),
            "/api/rooms/ops/events?from=k3j9x2ab-17&name=Ada%20L&welcome=true&heartbeat=10"
        );
    }

    #[test]
    fn the_handshake_that_was_named_is_asked_for() {
        let room = RoomAddress::of_page("/rooms/ops");
        assert_eq!(room.report("x1"), "/api/rooms/ops/socket?attempt=x1");
    }

    #[test]
    fn history_goes_back_a_page_at_a_time() {
        assert_eq!(
            RoomAddress::of_page("/rooms/ops").history(position()),
            "/api/rooms/ops/messages?limit=100&before=k3j9x2ab-17"
        );
    }
}
