//! What a document refers to, found while it arrives as a browser's preload scanner finds it.
//!
//! Scripts are not run, so what they ask for is not found; neither is what lies in frames, and images
//! with `loading="lazy"` are left out, as nobody knows whether they would be in view.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

use super::css;
use super::pieces::Pieces;
use super::reference::{Purpose, Reference};
use super::srcset;

/// Where browsers look for an icon that a document does not name.
const DEFAULT_ICON: &str = "/favicon.ico";

/// Values of a script's `type` that a browser runs; any other is data.
const SCRIPT_TYPES: [&str; 5] = [
    "",
    "module",
    "text/javascript",
    "application/javascript",
    "text/ecmascript",
];

/// Reads a document, piece by piece to its end, and hands out each reference at once; the icon comes last, as it does
/// in a browser. Ends early when the reader of the references has gone.
pub(super) fn read_references(
    next_piece: impl FnMut() -> Option<Vec<u8>>,
    base: Url,
    found: impl FnMut(Reference) -> Result<(), Gone>,
) {
    let mut emitter = DefaultEmitter::default();
    // Scripts, styles and noscript are text, as in a browser that runs scripts.
    emitter.naively_switch_states(true);
    let mut scanner = Scanner {
        base,
        has_base: false,
        templates: 0,
        picture: None,
        style: None,
        icon: None,
        found,
    };
    for token in Tokenizer::new_with_emitter(Pieces::new(next_piece), emitter) {
        let Ok(token) = token;
        if scanner.take(&token).is_err() {
            return;
        }
    }
    drop(scanner.finish());
}

/// Nobody wants to know more.
#[derive(Debug)]
pub(super) struct Gone;

struct Scanner<F> {
    base: Url,
    has_base: bool,
    /// How deep we are in templates, whose content is no part of the page.
    templates: usize,
    /// In a `picture`: whether one of its sources has been taken.
    picture: Option<bool>,
    /// In a `style`: its text so far.
    style: Option<String>,
    icon: Option<Reference>,
    found: F,
}

impl<F: FnMut(Reference) -> Result<(), Gone>> Scanner<F> {
    fn take(&mut self, token: &Token) -> Result<(), Gone> {
        match token {
            Token::StartTag(tag) => self.start(&Element(tag)),
            Token::String(text) => {
                if let Some(style) = &mut self.style {
                    style.push_str(&String::from_utf8_lossy(text));
                }
                Ok(())
            }
            Token::EndTag(tag) => match &**tag.name {
                b"template" => {
                    self.templates = self.templates.saturating_sub(1);
                    Ok(())
                }
                b"picture" => {
                    self.picture = None;
                    Ok(())
                }
                b"style" => {
                    let style = self.style.take().unwrap_or_default();
                    self.styles(&style)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn start(&mut self, element: &Element) -> Result<(), Gone> {
        let name = element.name();
        if name == "template" {
            self.templates += 1;
        }
        if self.templates > 0 {
            return Ok(());
        }
        if let Some(style) = element.attribute("style") {
            self.styles(&style)?;
        }
        match name.as_str() {
            "base" if !self.has_base => {
                if let Some(url) = element
                    .attribute("href")
                    .and_then(|href| self.base.join(&href).ok())
                {
                    self.has_base = true;
                    self.base = url;
                }
                Ok(())
            }
            "link" => self.link(element),
            "script" => {
                let kind = element
                    .attribute("type")
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                if SCRIPT_TYPES.contains(&kind.trim()) && element.attribute("nomodule").is_none() {
                    self.refer(element.attribute("src"), Purpose::Script)?;
                }
                Ok(())
            }
            "style" => {
                self.style = Some(String::new());
                Ok(())
            }
            "picture" => {
                self.picture = Some(false);
                Ok(())
            }
            "source" => self.source(element),
            "img" => self.image(element),
            "video" => self.refer(element.attribute("poster"), Purpose::Image),
            "body" => self.refer(element.attribute("background"), Purpose::Image),
            "input" if element.has_word("type", "image") => {
                self.refer(element.attribute("src"), Purpose::Image)
            }
            "image" | "use" => {
                let href = element
                    .attribute("href")
                    .or_else(|| element.attribute("xlink:href"));
                self.refer(href, Purpose::Image)
            }
            _ => Ok(()),
        }
    }

    fn link(&mut self, element: &Element) -> Result<(), Gone> {
        let href = element.attribute("href");
        let is = |relation| element.has_word("rel", relation);
        if is("stylesheet") {
            // An alternative style sheet is loaded when somebody chooses it.
            if is("alternate") || element.attribute("disabled").is_some() {
                return Ok(());
            }
            return self.refer(href, Purpose::Style);
        }
        if is("modulepreload") {
            return self.refer(href, Purpose::Script);
        }
        if is("preload") {
            let set = element.attribute("imagesrcset");
            let chosen = set.as_deref().and_then(srcset::chosen).map(str::to_owned);
            let destination = element.attribute("as").unwrap_or_default();
            return self.refer(chosen.or(href), Purpose::from_destination(&destination));
        }
        if is("icon") {
            let icon = Reference::new(&self.base, &href.unwrap_or_default(), Purpose::Icon);
            self.icon = icon.or(self.icon.take());
        }
        Ok(())
    }

    /// The first source of a picture that asks nothing about the window is taken.
    fn source(&mut self, element: &Element) -> Result<(), Gone> {
        if self.picture != Some(false) || element.attribute("media").is_some() {
            return Ok(());
        }
        let Some(set) = element.attribute("srcset") else {
            return Ok(());
        };
        self.picture = Some(true);
        self.refer(srcset::chosen(&set).map(str::to_owned), Purpose::Image)
    }

    fn image(&mut self, element: &Element) -> Result<(), Gone> {
        if self.picture == Some(true) || element.has_word("loading", "lazy") {
            return Ok(());
        }
        let set = element.attribute("srcset");
        let chosen = set.as_deref().and_then(srcset::chosen).map(str::to_owned);
        self.refer(chosen.or(element.attribute("src")), Purpose::Image)
    }

    fn styles(&mut self, text: &str) -> Result<(), Gone> {
        let references = css::references(text, &self.base);
        references.into_iter().try_for_each(&mut self.found)
    }

    fn refer(&mut self, written: Option<String>, purpose: Purpose) -> Result<(), Gone> {
        match Reference::new(&self.base, &written.unwrap_or_default(), purpose) {
            Some(reference) => (self.found)(reference),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<(), Gone> {
        // A style sheet that the document does not end is one all the same.
        if let Some(style) = self.style.take() {
            self.styles(&style)?;
        }
        let default = || Reference::new(&self.base, DEFAULT_ICON, Purpose::Icon);
        match self.icon.take().or_else(default) {
            Some(icon) => (self.found)(icon),
            None => Ok(()),
        }
    }
}

/// A start tag whose attributes are text.
struct Element<'a>(&'a StartTag<()>);

impl Element<'_> {
    fn name(&self) -> String {
        String::from_utf8_lossy(&self.0.name).into_owned()
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let value = self.0.attributes.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// Whether an attribute that is a set of words holds this one, in any case.
    fn has_word(&self, name: &str, word: &str) -> bool {
        self.attribute(name).is_some_and(|value| {
            value
                .split_ascii_whitespace()
                .any(|own| own.eq_ignore_ascii_case(word))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(document: &str) -> Vec<(String, Purpose)> {
        let mut found = Vec::new();
        let base = Url::parse("https://a.example/b/").unwrap();
        let mut pieces = vec![document.as_bytes().to_vec()];
        read_references(
            || pieces.pop(),
            base,
            |reference| {
                let shown = reference
                    .url
                    .as_str()
                    .trim_start_matches("https://a.example");
                found.push((shown.to_owned(), reference.purpose));
                Ok(())
            },
        );
        found
    }

    fn paths(document: &str) -> Vec<String> {
        let mut paths: Vec<_> = found(document).into_iter().map(|(path, _)| path).collect();
        assert!(paths.pop().is_some(), "no icon");
        paths
    }

    #[test]
    fn each_kind_of_file_is_found_in_the_order_of_the_document() {
        let document = "<!DOCTYPE html><link rel=icon href=i.svg><script src='/s.js'></script>\
            <script type=module src=m.js></script><LINK REL='Stylesheet' HREF=\"c.css\">\
            <link rel=modulepreload href=p.js><link rel=preload as=fetch href=w.wasm crossorigin>\
            <style>p { background: url(g.png) }</style><body style='background:url(h.png)'>\
            <img src=a&amp;b.png><video poster=v.png></video><svg><image href=x.png /></svg>";
        let expected = [
            ("/s.js", Purpose::Script),
            ("/b/m.js", Purpose::Script),
            ("/b/c.css", Purpose::Style),
            ("/b/p.js", Purpose::Script),
            ("/b/w.wasm", Purpose::Other),
            ("/b/g.png", Purpose::Image),
            ("/b/h.png", Purpose::Image),
            ("/b/a&b.png", Purpose::Image),
            ("/b/v.png", Purpose::Image),
            ("/b/x.png", Purpose::Image),
            ("/b/i.svg", Purpose::Icon),
        ];
        assert_eq!(
            found(document),
            expected.map(|(path, purpose)| (path.to_owned(), purpose))
        );
    }

    #[test]
    fn a_document_that_names_no_icon_has_the_one_at_the_root() {
        assert_eq!(found("<p>"), [("/favicon.ico".to_owned(), Purpose::Icon)]);
    }

    #[test]
    fn what_a_browser_would_not_load_is_not_found() {
        for document in [
            "<noscript><img src=a></noscript>",
            "<template><template></template><img src=a></template>",
            "<!-- <img src=a> --><textarea><img src=a></textarea>",
            "<script>'<img src=a>'</script>",
            "<script type=application/json src=a></script><script nomodule src=a></script>",
            "<link rel='alternate stylesheet' href=a><link rel=prefetch href=a>",
            "<img loading=lazy src=a><img src='data:,a'><a href=a>",
        ] {
            assert_eq!(paths(document), [""; 0], "{document}");
        }
    }

    #[test]
    fn addresses_are_resolved_against_the_first_base() {
        let document = "<base href=/c/><base href=/d/><img src=e>";
        assert_eq!(paths(document), ["/c/e"]);
    }

    #[test]
    fn of_the_forms_of_a_picture_one_is_taken() {
        let document = "<picture><source media='(x)' srcset=a><source srcset='b 1x, c 2x'>\
                        <source srcset=d><img src=e></picture><img src=f srcset='g 2x, h 1x'>";
        assert_eq!(paths(document), ["/b/b", "/b/h"]);
    }

    #[test]
    fn a_reference_is_found_with_the_last_byte_of_its_tag() {
        let log = std::cell::RefCell::new(Vec::new());
        let mut pieces = [
            "<img src=a><img sr",
            "c=b>",
            "<link rel=stylesheet href='c'>",
        ]
        .iter();
        let next_piece = || {
            log.borrow_mut().push("read".to_owned());
            pieces.next().map(|piece| piece.as_bytes().to_vec())
        };
        let base = Url::parse("https://x/").unwrap();
        read_references(next_piece, base, |reference| {
            log.borrow_mut().push(reference.url.path().to_owned());
            Ok(())
        });
        let expected = [
            "read",
            "/a",
            "read",
            "/b",
            "read",
            "/c",
            "read",
            "/favicon.ico",
        ];
        assert_eq!(*log.borrow(), expected);
    }

    proptest! {
        #[test]
        fn any_document_is_read(document in r#"(<img src=|<style>|</style|<link |url\(|[<>/!='" a-c&;-]|\PC){0,40}"#) {
            prop_assert!(!found(&document).is_empty());
        }
    }
}
