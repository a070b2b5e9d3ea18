//! Path under which the server is, such as `/chat`: the server writes it into the document, and every address of the
//! server begins with it.

use std::cell::Cell;

use web_sys::Element;

/// Attribute of the element that the app takes over. At the root of a host the server leaves it out.
const ATTRIBUTE: &str = "data-base-path";

thread_local! {
    static BASE_PATH: Cell<&'static str> = const { Cell::new("") };
}

/// Reads the base path from the element that the app takes over, once for all.
pub fn read(app: &Element) {
    if let Some(path) = app.get_attribute(ATTRIBUTE) {
        BASE_PATH.set(path.leak());
    }
}

/// Returns a path of the server as the browser asks for it.
#[inline(never)]
pub fn join(path: &str) -> String {
    let mut joined = String::from(BASE_PATH.get());
    joined.push_str(path);
    joined
}

/// Returns the path of the document as the server knows it. A document that was asked for without the base path has
/// it already.
pub fn strip(path: &str) -> &str {
    below(BASE_PATH.get(), path)
}

fn below<'a>(base_path: &str, path: &'a str) -> &'a str {
    path.strip_prefix(base_path)
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_the_base_path_by_whole_segments() {
        for (path, below_chat) in [
            ("/chat/", "/"),
            ("/chat/rooms", "/rooms"),
            ("/rooms", "/rooms"),
            ("/chatter", "/chatter"),
            ("/chat", "/chat"),
        ] {
            assert_eq!(below("/chat", path), below_chat);
            assert_eq!(below("", path), path);
        }
    }

    #[test]
    fn where_the_document_names_none_paths_stay_as_they_are() {
        assert_eq!(join("/rooms"), "/rooms");
        assert_eq!(strip("/chat/rooms"), "/chat/rooms");
    }
}
