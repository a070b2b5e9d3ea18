//! `link` elements and `Link` fields: which of them name files that are loaded.

use encoding_rs::Encoding;
use url::Url;

use super::srcset;
use crate::load::media_types;
use crate::load::reference::{Purpose, Reference};
use crate::load::style::media;
use crate::load::viewport::Viewport;

/// The attributes or parameters of a link.
pub(in crate::load) trait Attributes {
    fn get(&self, name: &str) -> Option<&str>;
}

/// Where a link stands.
pub(in crate::load) struct Place<'a> {
    pub(in crate::load) base: &'a Url,
    pub(in crate::load) encoding: &'static Encoding,
    pub(in crate::load) viewport: &'a Viewport,
}

/// Whether one of its relations is this one.
pub(in crate::load) fn is(link: &impl Attributes, relation: &str) -> bool {
    let relations = link.get("rel").unwrap_or_default();
    relations
        .split_ascii_whitespace()
        .any(|own| own.eq_ignore_ascii_case(relation))
}

/// The files that a link has loaded ahead of their use: by `preload`, `modulepreload` and `prefetch`.
pub(in crate::load) fn ahead(link: &impl Attributes, place: &Place) -> Option<Reference> {
    let href = link.get("href").unwrap_or_default();
    let resolve = |address: &str, purpose| {
        let reference = Reference::encoded(place.base, address, purpose, place.encoding)?;
        Some(reference.with_nonce(link.get("nonce")))
    };
    let is_for_us = || media::matches(link.get("media").unwrap_or_default(), place.viewport);
    if is(link, "preload") {
        let purpose = Purpose::of_preload(link.get("as")?)?;
        if !is_for_us() || !link.get("type").is_none_or(|kind| is_known(kind, purpose)) {
            return None;
        }
        let srcset = link
            .get("imagesrcset")
            .filter(|_| purpose == Purpose::Image);
        let address = match srcset {
            Some(_) => srcset::chosen(srcset, link.get("imagesizes"), Some(href), place.viewport)?,
            None => href.to_owned(),
        };
        return resolve(&address, purpose);
    }
    if is(link, "modulepreload") {
        return if is_for_us() {
            resolve(href, Purpose::Script)
        } else {
            None
        };
    }
    if is(link, "prefetch") {
        return resolve(href, Purpose::Prefetch);
    }
    None
}

/// Whether a preload of this type would be used.
fn is_known(kind: &str, purpose: Purpose) -> bool {
    let essence = media_types::essence(kind);
    if essence.is_empty() {
        return true;
    }
    match purpose {
        Purpose::Image => media_types::is_shown_image(kind),
        Purpose::Style => essence == "text/css",
        Purpose::Script => media_types::is_javascript(&essence) || essence == "module",
        Purpose::Font => media_types::is_font(kind),
        Purpose::Track => essence == "text/vtt",
        _ => true,
    }
}
