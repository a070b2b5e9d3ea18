//! Which characters a page shows in which fonts.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::cascade::Winner;
use super::declarations::{Property, Setting};
use super::defaults;
use super::fonts::{BOLD, FontFace, FontStyle, NORMAL, needed};
use crate::load::page::dom::Element;

/// The font of an element, inherited by what is in it.
#[derive(Clone, Debug)]
pub(super) struct Font {
    families: Arc<Vec<String>>,
    weight: f64,
    style: FontStyle,
}

impl Font {
    /// The font of a page without style sheets.
    pub(super) fn initial() -> Self {
        Self {
            families: Arc::new(vec!["serif".to_owned()]),
            weight: NORMAL,
            style: FontStyle::Normal,
        }
    }

    /// The font of an element in one with this font, before its style sheets.
    pub(super) fn of_element(&self, element: &Element) -> Self {
        let mut font = self.clone();
        if let Some(family) = defaults::family(element) {
            font.families = Arc::new(vec![family.to_owned()]);
        }
        if defaults::is_bold(element) {
            font.weight = BOLD;
        }
        if defaults::is_italic(element) {
            font.style = FontStyle::Italic;
        }
        font
    }

    /// Applies what counts for an element in one with the font `outer`.
    pub(super) fn apply(&mut self, values: &HashMap<Property, Winner>, outer: &Self) {
        let initial = Self::initial();
        match values
            .get(&Property::FontFamily)
            .map(|(setting, _)| setting)
        {
            Some(Setting::Families(families)) => self.families = Arc::new(families.clone()),
            Some(Setting::Inherit) => self.families = Arc::clone(&outer.families),
            Some(Setting::Initial) => self.families = initial.families,
            _ => {}
        }
        match values
            .get(&Property::FontWeight)
            .map(|(setting, _)| setting)
        {
            Some(Setting::Weight(weight)) => self.weight = *weight,
            Some(Setting::Bolder) => self.weight = if outer.weight < 600.0 { BOLD } else { 900.0 },
            Some(Setting::Lighter) => {
                self.weight = if outer.weight < 600.0 { 100.0 } else { NORMAL }
            }
            Some(Setting::Inherit) => self.weight = outer.weight,
            Some(Setting::Initial) => self.weight = initial.weight,
            _ => {}
        }
        match values.get(&Property::FontStyle).map(|(setting, _)| setting) {
            Some(Setting::Style(style)) => self.style = *style,
            Some(Setting::Inherit) => self.style = outer.style,
            Some(Setting::Initial) => self.style = initial.style,
            _ => {}
        }
    }
}

/// Families, the bits of the weight, and whether it is italic.
type FontKey = (Arc<Vec<String>>, u64, bool);

/// The characters of a page by their fonts.
#[derive(Default)]
pub(super) struct Texts(HashMap<FontKey, BTreeSet<char>>);

impl Texts {
    /// Adds a text; a space is always looked for, as it is for the height of a line.
    pub(super) fn add(&mut self, font: &Font, text: &str) {
        let key = (
            Arc::clone(&font.families),
            font.weight.to_bits(),
            font.style == FontStyle::Italic,
        );
        let characters = self.0.entry(key).or_default();
        characters.insert(' ');
        characters.extend(text.chars().filter(|c| !c.is_control()));
    }

    /// The indices of the fonts that they need, in their order.
    pub(super) fn faces(&self, faces: &[FontFace]) -> BTreeSet<usize> {
        let groups = self
            .0
            .iter()
            .flat_map(|((families, weight, is_italic), characters)| {
                let style = if *is_italic {
                    FontStyle::Italic
                } else {
                    FontStyle::Normal
                };
                let text: String = characters.iter().collect();
                needed(faces, families, f64::from_bits(*weight), style, &text)
            });
        groups.collect()
    }
}
