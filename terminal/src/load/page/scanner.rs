//! What the elements of a document refer to, told as soon as they are there.

use std::collections::HashSet;

use encoding_rs::{Encoding, UTF_8};
use url::Url;

use super::builder::Observer;
use super::dom::{Element, NodeId, Tree};
use super::found::{Conditional, Content, Found, Frame, Gone, SheetLink, StyleElement};
use super::links::{self, Attributes, Place};
use super::{Context, refresh, srcset};
use crate::load::media_types;
use crate::load::reference::{Purpose, Reference};
use crate::load::style::media;

/// Where browsers look for an icon that a document does not name.
const DEFAULT_ICON: &str = "/favicon.ico";

pub(super) struct Scanner<F> {
    pub(super) context: Context,
    base: Url,
    has_base: bool,
    pub(super) encoding: &'static Encoding,
    icon: Option<Reference>,
    /// Audio and video of which a source has been taken.
    pub(super) media_chosen: HashSet<NodeId>,
    /// Styles and scripts that are whole.
    closed: HashSet<NodeId>,
    found: F,
    /// Whether nobody wants to know more.
    pub(super) is_gone: bool,
}

impl Attributes for Element {
    fn get(&self, name: &str) -> Option<&str> {
        self.attribute(name)
    }
}

impl<F: FnMut(Found) -> Result<(), Gone>> Observer for Scanner<F> {
    fn opened(&mut self, tree: &Tree, node: NodeId) {
        let Some(element) = tree.element(node) else {
            return;
        };
        if element.is_html {
            self.html(tree, node, element);
        } else {
            self.svg(element);
        }
    }

    fn closed(&mut self, tree: &Tree, node: NodeId) {
        let Some(element) = tree.element(node) else {
            return;
        };
        if !matches!(element.name.as_str(), "style" | "script") || !self.closed.insert(node) {
            return;
        }
        match element.name.as_str() {
            "style" => {
                let media_type = element.attribute("type").unwrap_or_default();
                if media_type.is_empty() || media_type.eq_ignore_ascii_case("text/css") {
                    self.tell(Found::Style(StyleElement {
                        node,
                        text: tree.text(node),
                        applies: self.is_for_us(element),
                        nonce: element.attribute("nonce").map(str::to_owned),
                        title: title(element),
                    }));
                }
            }
            "script" if !element.has("src") && !element.has("href") => {
                self.inline_script(tree, node, element);
            }
            _ => {}
        }
    }
}

impl<F: FnMut(Found) -> Result<(), Gone>> Scanner<F> {
    pub(super) fn new(context: Context, found: F) -> Self {
        Self {
            base: context.base.clone(),
            context,
            has_base: false,
            encoding: UTF_8,
            icon: None,
            media_chosen: HashSet::new(),
            closed: HashSet::new(),
            found,
            is_gone: false,
        }
    }

    /// The document is over: styles of SVG, of whose ends nobody told, count now, and its icon is loaded.
    pub(super) fn finish(&mut self, tree: &Tree) {
        for node in tree.in_document() {
            if tree.element(node).is_some_and(|element| !element.is_html) {
                self.closed(tree, node);
            }
        }
        if self.context.is_top {
            let default = Reference::new(&self.base, DEFAULT_ICON, Purpose::Icon);
            if let Some(icon) = self.icon.take().or(default) {
                self.tell(Found::File(icon));
            }
        }
    }

    pub(super) fn tell(&mut self, found: Found) {
        self.is_gone |= (self.found)(found).is_err();
    }

    pub(super) fn resolve(&self, written: &str, purpose: Purpose) -> Option<Reference> {
        Reference::encoded(&self.base, written, purpose, self.encoding)
    }

    pub(super) fn refer(&mut self, written: Option<&str>, purpose: Purpose) {
        if let Some(reference) = self.resolve(written.unwrap_or_default(), purpose) {
            self.tell(Found::File(reference));
        }
    }

    pub(super) fn is_for_us(&self, element: &Element) -> bool {
        media::matches(
            element.attribute("media").unwrap_or_default(),
            &self.context.viewport,
        )
    }

    fn html(&mut self, tree: &Tree, node: NodeId, element: &Element) {
        match element.name.as_str() {
            "html" => self.tell(Found::Start {
                encoding: self.encoding,
                is_quirky: tree.is_quirky,
            }),
            "base" => self.base(element),
            "meta" => self.meta(tree, node, element),
            "link" => self.link(node, element),
            "script" => self.script(element, element.attribute("src")),
            "img" => self.image(tree, node, element),
            "video" => {
                self.refer(element.attribute("poster"), Purpose::Image);
                self.media(element);
            }
            "audio" => self.media(element),
            "source" => self.source_of_media(tree, node, element),
            "track" => self.track(tree, node, element),
            "input" if element.is_word("type", "image") => {
                self.refer(element.attribute("src"), Purpose::Image);
            }
            "iframe" => self.frame(node, element),
            "frame" => {
                let content =
                    self.resolve(element.attribute("src").unwrap_or_default(), Purpose::Frame);
                if let Some(reference) = content {
                    let size = (self.context.viewport.width, self.context.viewport.height);
                    self.tell(Found::Frame(Frame {
                        node,
                        content: Content::File(reference),
                        size,
                        has_scripts: true,
                    }));
                }
            }
            "object" => self.object(node, element, element.attribute("data")),
            "embed" => self.object(node, element, element.attribute("src")),
            _ => {}
        }
    }

    fn svg(&mut self, element: &Element) {
        let href = element
            .attribute("href")
            .or_else(|| element.attribute("xlink:href"));
        match element.name.as_str() {
            "image" | "use" | "feImage" => self.refer(href, Purpose::Image),
            "script" => self.script(element, href),
            _ => {}
        }
    }

    /// The first one with an address counts.
    fn base(&mut self, element: &Element) {
        let Some(href) = element.attribute("href").filter(|_| !self.has_base) else {
            return;
        };
        self.has_base = true;
        let url = super::charset::join(&self.context.base, href.trim(), self.encoding);
        let is_allowed = |url: &Url| {
            !matches!(url.scheme(), "data" | "javascript")
                && self.context.policies.allow_base(url, &self.context.url)
        };
        if let Some(url) = url.filter(is_allowed) {
            self.base = url.clone();
            self.tell(Found::Base(url));
        }
    }

    fn meta(&mut self, tree: &Tree, node: NodeId, element: &Element) {
        let content = element.attribute("content").unwrap_or_default();
        if element.is_word("http-equiv", "refresh") {
            if let Some(refresh) = refresh::parse(content, &self.base) {
                self.tell(Found::Refresh(refresh));
            }
        } else if element.is_word("http-equiv", "content-security-policy") {
            let parent = tree.parent(node).and_then(|parent| tree.element(parent));
            if parent.is_some_and(|parent| parent.is("head")) {
                self.context.policies.add_meta(content);
                self.tell(Found::Policy(content.to_owned()));
            }
        }
    }

    fn link(&mut self, node: NodeId, element: &Element) {
        if links::is(element, "stylesheet") {
            return self.style_sheet(node, element);
        }
        let place = Place {
            base: &self.base,
            encoding: self.encoding,
            viewport: &self.context.viewport,
        };
        if let Some(reference) = links::ahead(element, &place) {
            self.tell(Found::File(reference));
        } else if links::is(element, "icon") {
            let icon = element.attribute("href").unwrap_or_default();
            self.icon = Reference::new(&self.base, icon, Purpose::Icon).or(self.icon.take());
        }
    }

    fn style_sheet(&mut self, node: NodeId, element: &Element) {
        let media_type = media_types::essence(element.attribute("type").unwrap_or_default());
        if element.has("disabled") || !matches!(media_type.as_str(), "" | "text/css") {
            return;
        }
        let href = element.attribute("href").unwrap_or_default();
        if let Some(reference) = self.resolve(href, Purpose::Style) {
            self.tell(Found::Sheet(SheetLink {
                node,
                reference: reference.with_nonce(element.attribute("nonce")),
                applies: self.is_for_us(element),
                title: title(element),
                is_alternate: links::is(element, "alternate"),
            }));
        }
    }

    fn script(&mut self, element: &Element, address: Option<&str>) {
        let purpose = script_purpose(element);
        if let Some(purpose) = purpose
            && let Some(reference) = self.resolve(address.unwrap_or_default(), purpose)
        {
            self.tell(Found::File(
                reference.with_nonce(element.attribute("nonce")),
            ));
        }
    }

    fn inline_script(&mut self, tree: &Tree, node: NodeId, element: &Element) {
        if !self.context.has_scripts {
            return;
        }
        if element.is_word("type", "importmap") {
            self.tell(Found::ImportMap(tree.text(node)));
        } else if script_purpose(element) == Some(Purpose::Module) {
            self.tell(Found::Module {
                script: tree.text(node),
                nonce: element.attribute("nonce").map(str::to_owned),
            });
        }
    }

    fn image(&mut self, tree: &Tree, node: NodeId, element: &Element) {
        let address = self.source_of_picture(tree, node).or_else(|| {
            srcset::chosen(
                element.attribute("srcset"),
                element.attribute("sizes"),
                element.attribute("src"),
                &self.context.viewport,
            )
        });
        let Some(reference) = self.resolve(&address.unwrap_or_default(), Purpose::Image) else {
            return;
        };
        self.tell_lazily(node, element, Found::File(reference));
    }

    /// What `loading=lazy` says is loaded if it is displayed near the window.
    pub(super) fn tell_lazily(&mut self, node: NodeId, element: &Element, found: Found) {
        // Where no scripts run nobody is lazy, as that would tell how far a reader has read.
        if element.is_word("loading", "lazy") && self.context.has_scripts {
            self.tell(Found::IfDisplayed(Conditional {
                node,
                is_lazy: true,
                then: Box::new(found),
            }));
        } else {
            self.tell(found);
        }
    }
}

fn title(element: &Element) -> Option<String> {
    element
        .attribute("title")
        .filter(|title| !title.is_empty())
        .map(str::to_owned)
}

/// What a script is by its `type`, or `language`; `None` if it is data, or for browsers without modules.
fn script_purpose(element: &Element) -> Option<Purpose> {
    let kind = match (element.attribute("type"), element.attribute("language")) {
        (Some(kind), _) => kind.to_ascii_lowercase(),
        (None, Some(language)) if !language.is_empty() => {
            format!("text/{}", language.to_ascii_lowercase())
        }
        (None, _) => String::new(),
    };
    if kind == "module" {
        return Some(Purpose::Module);
    }
    let is_script = kind.is_empty() || media_types::is_javascript(kind.trim());
    (is_script && !element.has("nomodule")).then_some(Purpose::Script)
}
