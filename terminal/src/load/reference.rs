//! What a document, a style sheet or a server says that a page needs.

use url::Url;

/// A file that something refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Where it is, without a fragment.
    pub(super) url: Url,
    /// What it is for.
    pub(super) purpose: Purpose,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The page itself.
    Document,
    /// A style sheet, which may refer to more files.
    Style,
    /// A classic script or a module.
    Script,
    /// An image.
    Image,
    /// The icon of the page, for which no browser delays the rest.
    Icon,
    /// A font.
    Font,
    /// Anything else, such as WebAssembly.
    Other,
}

impl Reference {
    /// Resolves what is written in a file. `None` for what no server has (`data:`, `#part`, no URL).
    pub(super) fn new(base: &Url, written: &str, purpose: Purpose) -> Option<Self> {
        let written = written.trim_matches(|c: char| c.is_ascii_whitespace());
        if written.is_empty() || written.starts_with('#') {
            return None;
        }
        let mut url = base.join(written).ok()?;
        url.set_fragment(None);
        matches!(url.scheme(), "http" | "https").then_some(Self { url, purpose })
    }
}

impl Purpose {
    /// By the destination that `as` names (Fetch standard, section 2.2.5).
    pub(super) fn from_destination(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "style" => Self::Style,
            "script" => Self::Script,
            "image" => Self::Image,
            "font" => Self::Font,
            _ => Self::Other,
        }
    }

    /// The value of `accept` that browsers send for it.
    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Document => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Self::Style => "text/css,*/*;q=0.1",
            Self::Image | Self::Icon => "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8",
            Self::Script | Self::Font | Self::Other => "*/*",
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
