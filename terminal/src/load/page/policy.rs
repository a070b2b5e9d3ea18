//! What a page forbids itself (Content Security Policy Level 3), and who may show it in a frame.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use url::Url;

use super::source_list::{SourceList, is_in};
use crate::load::reference::{Purpose, Reference};

/// All policies of a page; each of them must allow a file.
#[derive(Clone, Debug, Default)]
pub(in crate::load) struct Policies(Vec<Policy>);

#[derive(Clone, Debug, Default)]
struct Policy(HashMap<String, SourceList>);

/// What stands in the document itself and may be forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Inline {
    Style,
    StyleAttribute,
    Script,
}

impl Policies {
    /// The policies of a response.
    pub(in crate::load) fn of_response(fields: &HeaderMap) -> Self {
        let mut policies = Self::default();
        for value in fields.get_all("content-security-policy") {
            policies.add(&String::from_utf8_lossy(value.as_bytes()));
        }
        policies
    }

    /// Adds a list of policies.
    pub(in crate::load) fn add(&mut self, text: &str) {
        self.0.extend(text.split(',').map(Policy::parse));
    }

    /// Adds what a `meta` element may say.
    pub(in crate::load) fn add_meta(&mut self, text: &str) {
        for mut policy in text.split(',').map(Policy::parse) {
            policy.0.retain(|name, _| {
                !matches!(name.as_str(), "frame-ancestors" | "sandbox" | "report-uri")
            });
            self.0.push(policy);
        }
    }

    /// Whether a file may be loaded by a page of this address.
    pub(in crate::load) fn allow(&self, file: &Reference, page: &Url, is_redirected: bool) -> bool {
        let names: &[&str] = match file.purpose {
            Purpose::Document => return true,
            Purpose::Style => &["style-src-elem", "style-src"],
            Purpose::Script | Purpose::Module => &["script-src-elem", "script-src"],
            Purpose::Image | Purpose::Icon => &["img-src"],
            Purpose::Font => &["font-src"],
            Purpose::Media | Purpose::Track => &["media-src"],
            Purpose::Frame => &["frame-src", "child-src"],
            Purpose::Object => &["object-src"],
            Purpose::Prefetch => &[],
            Purpose::Other => &["connect-src"],
        };
        let is_script = matches!(file.purpose, Purpose::Script | Purpose::Module);
        self.0.iter().all(|policy| {
            policy.sources(names).is_none_or(|sources| {
                let has_nonce = matches!(
                    file.purpose,
                    Purpose::Style | Purpose::Script | Purpose::Module
                ) && sources.has_nonce(file.nonce.as_deref());
                has_nonce
                    || (!(is_script && sources.is_strict())
                        && sources.allow(&file.url, page, is_redirected))
            })
        })
    }

    /// Whether a style or script may stand in the document.
    pub(in crate::load) fn allow_inline(
        &self,
        kind: Inline,
        nonce: Option<&str>,
        text: &str,
    ) -> bool {
        let names: &[&str] = match kind {
            Inline::Style => &["style-src-elem", "style-src"],
            Inline::StyleAttribute => &["style-src-attr", "style-src"],
            Inline::Script => &["script-src-elem", "script-src"],
        };
        self.0.iter().all(|policy| {
            policy.sources(names).is_none_or(|sources| {
                sources.allow_all_inline()
                    || (kind != Inline::StyleAttribute
                        && (sources.has_nonce(nonce)
                            || hashes(text).iter().any(|hash| sources.has(hash))))
            })
        })
    }

    /// Whether a `base` element may name this address.
    pub(in crate::load) fn allow_base(&self, base: &Url, page: &Url) -> bool {
        let named = self.0.iter().filter_map(|policy| policy.0.get("base-uri"));
        named
            .into_iter()
            .all(|sources| sources.allow(base, page, false))
    }

    /// Whether no script of the page runs.
    pub(in crate::load) fn forbid_scripts(&self) -> bool {
        let mut sandboxes = self.0.iter().filter_map(|policy| policy.0.get("sandbox"));
        sandboxes.any(|flags| !flags.has("allow-scripts"))
    }

    /// Whether addresses with `http:` stand for those with `https:`.
    pub(in crate::load) fn upgrade(&self) -> bool {
        self.0
            .iter()
            .any(|policy| policy.0.contains_key("upgrade-insecure-requests"))
    }
}

impl Policy {
    /// The first of several directives of a name counts.
    fn parse(text: &str) -> Self {
        let mut directives = HashMap::new();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace();
            if let Some(name) = words.next() {
                directives
                    .entry(name.to_ascii_lowercase())
                    .or_insert_with(|| SourceList::new(words));
            }
        }
        Self(directives)
    }

    fn sources(&self, names: &[&str]) -> Option<&SourceList> {
        names
            .iter()
            .chain(&["default-src"])
            .find_map(|name| self.0.get(*name))
    }
}

/// A text's hashes as policies write them.
fn hashes(text: &str) -> [String; 3] {
    [
        ("sha256", &ring::digest::SHA256),
        ("sha384", &ring::digest::SHA384),
        ("sha512", &ring::digest::SHA512),
    ]
    .map(|(name, algorithm)| {
        let hash = ring::digest::digest(algorithm, text.as_bytes());
        format!("'{name}-{}'", STANDARD.encode(hash))
    })
}

/// Whether a response may be shown in a frame of a page; `outer` are the addresses of the pages around.
pub(in crate::load) fn may_be_framed(fields: &HeaderMap, own: &Url, outer: &[Url]) -> bool {
    let policies = Policies::of_response(fields);
    let ancestors: Vec<_> = policies
        .0
        .iter()
        .filter_map(|policy| policy.0.get("frame-ancestors"))
        .collect();
    if !ancestors.is_empty() {
        return ancestors
            .iter()
            .all(|sources| outer.iter().all(|page| sources.allow(page, own, false)));
    }
    let value = fields
        .get("x-frame-options")
        .and_then(|value| value.to_str().ok());
    match value
        .map(|value| value.trim().to_ascii_lowercase())
        .as_deref()
    {
        Some("deny") => false,
        Some("sameorigin") => outer.iter().all(|page| is_in(page, own)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: &str, purpose: Purpose, url: &str) -> bool {
        let page = Url::parse("http://a.example/b/").unwrap();
        let mut policies = Policies::default();
        policies.add(policy);
        policies.allow(&Reference::new(&page, url, purpose).unwrap(), &page, false)
    }

    #[test]
    fn a_file_needs_the_directive_of_its_kind_or_the_default() {
        assert!(allows("img-src 'self'", Purpose::Image, "x"));
        assert!(!allows(
            "IMG-SRC 'self'; img-src *",
            Purpose::Image,
            "//c.example/x"
        ));
        assert!(!allows(
            "default-src 'none'; img-src *",
            Purpose::Style,
            "x"
        ));
        assert!(!allows("img-src *, img-src 'none'", Purpose::Image, "x"));
        assert!(allows("script-src 'none'", Purpose::Image, "x"));
        assert!(!allows("style-src", Purpose::Style, "x"));
    }

    #[test]
    fn inline_styles_need_leave() {
        let allows = |policy: &str, nonce| {
            let mut policies = Policies::default();
            policies.add(policy);
            policies.allow_inline(Inline::Style, nonce, "a{}")
        };
        assert!(allows("img-src 'none'", None) && allows("style-src 'unsafe-inline'", None));
        assert!(!allows("style-src 'self'", None) && allows("style-src 'nonce-x'", Some("x")));
        assert!(!allows("style-src 'unsafe-inline' 'nonce-x'", None));
        let hash = &hashes("a{}")[0];
        assert!(allows(&format!("default-src {hash}"), None));
    }
}
