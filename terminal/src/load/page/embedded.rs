//! What is embedded in a document: pictures, audio and video, frames and objects.

use super::dom::{Element, NodeId, Tree};
use super::found::{Conditional, Content, Found, Frame, Gone};
use super::scanner::Scanner;
use super::srcset;
use crate::load::media_types;
use crate::load::reference::Purpose;

/// Width and height of a frame that does not say how large it is, in CSS pixels.
const FRAME_SIZE: (f64, f64) = (300.0, 150.0);

impl<F: FnMut(Found) -> Result<(), Gone>> Scanner<F> {
    /// What the first fitting source before an image in a picture names.
    pub(super) fn source_of_picture(&self, tree: &Tree, node: NodeId) -> Option<String> {
        let parent = tree.parent(node)?;
        if !tree.element(parent)?.is("picture") {
            return None;
        }
        let before = tree
            .children(parent)
            .iter()
            .take_while(|child| **child != node);
        let mut sources = before
            .filter_map(|child| tree.element(*child))
            .filter(|child| child.is("source"));
        sources.find_map(|source| {
            let set = source
                .attribute("srcset")
                .filter(|set| !set.trim().is_empty())?;
            let is_shown = source
                .attribute("type")
                .is_none_or(|kind| kind.is_empty() || media_types::is_shown_image(kind));
            if !is_shown || !self.is_for_us(source) {
                return None;
            }
            srcset::chosen(
                Some(set),
                source.attribute("sizes"),
                None,
                &self.context.viewport,
            )
        })
    }

    /// Audio and video that name their file themselves.
    pub(super) fn media(&mut self, element: &Element) {
        if is_preloaded(element) {
            self.refer(element.attribute("src"), Purpose::Media);
        }
    }

    /// The first source of a known type of audio or video.
    pub(super) fn source_of_media(&mut self, tree: &Tree, node: NodeId, source: &Element) {
        let Some(parent) = tree
            .parent(node)
            .filter(|parent| !self.media_chosen.contains(parent))
        else {
            return;
        };
        let is_for = |media: &Element| {
            (media.is("video") || media.is("audio")) && !media.has("src") && is_preloaded(media)
        };
        let is_played = source
            .attribute("type")
            .is_none_or(|kind| kind.is_empty() || media_types::is_played(kind));
        let has_address = source
            .attribute("src")
            .is_some_and(|src| !src.trim().is_empty());
        if tree.element(parent).is_some_and(is_for)
            && is_played
            && has_address
            && self.is_for_us(source)
        {
            self.media_chosen.insert(parent);
            self.refer(source.attribute("src"), Purpose::Media);
        }
    }

    /// A track is loaded if it is on from the start.
    pub(super) fn track(&mut self, tree: &Tree, node: NodeId, element: &Element) {
        let parent = tree.parent(node).and_then(|parent| tree.element(parent));
        let is_in_media = parent.is_some_and(|parent| parent.is("video") || parent.is("audio"));
        if is_in_media && element.has("default") {
            self.refer(element.attribute("src"), Purpose::Track);
        }
    }

    pub(super) fn frame(&mut self, node: NodeId, element: &Element) {
        let content = match element.attribute("srcdoc") {
            Some(text) => Content::Text(text.to_owned()),
            None => {
                match self.resolve(element.attribute("src").unwrap_or_default(), Purpose::Frame) {
                    Some(reference) => Content::File(reference),
                    None => return,
                }
            }
        };
        let frame = Frame {
            node,
            content,
            size: size(element),
            has_scripts: self.context.has_scripts
                && (!element.has("sandbox") || element.has_word("sandbox", "allow-scripts")),
        };
        self.tell_lazily(node, element, Found::Frame(frame));
    }

    /// `object` and `embed`: of a type that a browser shows, and displayed.
    pub(super) fn object(&mut self, node: NodeId, element: &Element, address: Option<&str>) {
        let kind = element.attribute("type").unwrap_or_default();
        let is_known = kind.is_empty()
            || media_types::is_shown_image(kind)
            || media_types::is_played(kind)
            || matches!(
                media_types::essence(kind).as_str(),
                "text/html" | "text/plain" | "application/xhtml+xml" | "application/pdf"
            );
        let Some(reference) = self
            .resolve(address.unwrap_or_default(), Purpose::Object)
            .filter(|_| is_known)
        else {
            return;
        };
        self.tell(Found::IfDisplayed(Conditional {
            node,
            is_lazy: false,
            then: Box::new(Found::Frame(Frame {
                node,
                content: Content::File(reference),
                size: size(element),
                has_scripts: self.context.has_scripts,
            })),
        }));
    }
}

/// Width and height in CSS pixels, as the attributes tell.
fn size(element: &Element) -> (f64, f64) {
    let pixels = |name, default| {
        let text = element
            .attribute(name)
            .unwrap_or_default()
            .trim()
            .trim_end_matches("px");
        text.parse::<f64>()
            .ok()
            .filter(|pixels| *pixels >= 0.0)
            .unwrap_or(default)
    };
    (
        pixels("width", FRAME_SIZE.0),
        pixels("height", FRAME_SIZE.1),
    )
}

/// `false` for `preload=none`, unless it plays by itself: of such, only a muted video does before a user acts.
fn is_preloaded(media: &Element) -> bool {
    let is_played = || media.is("video") && media.has("autoplay") && media.has("muted");
    !media.is_word("preload", "none") || is_played()
}
