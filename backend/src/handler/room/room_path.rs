//! The room that a request's path names.

use axum::extract::{FromRequestParts, Path};
use http::StatusCode;
use http::request::Parts;
use roomcast_shared::room_name::RoomName;

use super::sentence;
use crate::handler::problem::Problem;

/// Extracts `{room}` from the path, in its canonical form.
#[derive(Clone, Debug)]
pub struct RoomPath(pub RoomName);

impl<S: Send + Sync> FromRequestParts<S> for RoomPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
        let Path(name) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| bad("Write the room's name in UTF-8, percent-encoded.".to_owned()))?;
        let name = RoomName::parse(&name).map_err(|error| bad(sentence(&error)))?;
        Ok(Self(name))
    }
}

/// A room's name as a part of a path (RFC 3986, section 2.1).
pub(super) fn encoded(room: &RoomName) -> String {
    room.as_str().bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            path.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = std::fmt::Write::write_fmt(&mut path, format_args!("%{byte:02X}"));
        }
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_another_script_is_encoded_for_the_path() {
        assert_eq!(encoded(&RoomName::parse("ops-2_b").unwrap()), "ops-2_b");
        assert_eq!(encoded(&RoomName::parse("Büro").unwrap()), "b%C3%BCro");
    }
}
