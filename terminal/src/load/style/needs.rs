//! What the style of a page needs: its images and fonts, and which elements are displayed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::cascade::{Attributes, Cascade, Customs, Placed, Winner, Winners};
use super::declarations::{Display, IMAGE_PROPERTIES, Property, Setting};
use super::defaults;
use super::matching::Matcher;
use super::presentation;
use super::selector::PseudoElement;
use super::sheet::declarations;
use super::text::{Font, Texts};
use crate::load::page::dom::{Data, Element, NodeId, ROOT, Tree};
use crate::load::viewport::Viewport;

/// How far below the window Chromium loads what is `loading=lazy`, in pixels.
const LAZY_DISTANCE: f64 = 1250.0;

/// Height of a line and width of a letter that are assumed, in pixels.
const LINE_PIXELS: f64 = 18.0;
const LETTER_PIXELS: f64 = 7.5;

/// What is asked about a page.
pub(in crate::load) struct Wanted<'a> {
    pub(in crate::load) tree: &'a Tree,
    pub(in crate::load) sheets: &'a [Placed],
    pub(in crate::load) viewport: Viewport,
    /// Whether `style` attributes count.
    pub(in crate::load) has_style_attributes: bool,
    /// Elements of which it has to be known whether they are displayed, and those of them that may be far
    /// below the window.
    pub(in crate::load) displayed: &'a HashMap<NodeId, bool>,
}

/// What a page needs for its style.
#[derive(Debug, Default)]
pub(in crate::load) struct Needs {
    pub(in crate::load) files: Vec<Need>,
    /// Those of the elements that were asked about which are displayed, and near enough.
    pub(in crate::load) displayed: HashSet<NodeId>,
    /// Whether the style sheets ask for more work than is done.
    pub(in crate::load) is_cut: bool,
}

/// A file that the style of a page needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::load) struct Need {
    pub(in crate::load) address: String,
    /// The index of the style sheet that names it; `None` for an attribute.
    pub(in crate::load) sheet: Option<usize>,
    pub(in crate::load) is_font: bool,
}

/// Finds what a page needs.
pub(in crate::load) fn needs(wanted: &Wanted) -> Needs {
    let mut walk = Walk {
        wanted,
        matcher: Matcher::new(wanted.tree),
        cascade: Cascade::new(wanted.sheets, wanted.viewport),
        texts: Texts::default(),
        needs: Needs::default(),
        top: 0.0,
        has_faces: wanted
            .sheets
            .iter()
            .any(|placed| !placed.sheet.faces.is_empty()),
    };
    walk.document();
    let mut needs = walk.needs;
    let all = wanted.sheets.iter().enumerate();
    let all =
        all.flat_map(|(index, placed)| placed.sheet.faces.iter().map(move |face| (index, face)));
    let (sheets, faces): (Vec<usize>, Vec<_>) =
        all.map(|(index, face)| (index, face.clone())).unzip();
    for face in walk.texts.faces(&faces) {
        needs.files.push(Need {
            address: faces[face].source.clone(),
            sheet: Some(sheets[face]),
            is_font: true,
        });
    }
    needs.is_cut = walk.matcher.is_exhausted();
    needs
}

struct Walk<'a> {
    wanted: &'a Wanted<'a>,
    matcher: Matcher<'a>,
    cascade: Cascade<'a>,
    texts: Texts,
    needs: Needs,
    /// Where we are below the top of the page, roughly.
    top: f64,
    has_faces: bool,
}

/// What an element hands down.
#[derive(Clone)]
struct Inherited {
    font: Font,
    customs: Customs,
}

enum Step {
    Enter(NodeId, Inherited),
    /// The end of an element that is this high and began there.
    Leave(f64, f64),
}

impl Walk<'_> {
    fn document(&mut self) {
        let inherited = Inherited {
            font: Font::initial(),
            customs: Arc::default(),
        };
        let mut open = Vec::new();
        self.push_children(&mut open, ROOT, &inherited);
        while let Some(step) = open.pop() {
            match step {
                Step::Leave(began, height) => self.top = self.top.max(began + height),
                Step::Enter(node, inherited) => match self.wanted.tree.data(node) {
                    Data::Element(element) => self.element(&mut open, node, element, &inherited),
                    Data::Text(text) if !text.trim().is_empty() => {
                        #[expect(clippy::cast_precision_loss, reason = "it is a rough estimate")]
                        let width = text.trim().len() as f64 * LETTER_PIXELS;
                        self.top += width / self.wanted.viewport.width * LINE_PIXELS;
                    }
                    _ => {}
                },
            }
        }
    }

    fn push_children(&self, open: &mut Vec<Step>, node: NodeId, inherited: &Inherited) {
        let children = self.wanted.tree.children(node).iter().rev();
        open.extend(children.map(|child| Step::Enter(*child, inherited.clone())));
    }

    fn element(
        &mut self,
        open: &mut Vec<Step>,
        node: NodeId,
        element: &Element,
        outer: &Inherited,
    ) {
        let style = element
            .attribute("style")
            .filter(|_| self.wanted.has_style_attributes);
        let inline = style
            .map(|text| declarations(text, &self.wanted.viewport))
            .unwrap_or_default();
        let attributes = Attributes {
            presentation: &presentation::declarations(element, &self.wanted.viewport),
            style: &inline,
        };
        let Winners {
            values,
            pseudos,
            customs,
        } = self
            .cascade
            .winners(&self.matcher, node, element, &attributes, &outer.customs);
        let display = match values.get(&Property::Display) {
            Some((Setting::Display(display), _)) => *display,
            Some((Setting::Initial, _)) => Display::Inline,
            _ => defaults::display(element),
        };
        if display == Display::None {
            return;
        }
        let mut font = outer.font.of_element(element);
        font.apply(&values, &outer.font);
        if let Some(is_lazy) = self.wanted.displayed.get(&node)
            && (!is_lazy || self.top <= self.wanted.viewport.height + LAZY_DISTANCE)
        {
            self.needs.displayed.insert(node);
        }
        self.images(&values);
        if !values.contains_key(&Property::Image(0)) {
            self.background_attribute(element);
        }
        self.text(node, element, display, &font);
        for (pseudo, values) in pseudos {
            self.pseudo_element(pseudo, &values, element, display, &font);
        }
        open.push(Step::Leave(self.top, height(element, &values)));
        if display != Display::Inline
            && display != Display::Contents
            && has_words(self.wanted.tree, node)
        {
            self.top += LINE_PIXELS;
        }
        if !defaults::is_replaced(element) {
            self.push_children(open, node, &Inherited { font, customs });
        }
    }

    fn images(&mut self, values: &HashMap<Property, Winner>) {
        let properties = (0..IMAGE_PROPERTIES.len())
            .map(Property::Image)
            .chain([Property::Content]);
        for property in properties {
            if let Some((Setting::Images(images) | Setting::Content { images, .. }, sheet)) =
                values.get(&property)
            {
                for address in images {
                    self.need(address, *sheet);
                }
            }
        }
    }

    fn need(&mut self, address: &str, sheet: Option<usize>) {
        let need = Need {
            address: address.to_owned(),
            sheet,
            is_font: false,
        };
        self.needs.files.push(need);
    }

    fn background_attribute(&mut self, element: &Element) {
        let has_background = element.is_html
            && matches!(
                element.name.as_str(),
                "body" | "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th"
            );
        if let Some(address) = element.attribute("background").filter(|_| has_background) {
            self.need(address, None);
        }
    }

    /// Notes the text of an element that has lines.
    fn text(&mut self, node: NodeId, element: &Element, display: Display, font: &Font) {
        if !self.has_faces {
            return;
        }
        if let Some(text) = defaults::field_text(element) {
            return self.texts.add(font, &text);
        }
        let tree = self.wanted.tree;
        let text = tree.text(node);
        let has_words = !text.trim().is_empty();
        let is_inline = |child: &NodeId| {
            tree.element(*child)
                .is_some_and(|child| child.is_html && defaults::display(child) == Display::Inline)
        };
        let has_lines = match display {
            Display::None => false,
            Display::ListItem => true,
            Display::Inline if element.is_html => true,
            Display::Inline => has_words,
            Display::Block | Display::Contents => {
                has_words || tree.children(node).iter().any(is_inline)
            }
        };
        if has_lines {
            self.texts.add(font, &text);
        }
    }

    fn pseudo_element(
        &mut self,
        pseudo: PseudoElement,
        values: &HashMap<Property, Winner>,
        element: &Element,
        display: Display,
        font: &Font,
    ) {
        let content = values.get(&Property::Content).map(|(setting, _)| setting);
        let is_block = matches!(display, Display::Block | Display::ListItem);
        let is_there = match pseudo {
            PseudoElement::Before | PseudoElement::After => content.is_some(),
            PseudoElement::Marker => display == Display::ListItem,
            PseudoElement::Placeholder => element.has("placeholder"),
            PseudoElement::FirstLine | PseudoElement::FirstLetter => is_block,
            PseudoElement::FileButton => element.is_word("type", "file"),
            PseudoElement::Never => false,
        };
        let is_hidden = matches!(
            values.get(&Property::Display),
            Some((Setting::Display(Display::None), _))
        );
        if !is_there || is_hidden {
            return;
        }
        self.images(values);
        let mut own = font.clone();
        own.apply(values, font);
        match content {
            Some(Setting::Content {
                exists: true, text, ..
            }) => self.texts.add(&own, text),
            None if values.contains_key(&Property::FontFamily) => self.texts.add(&own, ""),
            _ => {}
        }
    }
}

/// How high an element is said to be.
fn height(element: &Element, values: &HashMap<Property, Winner>) -> f64 {
    if let Some((Setting::Height(height), _)) = values.get(&Property::Height) {
        return *height;
    }
    let is_sized = matches!(
        element.name.as_str(),
        "img" | "iframe" | "video" | "canvas" | "embed" | "object"
    );
    let attribute = element.attribute("height").filter(|_| is_sized);
    let default = if element.is("iframe") { 150.0 } else { 0.0 };
    attribute
        .and_then(|height| height.trim_end_matches("px").parse().ok())
        .unwrap_or(default)
}

/// Whether there is a text directly in a node.
fn has_words(tree: &Tree, node: NodeId) -> bool {
    tree.children(node)
        .iter()
        .any(|child| match tree.data(*child) {
            Data::Text(text) => !text.trim().is_empty(),
            _ => false,
        })
}
