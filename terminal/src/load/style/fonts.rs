//! Fonts: what `@font-face` offers, and which of it a text needs (CSS Fonts Module Level 4).

use super::declarations::{Property, Setting};
use super::tokens::Token;
use super::values::{Value, split, trimmed};

/// Weights that words stand for.
pub(super) const NORMAL: f64 = 400.0;
pub(super) const BOLD: f64 = 700.0;

/// Families that every browser has, so that no later one is needed.
const GENERIC: [&str; 15] = [
    "serif",
    "sans-serif",
    "monospace",
    "cursive",
    "fantasy",
    "system-ui",
    "ui-serif",
    "ui-sans-serif",
    "ui-monospace",
    "ui-rounded",
    "math",
    "emoji",
    "fangsong",
    "-apple-system",
    "blinkmacsystemfont",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FontStyle {
    Normal,
    Italic,
}

/// One `@font-face`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FontFace {
    /// In lower case.
    family: String,
    /// The address of the source that is taken.
    pub(super) source: String,
    weights: (f64, f64),
    style: FontStyle,
    /// The characters that it is for; all if there are none.
    ranges: Vec<(u32, u32)>,
}

/// Whether fonts of this format are used.
pub(super) fn is_known_format(name: &str) -> bool {
    matches!(
        name,
        "woff"
            | "woff2"
            | "truetype"
            | "opentype"
            | "collection"
            | "woff-variations"
            | "woff2-variations"
            | "truetype-variations"
            | "opentype-variations"
    )
}

/// Whether a technique of fonts is known.
pub(super) fn is_known_tech(name: &str) -> bool {
    matches!(
        name,
        "features-opentype"
            | "features-aat"
            | "variations"
            | "color-colrv0"
            | "color-colrv1"
            | "color-sbix"
            | "color-cbdt"
            | "palettes"
    )
}

impl FontFace {
    /// Reads the descriptors of a rule; `None` if it has no family or no source that is used.
    pub(super) fn new(descriptors: &[(String, Vec<Value>)]) -> Option<Self> {
        let last = |name: &str| {
            let mut found = descriptors.iter().rev().filter(|(own, _)| own == name);
            found.next().map(|(_, value)| value.as_slice())
        };
        let family = families(last("font-family")?)?.into_iter().next()?;
        let source = split(last("src")?, ',').find_map(source)?;
        let weights = last("font-weight").map_or((NORMAL, NORMAL), |value| {
            let mut all = value.iter().filter_map(|one| match weight(one)? {
                Setting::Weight(weight) => Some(weight),
                _ => None,
            });
            let first = all.next().unwrap_or(NORMAL);
            (first, all.next().unwrap_or(first))
        });
        let ranges = last("unicode-range").map(ranges).unwrap_or_default();
        Some(Self {
            family,
            source,
            weights,
            style: last("font-style")
                .and_then(style)
                .unwrap_or(FontStyle::Normal),
            ranges,
        })
    }

    fn has(&self, character: char) -> bool {
        let code = u32::from(character);
        self.ranges.is_empty()
            || self
                .ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&code))
    }

    /// How far its weight is from one: smaller is nearer.
    fn distance(&self, weight: f64) -> f64 {
        let (low, high) = self.weights;
        if (low..=high).contains(&weight) {
            return 0.0;
        }
        let is_above = low > weight;
        let far = if is_above {
            low - weight
        } else {
            weight - high
        };
        // The wrong direction counts only if there is nothing in the right one.
        let wrong = 10_000.0;
        if (400.0..=500.0).contains(&weight) {
            return match (is_above, low <= 500.0) {
                (true, true) => far,
                (true, false) => far + 2.0 * wrong,
                (false, _) => far + wrong,
            };
        }
        if is_above == (weight > 500.0) {
            far
        } else {
            far + wrong
        }
    }
}

/// The address of a source of which format and techniques are known.
fn source(source: &[Value]) -> Option<String> {
    let (first, rest) = source.split_first()?;
    let address = first.address()?;
    let is_known = rest.iter().all(|value| match value {
        Value::Function(name, inner) => {
            let words = inner.iter().filter_map(|value| match value {
                Value::Token(Token::Ident(word) | Token::String(word)) => {
                    Some(word.to_ascii_lowercase())
                }
                _ => None,
            });
            let mut words = words.peekable();
            match name.as_str() {
                "format" => words.all(|word| is_known_format(&word)),
                "tech" => words.all(|word| is_known_tech(&word)),
                _ => false,
            }
        }
        other => other.is_space(),
    });
    is_known.then(|| address.to_owned())
}

/// Reads `U+0-FF, U+4??`.
fn ranges(value: &[Value]) -> Vec<(u32, u32)> {
    let [Value::Token(Token::Range(text)), ..] = value else {
        return Vec::new();
    };
    let range = |text: &str| {
        let text = text.trim();
        let digits = text
            .strip_prefix("U+")
            .or_else(|| text.strip_prefix("u+"))?;
        let (first, last) = digits.split_once('-').unwrap_or((digits, digits));
        let number = |digits: &str, wild| u32::from_str_radix(&digits.replace('?', wild), 16).ok();
        Some((number(first, "0")?, number(last, "F")?))
    };
    text.split(',').filter_map(range).collect()
}

/// A list of families, in lower case.
pub(super) fn families(value: &[Value]) -> Option<Vec<String>> {
    split(value, ',')
        .map(|family| match family {
            [] => None,
            [Value::Token(Token::String(name))] => Some(name.to_ascii_lowercase()),
            words => {
                let words: Option<Vec<&str>> = words
                    .iter()
                    .filter(|value| !value.is_space())
                    .map(Value::ident)
                    .collect();
                Some(words?.join(" ").to_ascii_lowercase())
            }
        })
        .collect()
}

pub(super) fn weight(value: &Value) -> Option<Setting> {
    match value {
        Value::Token(Token::Number(number)) if (1.0..=1000.0).contains(number) => {
            Some(Setting::Weight(*number))
        }
        other => match other.ident()?.to_ascii_lowercase().as_str() {
            "normal" => Some(Setting::Weight(NORMAL)),
            "bold" => Some(Setting::Weight(BOLD)),
            "bolder" => Some(Setting::Bolder),
            "lighter" => Some(Setting::Lighter),
            _ => None,
        },
    }
}

pub(super) fn style(value: &[Value]) -> Option<FontStyle> {
    match trimmed(value)
        .first()?
        .ident()?
        .to_ascii_lowercase()
        .as_str()
    {
        "normal" => Some(FontStyle::Normal),
        "italic" | "oblique" => Some(FontStyle::Italic),
        _ => None,
    }
}

/// The shorthand `font`: what stands behind the size is the family.
pub(super) fn shorthand(value: &[Value]) -> Option<Vec<(Property, Setting)>> {
    let is_size = |value: &Value| match value {
        Value::Token(Token::Dimension(..) | Token::Percentage(_)) | Value::Function(..) => true,
        other => other.ident().is_some_and(|word| {
            matches!(
                word.to_ascii_lowercase().as_str(),
                "xx-small"
                    | "x-small"
                    | "small"
                    | "medium"
                    | "large"
                    | "x-large"
                    | "xx-large"
                    | "xxx-large"
                    | "smaller"
                    | "larger"
                    | "math"
            )
        }),
    };
    if let [word] = value
        && let Some("caption" | "icon" | "menu" | "message-box" | "small-caption" | "status-bar") =
            word.ident()
    {
        return Some(vec![(
            Property::FontFamily,
            Setting::Families(vec!["system-ui".to_owned()]),
        )]);
    }
    let size = value.iter().position(is_size)?;
    let (before, rest) = (&value[..size], trimmed(&value[size + 1..]));
    let rest = match rest {
        [slash, rest @ ..] if slash.is_delim('/') => trimmed(rest).get(1..)?,
        all => all,
    };
    let weight = before
        .iter()
        .rev()
        .find_map(weight)
        .unwrap_or(Setting::Weight(NORMAL));
    let is_italic = before
        .iter()
        .any(|value| value.is_word("italic") || value.is_word("oblique"));
    let style = if is_italic {
        FontStyle::Italic
    } else {
        FontStyle::Normal
    };
    Some(vec![
        (Property::FontFamily, Setting::Families(families(rest)?)),
        (Property::FontWeight, weight),
        (Property::FontStyle, Setting::Style(style)),
    ])
}

/// The faces that a text needs, by their indices.
pub(super) fn needed(
    faces: &[FontFace],
    families: &[String],
    weight: f64,
    style: FontStyle,
    text: &str,
) -> Vec<usize> {
    let mut found = Vec::new();
    let mut characters: Vec<char> = text.chars().collect();
    for family in families {
        if GENERIC.contains(&family.as_str()) || characters.is_empty() {
            break;
        }
        let of_family = || faces.iter().filter(|face| face.family == *family);
        let has_style = of_family().any(|face| face.style == style);
        let fitting = || of_family().filter(|face| !has_style || face.style == style);
        let nearest = fitting()
            .map(|face| face.distance(weight))
            .min_by(f64::total_cmp);
        characters.retain(|character| {
            let taken = faces.iter().enumerate().rev().find(|(_, face)| {
                face.family == *family
                    && (!has_style || face.style == style)
                    && Some(face.distance(weight)) == nearest
                    && face.has(*character)
            });
            if let Some((index, _)) = taken
                && !found.contains(&index)
            {
                found.push(index);
            }
            taken.is_none()
        });
    }
    found
}
