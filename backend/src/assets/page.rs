//! The pages of the client, each with a document of its own.

use super::html::{StartTag, escaped, start_tags};

/// The attribute of a `template` that names the pages of which it holds a part.
const PAGE: &str = "data-page";

/// The attribute of one of them with the page's title.
const TITLE: &str = "data-title";

/// A page of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The stream of primes.
    Primes,
    /// The list of rooms.
    Rooms,
    /// One room, whatever its name.
    Room,
}

impl Page {
    /// Every page, in the order of `Page::index`.
    pub const ALL: [Self; 3] = [Self::Primes, Self::Rooms, Self::Room];

    /// Where it stands in [`Page::ALL`].
    pub(super) fn index(self) -> usize {
        match self {
            Self::Primes => 0,
            Self::Rooms => 1,
            Self::Room => 2,
        }
    }

    /// The cookie by which a client remembers the files that the page needs: each page has a program of
    /// its own.
    pub(super) fn cookie(self) -> &'static str {
        match self {
            Self::Primes => "bundle",
            Self::Rooms => "lobby-bundle",
            Self::Room => "room-bundle",
        }
    }

    /// What its templates in `index.html` are named after.
    fn name(self) -> &'static str {
        match self {
            Self::Primes => "primes",
            Self::Rooms => "rooms",
            Self::Room => "room",
        }
    }
}

/// The document of one page: of the templates that hold parts of pages, the page's own are unpacked,
/// with its title, and those of other pages are left out.
///
/// A document without templates stays as it is.
pub(super) fn select(document: &str, page: Page) -> String {
    let tags = start_tags(document);
    let is_own = |tag: &StartTag<'_>| is_template(tag) && tag.has_word(PAGE, page.name());
    let title = tags
        .iter()
        .filter(|tag| is_own(tag))
        .find_map(|tag| tag.attribute(TITLE));

    let mut selected = String::with_capacity(document.len());
    let mut copied = 0;
    for tag in &tags {
        let content = if is_template(tag) {
            if is_own(tag) { tag.text } else { "" }.to_owned()
        } else if let Some(title) = title.filter(|_| tag.name == "title") {
            format!("<title>{}</title>", escaped(title))
        } else {
            continue;
        };
        selected.push_str(&document[copied..tag.begin]);
        selected.push_str(&content);
        copied = after_end_tag(document, tag);
    }
    selected + &document[copied..]
}

fn is_template(tag: &StartTag<'_>) -> bool {
    tag.name == "template" && tag.attribute(PAGE).is_some()
}

/// The byte after the end tag of an element whose content is text.
fn after_end_tag(document: &str, tag: &StartTag<'_>) -> usize {
    let after_text = tag.end + tag.text.len();
    let end_tag = document[after_text..].find('>');
    end_tag.map_or(document.len(), |end| after_text + end + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DOCUMENT: &str = "<title>Roomcast</title><div id=app><header></header>\
        <template data-page=primes data-title=\"Primes\"><main>2</main></template>\
        <template data-page=rooms data-title='Rooms &amp; people'><h1>Rooms</h1></template></div>";

    #[test]
    fn a_page_has_its_own_beginning_and_title_and_no_others() {
        assert_eq!(
            select(DOCUMENT, Page::Primes),
            "<title>Primes</title><div id=app><header></header><main>2</main></div>"
        );
        assert_eq!(
            select(DOCUMENT, Page::Rooms),
            "<title>Rooms &amp; people</title><div id=app><header></header><h1>Rooms</h1></div>"
        );
    }

    #[test]
    fn a_part_may_belong_to_several_pages() {
        let document = "<title>R</title><template data-page=\"rooms room\">1</template>\
            <template data-page=room data-title=Room>2</template>";
        assert_eq!(select(document, Page::Rooms), "<title>R</title>1");
        assert_eq!(select(document, Page::Room), "<title>Room</title>12");
        assert_eq!(select(document, Page::Primes), "<title>R</title>");
    }

    #[test]
    fn a_page_without_a_template_has_the_frame_alone() {
        assert_eq!(
            select(DOCUMENT, Page::Room),
            "<title>Roomcast</title><div id=app><header></header></div>"
        );
    }

    #[test]
    fn other_templates_and_documents_without_any_stay_as_they_are() {
        for document in ["<template id=row><li></template>", "<p>é", ""] {
            assert_eq!(select(document, Page::Primes), document);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_nothing_is_made_up(
            document in r"(<template data-page=(primes|rooms)>|</template>|<title>|[<>/é a]){0,12}"
        ) {
            for page in Page::ALL {
                prop_assert!(select(&document, page).len() <= document.len());
            }
        }
    }
}
