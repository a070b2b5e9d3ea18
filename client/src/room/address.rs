//! The address of a room and what is asked for there.

use ::http::{HeaderValue, Uri};
use roomcast_shared::person::PersonName;
use roomcast_shared::position::Position;
use url::Url;

use crate::address::{self, WrittenAddress};

/// A room on a server, by the address that people open in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomAddress {
    url: Url,
    authorization: Option<HeaderValue>,
}

/// Why an address is none of a room.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no address of a room; write https://host/rooms/name")]
pub struct AddressError(String);

impl RoomAddress {
    /// Reads the address of a room: that of its page, `https://host/rooms/name`, perhaps under a path, as
    /// `https://host/chat/rooms/name`. The scheme may be left out; a name and a password in it are sent to this server as `Authorization`.
    ///
    /// # Errors
    /// [`AddressError`] says what to write.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let error = || AddressError(text.to_owned());
        let WrittenAddress {
            mut url,
            authorization,
        } = address::read(text).map_err(|_| error())?;
        let scheme = match url.scheme() {
            "https" | "wss" => "https",
            "http" | "ws" => "http",
            _ => return Err(error()),
        };
        url.set_scheme(scheme).map_err(|()| error())?;
        url.set_query(None);
        url.set_fragment(None);
        let segments: Vec<_> = url.path_segments().ok_or_else(error)?.collect();
        match segments[..] {
            [.., "rooms", room] | [.., "rooms", room, ""] if !room.is_empty() => {}
            _ => return Err(error()),
        }
        if url.path().ends_with('/') {
            let path = url.path().trim_end_matches('/').to_owned();
            url.set_path(&path);
        }
        Ok(Self { url, authorization })
    }

    /// The server: its host, its port where that is not the usual one, and the path under which it is, if it has
    /// one. What a cookie belongs to.
    pub fn server(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let base_path = self.split().map_or("", |(base_path, _)| base_path);
        match self.url.port() {
            Some(port) => format!("{host}:{port}{base_path}"),
            None => format!("{host}{base_path}"),
        }
    }

    /// Whether its server is spoken to over TLS.
    pub fn needs_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The `Authorization` for its server, if the address has a name or a password.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// The room, as it was written.
    pub fn room(&self) -> String {
        let encoded = self.url.path().rsplit('/').next().unwrap_or_default();
        // A pair's name alone is decoded: `+` is none of a room's characters.
        let decoded = url::form_urlencoded::parse(encoded.as_bytes()).next();
        decoded.map_or_else(|| encoded.to_owned(), |(name, _)| name.into_owned())
    }

    /// The address of its WebSocket.
    pub(super) fn socket(&self, from: &str, name: Option<&PersonName>) -> Option<Uri> {
        let mut url = self.api("socket")?;
        let mut query = url.query_pairs_mut();
        query.append_pair("from", from);
        if let Some(name) = name {
            query.append_pair("name", name.as_str());
        }
        drop(query);
        url.as_str().parse().ok()
    }

    /// The address of the page of history before a position.
    pub(super) fn messages_before(&self, before: Position, limit: u64) -> Option<Uri> {
        let mut url = self.api("messages")?;
        url.query_pairs_mut()
            .append_pair("before", &before.to_string())
            .append_pair("limit", &limit.to_string());
        url.as_str().parse().ok()
    }

    fn api(&self, what: &str) -> Option<Url> {
        let (base_path, room) = self.split()?;
        let mut url = self.url.clone();
        url.set_path(&format!("{base_path}/api/rooms/{room}/{what}"));
        Some(url)
    }

    /// The path under which the server is, without a slash at its end and empty at the root of its host; and the
    /// room's part of the path.
    fn split(&self) -> Option<(&str, &str)> {
        self.url.path().rsplit_once("/rooms/")
    }
}

impl std::fmt::Display for RoomAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.url.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_known_by_the_address_of_its_page() {
        let room = RoomAddress::parse("localhost:8443/rooms/Caf%C3%A9?x#y").unwrap();
        assert_eq!(room.server(), "localhost:8443");
        assert_eq!(room.room(), "Café");
        assert_eq!(room.to_string(), "https://localhost:8443/rooms/Caf%C3%A9");
        let position: Position = "k3j9x2ab-17".parse().unwrap();
        let name = PersonName::parse("Ada & Co").unwrap();
        assert_eq!(
            room.socket(&position.to_string(), Some(&name)).unwrap(),
            "https://localhost:8443/api/rooms/Caf%C3%A9/socket?from=k3j9x2ab-17&name=Ada+%26+Co"
        );
        assert_eq!(
            room.messages_before(position, 50).unwrap(),
            "https://localhost:8443/api/rooms/Caf%C3%A9/messages?before=k3j9x2ab-17&limit=50"
        );
    }

    #[test]
    fn the_path_before_a_room_belongs_to_its_server() {
        for (text, server, socket) in [
            (
                "host/rooms/a",
                "host",
                "https://host/api/rooms/a/socket?from=now",
            ),
            (
                "host:8443/chat/rooms/a/?x",
                "host:8443/chat",
                "https://host:8443/chat/api/rooms/a/socket?from=now",
            ),
            (
                "ws://host/tools/chat/rooms/a",
                "host/tools/chat",
                "http://host/tools/chat/api/rooms/a/socket?from=now",
            ),
            (
                "host/rooms/rooms/rooms",
                "host/rooms",
                "https://host/rooms/api/rooms/rooms/socket?from=now",
            ),
        ] {
            let room = RoomAddress::parse(text).unwrap();
            assert_eq!(room.server(), server);
            assert_eq!(room.socket("now", None).unwrap(), socket);
        }
    }

    #[test]
    fn a_trailing_slash_and_a_websocket_scheme_mean_the_same() {
        let room = RoomAddress::parse("ws://host/rooms/a/").unwrap();
        assert_eq!(room.to_string(), "http://host/rooms/a");
    }

    #[test]
    fn a_password_is_for_the_server_alone_and_a_query_may_hold_an_address() {
        let room = RoomAddress::parse("ada:secret@host/rooms/a?from=http://x").unwrap();
        assert_eq!(room.to_string(), "https://host/rooms/a");
        assert_eq!(room.authorization().unwrap(), "Basic YWRhOnNlY3JldA==");
        let socket = room.socket("now", None).unwrap().to_string();
        assert!(!socket.contains("secret"), "{socket}");
    }

    #[test]
    fn what_is_no_room_is_refused_with_a_hint() {
        for text in [
            "host",
            "https://host/rooms",
            "https://host/rooms/",
            "ftp://host/rooms/a",
        ] {
            let error = RoomAddress::parse(text).unwrap_err().to_string();
            assert!(error.contains("write https://host/rooms/name"), "{error}");
        }
    }
}
