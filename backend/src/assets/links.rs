//! Links of a document under the base path.

use super::html::{StartTag, start_tags};
use crate::config::BasePath;

/// Attributes that hold an address.
const ADDRESSES: [&str; 3] = ["action", "href", "src"];

/// Elements whose text is markup for some readers: those without scripting, and the browser app.
const INNER_MARKUP: [&str; 2] = ["noscript", "template"];

/// Id of the element that the browser app takes over.
const APP_ID: &str = "app";

/// Attribute of that element by which the browser app knows the base path. A `base` element would change what
/// links within a page mean, and the Content Security Policy forbids it.
const BASE_PATH: &str = "data-base-path";

/// Puts the base path before each absolute path of a document, and tells it to the browser app. At the root the
/// document stays as it is.
pub(super) fn under(document: &str, base_path: &BasePath) -> String {
    if base_path.is_root() {
        return document.to_owned();
    }
    let mut insertions = Vec::new();
    collect(document, 0, base_path, &mut insertions);
    insertions.sort_by_key(|(position, _)| *position);
    let mut rebased = String::with_capacity(document.len());
    let mut copied = 0;
    for (position, text) in insertions {
        rebased.push_str(&document[copied..position]);
        rebased.push_str(&text);
        copied = position;
    }
    rebased + &document[copied..]
}

/// Collects what is to be inserted, and at which byte, into markup that begins at `offset` of its document.
fn collect(
    markup: &str,
    offset: usize,
    base_path: &BasePath,
    insertions: &mut Vec<(usize, String)>,
) {
    for tag in start_tags(markup) {
        if tag.attribute("id") == Some(APP_ID) {
            let after_name = offset + tag.begin + 1 + tag.name.len();
            insertions.push((after_name, format!(" {BASE_PATH}=\"{base_path}\"")));
        }
        let paths = ADDRESSES.into_iter().filter_map(|name| {
            let begin = tag.value_begin(name)?;
            let address = &markup[begin..];
            // Two slashes begin the name of a host.
            let is_path = address.starts_with('/') && !address.starts_with("//");
            is_path.then(|| (offset + begin, base_path.as_str().to_owned()))
        });
        insertions.extend(paths);
        if has_inner_markup(&tag) {
            collect(tag.text, offset + tag.end, base_path, insertions);
        }
    }
}

fn has_inner_markup(tag: &StartTag<'_>) -> bool {
    INNER_MARKUP.contains(&tag.name.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn under_chat(document: &str) -> String {
        under(document, &"/chat".parse().unwrap())
    }

    #[test]
    fn every_absolute_path_is_put_under_the_base_path() {
        let document = "<link rel=icon href=/i.svg><script src='/a.js'></script>\
            <a href = \"/\">é</a><noscript><a href=\"/prime\">1</a></noscript>\
            <template><a href=/rooms></a></template><form action=/x></form>";
        assert_eq!(
            under_chat(document),
            "<link rel=icon href=/chat/i.svg><script src='/chat/a.js'></script>\
            <a href = \"/chat/\">é</a><noscript><a href=\"/chat/prime\">1</a></noscript>\
            <template><a href=/chat/rooms></a></template><form action=/chat/x></form>"
        );
    }

    #[test]
    fn other_addresses_texts_and_scripts_stay_as_they_are() {
        let document = "<a href=//host/a><a href=https://host/a><a href=\"\"><a href=#a><a href=a>\
            <script>const path = '/rooms'; '<a href=/x>'</script><p data-href=/a>/a</p>\
            <!-- <a href=/c> -->";
        assert_eq!(under_chat(document), document);
    }

    #[test]
    fn the_browser_app_is_told_the_base_path() {
        assert_eq!(
            under_chat("<div class=a id=app><a href=/></a></div>"),
            "<div data-base-path=\"/chat\" class=a id=app><a href=/chat/></a></div>"
        );
    }

    #[test]
    fn at_the_root_no_byte_changes() {
        let document = "<div id=app><a href=/rooms>";
        assert_eq!(under(document, &BasePath::default()), document);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_nothing_is_lost(
            document in r#"(<a href=|<noscript>|</noscript>|<p id=app|[<>/="' aé]){0,16}"#
        ) {
            let rebased = under_chat(&document);
            let restored = rebased.replace(" data-base-path=\"/chat\"", "").replace("/chat", "");
            prop_assert_eq!(restored, document);
        }
    }
}
