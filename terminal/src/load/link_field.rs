//! The `Link` header field (RFC 8288), as far as it names files that a page needs.

use encoding_rs::UTF_8;
use http::HeaderMap;
use http::header::LINK;
use url::Url;

use super::limits::MAX_LINKS;
use super::page::links::{self, Attributes, Place};
use super::reference::Reference;
use super::viewport::Viewport;

/// The files that the field names to be loaded: by `preload`, `modulepreload` and `prefetch`. As in Chromium,
/// `stylesheet` loads nothing here.
pub(super) fn references(fields: &HeaderMap, base: &Url, viewport: &Viewport) -> Vec<Reference> {
    let place = Place {
        base,
        encoding: UTF_8,
        viewport,
    };
    fields
        .get_all(LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(links)
        .filter_map(|link| links::ahead(&link, &place))
        .take(MAX_LINKS)
        .collect()
}

/// One link: its target, and its parameters with their names in lower case.
#[derive(Debug, PartialEq, Eq)]
struct Link {
    target: String,
    parameters: Vec<(String, String)>,
}

impl Attributes for Link {
    /// The first of several parameters of one name counts.
    fn get(&self, name: &str) -> Option<&str> {
        if name == "href" {
            return Some(&self.target);
        }
        let found = self.parameters.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the links of one field; ends at the first thing that is none.
fn links(mut text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    loop {
        text = text.trim_start_matches([' ', '\t', ',']);
        let Some((target, mut rest)) = text.strip_prefix('<').and_then(|s| s.split_once('>'))
        else {
            return links;
        };
        let mut parameters = Vec::new();
        loop {
            rest = rest.trim_start();
            let Some(after) = rest.strip_prefix(';') else {
                break;
            };
            let (name, value, after) = parameter(after.trim_start());
            parameters.push((name.to_ascii_lowercase(), value));
            rest = after;
        }
        links.push(Link {
            target: target.to_owned(),
            parameters,
        });
        text = rest;
        if !text.is_empty() && !text.starts_with(',') {
            return links;
        }
    }
}

/// Reads `name`, `name=token` or `name="quoted"`, and gives what stands after it.
fn parameter(text: &str) -> (&str, String, &str) {
    let ends = |c: char| matches!(c, '=' | ';' | ',') || c.is_ascii_whitespace();
    let (name, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
    let Some(value) = rest.trim_start().strip_prefix('=') else {
        return (name, String::new(), rest);
    };
    let value = value.trim_start();
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find([';', ',']).unwrap_or(value.len());
        let (token, rest) = value.split_at(end);
        return (name, token.trim_end().to_owned(), rest);
    };
    let mut plain = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    (name, plain, characters.as_str())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;
    use crate::load::reference::Purpose;

    fn found(field: &'static str) -> Vec<(String, Purpose)> {
        let base = Url::parse("https://a.example/b/").unwrap();
        let mut fields = HeaderMap::new();
        fields.append(LINK, HeaderValue::from_static(field));
        references(&fields, &base, &Viewport::default())
            .into_iter()
            .map(|found| (found.url.path().to_owned(), found.purpose))
            .collect()
    }

    #[test]
    fn files_to_load_are_found_in_every_notation() {
        let field = "</a.js>; rel=modulepreload, <b,c;d.wasm> ;REL = \"next preload\" ; as=fetch; \
                     crossorigin; type=\"application/wasm\",, </s.css>;rel=preload;as=\"st\\yle\"";
        assert_eq!(
            found(field),
            [
                ("/a.js".to_owned(), Purpose::Script),
                ("/b/b,c;d.wasm".to_owned(), Purpose::Other),
                ("/s.css".to_owned(), Purpose::Style),
            ]
        );
    }

    #[test]
    fn what_is_not_to_be_loaded_is_none() {
        assert_eq!(
            found("</>; rel=preconnect, </n>; rel=next, </s>; rel=stylesheet"),
            []
        );
        assert_eq!(found("</a>; rel=preload, </b>; rel=preload; as=foo"), []);
        assert_eq!(
            found(
                "</a>; rel=preload; as=image; media=print, </b>; rel=preload; as=font; type=font/eot"
            ),
            []
        );
        assert_eq!(found("no link, </a>; rel=preload; as=script"), []);
        assert_eq!(found("</a>; rel=other; rel=preload; as=script"), []);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"[<>;,="\\ a-c]{0,60}|\PC{0,60}"#) {
            for link in links(&text) {
                prop_assert!(text.contains(&link.target));
            }
        }

        #[test]
        fn what_is_written_is_read(
            written in prop::collection::vec(
                ("[^<>\\pC]{0,12}", prop::collection::vec(("[a-z]{1,6}", "\\PC{0,8}"), 0..4)), 0..5),
        ) {
            let text: Vec<String> = written.iter().map(|(target, parameters)| {
                let parameters: Vec<String> = parameters.iter().map(|(name, value)| {
                    format!("; {name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
                }).collect();
                format!("<{target}>{}", parameters.concat())
            }).collect();
            let expected: Vec<Link> = written.into_iter().map(|(target, parameters)| {
                Link { target, parameters }
            }).collect();
            prop_assert_eq!(links(&text.join(", ")), expected);
        }
    }
}
