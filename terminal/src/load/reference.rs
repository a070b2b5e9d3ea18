//! What a document, a style sheet or a server says that a page needs.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use url::Url;

use super::page::charset;

/// A file that something refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Where it is, without a fragment.
    pub(super) url: Url,
    /// What it is for.
    pub(super) purpose: Purpose,
    /// What lets it pass a policy that names one (Content Security Policy Level 3, section 2.3.1).
    pub(super) nonce: Option<Arc<str>>,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The page itself.
    Document,
    /// A document in a frame.
    Frame,
    /// The data of `object` and `embed`, perhaps a document.
    Object,
    /// A style sheet, which may refer to more files.
    Style,
    /// A classic script, or a module that is not run.
    Script,
    /// A module, which may import more.
    Module,
    /// An image.
    Image,
    /// The icon of the page, for which no browser delays the rest.
    Icon,
    /// A font.
    Font,
    /// Audio or video.
    Media,
    /// Subtitles and the like.
    Track,
    /// A file for the next page.
    Prefetch,
    /// Anything else, such as WebAssembly.
    Other,
}

impl Reference {
    /// Resolves what is written in a file. `None` for what no server has (`data:`, `#part`, no URL).
    pub(super) fn new(base: &Url, written: &str, purpose: Purpose) -> Option<Self> {
        Self::encoded(base, written, purpose, UTF_8)
    }

    /// The same in a file that has another encoding, in which the query is written then.
    pub(super) fn encoded(
        base: &Url,
        written: &str,
        purpose: Purpose,
        encoding: &'static Encoding,
    ) -> Option<Self> {
        let written = written.trim_matches(|c: char| c.is_ascii_whitespace());
        if written.is_empty() || written.starts_with('#') {
            return None;
        }
        let mut url = charset::join(base, written, encoding)?;
        url.set_fragment(None);
        matches!(url.scheme(), "http" | "https").then_some(Self {
            url,
            purpose,
            nonce: None,
        })
    }

    /// The same with a nonce.
    pub(super) fn with_nonce(self, nonce: Option<&str>) -> Self {
        Self {
            nonce: nonce.map(Arc::from),
            ..self
        }
    }
}

impl Purpose {
    /// By the destination that `as` of a preload names, in any case. `None` for what Chromium does not
    /// preload.
    pub(super) fn of_preload(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "style" => Self::Style,
            "script" => Self::Script,
            "image" => Self::Image,
            "font" => Self::Font,
            "track" => Self::Track,
            "fetch" => Self::Other,
            _ => return None,
        })
    }

    /// Whether what comes is a document, if it is HTML or SVG.
    pub(super) fn is_document(self) -> bool {
        matches!(self, Self::Document | Self::Frame | Self::Object)
    }

    /// The value of `accept` that browsers send for it.
    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Document | Self::Frame | Self::Object => {
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
            }
            Self::Style => "text/css,*/*;q=0.1",
            Self::Image | Self::Icon => "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8",
            _ => "*/*",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_server_has_is_a_reference() {
        let base = Url::parse("https://a.example/b/c?d").unwrap();
        let resolve = |written| {
            Reference::new(&base, written, Purpose::Other).map(|found| found.url.to_string())
        };
        assert_eq!(resolve(" e#f\n").unwrap(), "https://a.example/b/e");
        assert_eq!(resolve("//x/é").unwrap(), "https://x/%C3%A9");
        for none in [
            "",
            " ",
            "#a",
            "data:,x",
            "blob:x",
            "javascript:x",
            "https://",
        ] {
            assert_eq!(resolve(none), None, "{none}");
        }
    }
}
