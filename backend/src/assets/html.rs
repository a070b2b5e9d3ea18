//! Enough of HTML's tokenization (HTML Standard, section 13.2.5) to find the elements of a
//! document that Trunk wrote, with their attributes.

/// Elements whose content is text for the tokenizer, or is no part of the page as a browser
/// with scripting loads it.
const TEXT_ELEMENTS: [&str; 9] = [
    "iframe", "noembed", "noframes", "noscript", "script", "style", "template", "textarea", "title",
];

/// What separates the parts of a tag.
const SPACE: [char; 5] = [' ', '\t', '\n', '\r', '\x0C'];

/// The start of an element.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StartTag<'a> {
    /// The name in lower case.
    pub(super) name: String,
    /// Byte position in the document of the tag itself.
    pub(super) begin: usize,
    /// Byte position in the document just after the tag.
    pub(super) end: usize,
    /// For `script`, `style` and others whose content is text: that text.
    pub(super) text: &'a str,
    attributes: Vec<Attribute>,
}

/// An attribute of a tag.
#[derive(Debug, PartialEq, Eq)]
struct Attribute {
    /// The name in lower case.
    name: String,
    value: String,
    /// Byte position in the document of the value, without quotes.
    value_begin: usize,
}

impl StartTag<'_> {
    /// The value of an attribute; empty when it has none.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.find(name).map(|attribute| attribute.value.as_str())
    }

    /// Byte position in the document of an attribute's value, without quotes.
    pub(super) fn value_begin(&self, name: &str) -> Option<usize> {
        self.find(name).map(|attribute| attribute.value_begin)
    }

    fn find(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// Whether an attribute that is a set of words holds this one, in any case.
    pub(super) fn has_word(&self, name: &str, word: &str) -> bool {
        self.attribute(name).is_some_and(|value| {
            value
                .split_ascii_whitespace()
                .any(|own| own.eq_ignore_ascii_case(word))
        })
    }
}

/// All start tags of a document, in order. Comments and the inside of text elements have none.
pub(super) fn start_tags(document: &str) -> Vec<StartTag<'_>> {
    let mut tags = Vec::new();
    let mut rest = document;
    while let Some(open) = rest.find('<') {
        let begin = document.len() - rest.len() + open;
        rest = &rest[open + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = after_comment(comment);
        } else if rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let (name, attributes, after) = tag(document, rest);
            let text = if TEXT_ELEMENTS.contains(&name.as_str()) {
                text_until_end_tag(after, &name)
            } else {
                ""
            };
            tags.push(StartTag {
                begin,
                end: document.len() - after.len(),
                name,
                text,
                attributes,
            });
            rest = &after[text.len()..];
        }
    }
    tags
}

fn after_comment(comment: &str) -> &str {
    // `<!-->` and `<!--->` are whole comments.
    if let Some(rest) = comment.strip_prefix('>').or(comment.strip_prefix("->")) {
        return rest;
    }
    comment.split_once("-->").map_or("", |(_, rest)| rest)
}

/// Parses a tag from its name on, and gives what stands after it. `text` is the end of the document.
fn tag<'a>(document: &str, text: &'a str) -> (String, Vec<Attribute>, &'a str) {
    let name_end = text
        .find(|c| SPACE.contains(&c) || c == '/' || c == '>')
        .unwrap_or(text.len());
    let (name, mut rest) = text.split_at(name_end);
    let mut attributes: Vec<Attribute> = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c| SPACE.contains(&c) || c == '/');
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        let (attribute, after) = attribute(document, rest);
        rest = after;
        // The first of several attributes of one name counts.
        if attributes.iter().all(|own| own.name != attribute.name) {
            attributes.push(attribute);
        }
    }
    (name.to_ascii_lowercase(), attributes, rest)
}

/// Parses one attribute of a text that is not empty, and gives what stands after it. `text` is the end of the
/// document.
fn attribute<'a>(document: &str, text: &'a str) -> (Attribute, &'a str) {
    // A name may begin with an equals sign, and with nothing else that ends names.
    let first = text.chars().next().map_or(0, char::len_utf8);
    let name_end = text[first..]
        .find(|c| SPACE.contains(&c) || matches!(c, '/' | '>' | '='))
        .map_or(text.len(), |end| first + end);
    let (name, rest) = text.split_at(name_end);
    let attribute = |value: &str, left: &str| Attribute {
        name: name.to_ascii_lowercase(),
        value: unescaped(value),
        value_begin: document.len() - left.len(),
    };
    let Some(value) = rest.trim_start_matches(SPACE).strip_prefix('=') else {
        return (attribute("", rest), rest);
    };
    let left = value.trim_start_matches(SPACE);
    if let Some(quote @ ('"' | '\'')) = left.chars().next() {
        let left = &left[1..];
        let (value, rest) = left.split_once(quote).unwrap_or((left, ""));
        return (attribute(value, left), rest);
    }
    let end = left.find(|c| SPACE.contains(&c) || c == '>');
    let (value, rest) = left.split_at(end.unwrap_or(left.len()));
    (attribute(value, left), rest)
}

/// The text up to `</name`, or to the end of the document.
fn text_until_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let end = text.match_indices("</").find_map(|(position, _)| {
        let after = &text.as_bytes()[position + 2..];
        let (found, next) = (after.get(..name.len())?, after.get(name.len())?);
        let ends = found.eq_ignore_ascii_case(name.as_bytes())
            && (next.is_ascii_whitespace() || matches!(next, b'/' | b'>'));
        ends.then_some(position)
    });
    &text[..end.unwrap_or(text.len())]
}

/// Resolves the character references that stand in the attributes of a built document.
fn unescaped(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, reference)) = rest.split_once('&') {
        plain.push_str(before);
        let resolved = reference
            .split_once(';')
            .and_then(|(name, after)| Some((character(name)?, after)));
        if let Some((character, after)) = resolved {
            plain.push(character);
            rest = after;
        } else {
            plain.push('&');
            rest = reference;
        }
    }
    plain + rest
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// Writes text so that it is text wherever it stands in a document, in quotes too.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(document: &str) -> Vec<String> {
        start_tags(document)
            .into_iter()
            .map(|tag| tag.name)
            .collect()
    }

    #[test]
    fn attributes_are_read_in_every_notation() {
        let document = r#"<!DOCTYPE html><LINK Rel=preload href='/a.wasm' as="fetch" crossorigin
            data-x = "1 > 0"/>"#;
        let tags = start_tags(document);
        assert_eq!(tags.len(), 1);
        assert_eq!(tags[0].name, "link");
        assert_eq!(tags[0].attribute("rel"), Some("preload"));
        assert_eq!(tags[0].attribute("href"), Some("/a.wasm"));
        assert_eq!(tags[0].attribute("as"), Some("fetch"));
        assert_eq!(tags[0].attribute("crossorigin"), Some(""));
        assert_eq!(tags[0].attribute("data-x"), Some("1 > 0"));
        assert_eq!(tags[0].attribute("type"), None);
        assert_eq!(tags[0].end, document.len());
    }

    #[test]
    fn an_unquoted_value_may_hold_slashes() {
        let tags = start_tags("<script src=/app/x.js></script>");
        assert_eq!(tags[0].attribute("src"), Some("/app/x.js"));
    }

    #[test]
    fn a_value_is_found_where_it_stands() {
        for document in [
            "é<a href=/x>",
            "é<p><a b href = '/x'>",
            "é<a href=\"/x\" c>",
        ] {
            let tags = start_tags(document);
            let begin = tags.last().unwrap().value_begin("href").unwrap();
            assert!(document[begin..].starts_with("/x"), "{document}");
        }
    }

    #[test]
    fn the_first_of_two_attributes_of_one_name_counts() {
        let tags = start_tags("<link href=/a href=/b>");
        assert_eq!(tags[0].attribute("href"), Some("/a"));
    }

    #[test]
    fn scripts_and_styles_are_text() {
        let tags = start_tags("<script>if (1 </script/ 2) '<b>'</SCRIPT ><style>a</style><i>");
        assert_eq!(tags[0].text, "if (1 ");
        let tags = start_tags("<script>'<b></b>'</SCRIPT ><style>a</style><i>");
        assert_eq!(tags[0].text, "'<b></b>'");
        assert_eq!(tags[1].text, "a");
        assert_eq!(tags[2].name, "i");
    }

    #[test]
    fn comments_and_what_only_shows_without_scripting_hold_no_elements() {
        assert_eq!(names("<!-- <a> --><b><!--><i><!---><u>"), ["b", "i", "u"]);
        assert_eq!(names("<noscript><link></noscript><p>"), ["noscript", "p"]);
        assert_eq!(names("1 < 2 <3 </p> <!doctype html>"), [""; 0]);
    }

    #[test]
    fn character_references_in_attributes_are_resolved() {
        let tags = start_tags("<a href='/?a&amp;b&#39;&#x2F;&nope;&'>");
        assert_eq!(tags[0].attribute("href"), Some("/?a&b'/&nope;&"));
    }

    #[test]
    fn words_are_found_in_any_case() {
        let tags = start_tags("<link rel='alternate StyleSheet'>");
        assert!(tags[0].has_word("rel", "stylesheet"));
        assert!(!tags[0].has_word("rel", "style"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(document in r#"[<>/!='" a-c\-é&;#]{0,80}|\PC{0,80}"#) {
            for tag in start_tags(&document) {
                prop_assert!(document[..tag.end].contains('<'));
            }
        }

        #[test]
        fn what_is_written_is_read(
            attributes in prop::collection::btree_map("[a-z][a-z-]{0,8}", "\\PC{0,12}", 0..5),
            text in "[^<]{0,20}",
        ) {
            use std::fmt::Write;
            let mut document = "<p><script".to_owned();
            for (name, value) in &attributes {
                write!(document, " {name}=\"{}\"", escaped(value)).unwrap();
            }
            write!(document, ">{text}</script>").unwrap();
            let tags = start_tags(&document);
            prop_assert_eq!(tags.len(), 2);
            prop_assert_eq!(tags[1].text, text);
            for (name, value) in &attributes {
                prop_assert_eq!(tags[1].attribute(name), Some(value.as_str()));
            }
        }
    }
}
