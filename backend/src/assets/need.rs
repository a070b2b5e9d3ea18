//! The files that a page needs, as its document names them.

use std::fmt::Write;

use http::HeaderValue;

use super::html::StartTag;
use crate::http_token::is_token_byte;

/// Attributes that decide how a browser fetches a file. A hint repeats those of the document:
/// only then does the browser use for the document what it fetched for the hint.
const FETCH_ATTRIBUTES: [&str; 7] = [
    "crossorigin",
    "type",
    "media",
    "integrity",
    "referrerpolicy",
    "fetchpriority",
    "blocking",
];

/// A file that the document will ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    path: String,
    link: HeaderValue,
}

impl Need {
    /// The path of its URL on this server, with the base path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of a `Link` field (RFC 8288) that makes a browser fetch it early.
    pub fn link(&self) -> &HeaderValue {
        &self.link
    }

    fn new(
        path: &str,
        relation: &str,
        destination: Option<&str>,
        tag: &StartTag<'_>,
    ) -> Option<Self> {
        let mut link = format!("<{path}>; rel={relation}");
        let destination = destination.map(|destination| ("as", destination));
        let attributes = FETCH_ATTRIBUTES
            .iter()
            // The type of a script says how it runs, not what it is.
            .filter(|name| !(tag.name == "script" && **name == "type"))
            .filter_map(|name| Some((*name, tag.attribute(name)?)));
        for (name, value) in destination.into_iter().chain(attributes) {
            // Writing to a string does not fail.
            let _ = match value {
                "" => write!(link, "; {name}"),
                token if is_token(token) => write!(link, "; {name}={token}"),
                other => write!(link, "; {name}=\"{}\"", quoted(other)),
            };
        }
        Some(Self {
            path: path.to_owned(),
            link: HeaderValue::try_from(link).ok()?,
        })
    }
}

/// The files that a document names as script, style sheet or preload, each once, in its order.
///
/// Only files for which `is_ours` holds: pushing and hinting is for files of this server.
pub(super) fn needs(tags: &[StartTag<'_>], is_ours: impl Fn(&str) -> bool) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for tag in tags {
        let Some((path, relation, destination)) = need(tag) else {
            continue;
        };
        if is_ours(path) && needs.iter().all(|need| need.path != path) {
            needs.extend(Need::new(path, relation, destination, tag));
        }
    }
    needs
}

/// Path, relation and destination (`as`) of what a tag makes a browser fetch.
fn need<'a>(tag: &'a StartTag<'_>) -> Option<(&'a str, &'static str, Option<&'a str>)> {
    if tag.name == "script" {
        let path = tag.attribute("src")?;
        return Some(if tag.has_word("type", "module") {
            (path, "modulepreload", None)
        } else {
            (path, "preload", Some("script"))
        });
    }
    let path = tag.attribute("href").filter(|_| tag.name == "link")?;
    if tag.has_word("rel", "modulepreload") {
        Some((path, "modulepreload", tag.attribute("as")))
    } else if tag.has_word("rel", "preload") {
        Some((path, "preload", Some(tag.attribute("as")?)))
    } else if is_style_sheet(tag) {
        Some((path, "preload", Some("style")))
    } else {
        None
    }
}

/// Whether a tag applies a style sheet to the document.
pub(super) fn is_style_sheet(tag: &StartTag<'_>) -> bool {
    tag.name == "link"
        && tag.has_word("rel", "stylesheet")
        && !tag.has_word("rel", "alternate")
        && tag.attribute("disabled").is_none()
}

/// Whether a parameter value can stand without quotes (RFC 9110, section 5.6.2).
fn is_token(value: &str) -> bool {
    value.bytes().all(is_token_byte)
}

fn quoted(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::html::start_tags;

    fn links(document: &str) -> Vec<String> {
        needs(&start_tags(document), |path| path.starts_with('/'))
            .iter()
            .map(|need| need.link().to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_hint_says_what_the_document_says() {
        let document = r#"
            <link rel="modulepreload" href="/a.js" crossorigin="anonymous" integrity="sha384-a/b+c=">
            <link rel="preload" href="/a.wasm" crossorigin as="fetch" type="application/wasm" fetchpriority=high>
            <link rel="stylesheet" href="/a.css" integrity="sha384-d" media="(width > 1px)">"#;
        assert_eq!(
            links(document),
            [
                r#"</a.js>; rel=modulepreload; crossorigin=anonymous; integrity="sha384-a/b+c=""#,
                r#"</a.wasm>; rel=preload; as=fetch; crossorigin; type="application/wasm"; fetchpriority=high"#,
                r#"</a.css>; rel=preload; as=style; media="(width > 1px)"; integrity=sha384-d"#,
            ]
        );
    }

    #[test]
    fn scripts_are_fetched_as_what_they_are() {
        assert_eq!(
            links("<script type=module src=/a.js></script><script src=/b.js defer></script>"),
            [
                "</a.js>; rel=modulepreload",
                "</b.js>; rel=preload; as=script"
            ]
        );
    }

    #[test]
    fn a_file_that_is_named_twice_is_needed_once() {
        assert_eq!(
            links("<link rel=modulepreload href=/a.js><script type=module src=/a.js></script>"),
            ["</a.js>; rel=modulepreload"]
        );
    }

    #[test]
    fn what_does_not_show_the_page_or_is_not_ours_is_not_needed() {
        let document = "<link rel=icon href=/i.svg><link rel='alternate stylesheet' href=/b.css>\
            <link rel=stylesheet disabled href=/c.css><link rel=preload href=/no-as>\
            <link rel=stylesheet href=https://example.org/d.css><link rel=stylesheet>\
            <a href=/e><script>inline</script>";
        assert_eq!(links(document), [""; 0]);
    }

    #[test]
    fn quotes_in_a_value_are_escaped() {
        assert_eq!(
            links(r#"<link rel=preload as=style href=/a media='a"b\c'>"#),
            [r#"</a>; rel=preload; as=style; media="a\"b\\c""#]
        );
    }
}
