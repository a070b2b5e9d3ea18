//! `srcset` and `sizes` (HTML Standard, section 4.8.4.2): which of several images is loaded.

use crate::load::style::lengths::length;
use crate::load::style::media;
use crate::load::style::values::{dense, split, trimmed, values};
use crate::load::viewport::Viewport;

/// The image that is loaded for a window: of `srcset`, or what `src` names.
pub(in crate::load) fn chosen(
    srcset: Option<&str>,
    sizes: Option<&str>,
    src: Option<&str>,
    viewport: &Viewport,
) -> Option<String> {
    let candidates = candidates(srcset.unwrap_or_default());
    let has_widths = candidates
        .iter()
        .any(|candidate| matches!(candidate.descriptor, Descriptor::Width(_)));
    let width = has_widths.then(|| source_size(sizes.unwrap_or_default(), viewport));
    let mut all: Vec<(String, f64)> = candidates
        .into_iter()
        .map(
            |Candidate {
                 address,
                 descriptor,
             }| {
                let density = match descriptor {
                    Descriptor::Density(density) => density,
                    Descriptor::Width(pixels) => pixels / width.unwrap_or(viewport.width),
                };
                (address, density)
            },
        )
        .collect();
    let src = src.filter(|src| !src.trim().is_empty() && !has_widths);
    all.extend(src.map(|src| (src.to_owned(), 1.0)));
    all.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    all.dedup_by(|(_, later), (_, earlier)| (*later - *earlier).abs() < f64::EPSILON);
    let last = all.len().checked_sub(1)?;
    let enough = all
        .iter()
        .position(|(_, density)| *density >= viewport.density);
    Some(all.swap_remove(enough.unwrap_or(last)).0)
}

struct Candidate {
    address: String,
    descriptor: Descriptor,
}

enum Descriptor {
    Density(f64),
    Width(f64),
}

/// The images with valid descriptors. A comma is part of an address unless it ends one.
fn candidates(mut text: &str) -> Vec<Candidate> {
    let space = |c: char| c.is_ascii_whitespace();
    let mut found = Vec::new();
    loop {
        text = text.trim_start_matches(|c| space(c) || c == ',');
        if text.is_empty() {
            return found;
        }
        let (address, rest) = text.split_at(text.find(space).unwrap_or(text.len()));
        let (address, descriptors) = if let Some(address) = address.strip_suffix(',') {
            text = rest;
            (address.trim_end_matches(','), "")
        } else {
            let end = end_of_descriptors(rest);
            text = rest.get(end + 1..).unwrap_or_default();
            (address, &rest[..end])
        };
        if let Some(descriptor) = descriptor(descriptors) {
            found.push(Candidate {
                address: address.to_owned(),
                descriptor,
            });
        }
    }
}

/// Where the comma is that ends a candidate; those in parentheses do not.
fn end_of_descriptors(text: &str) -> usize {
    let mut is_open = false;
    for (at, character) in text.char_indices() {
        match character {
            '(' => is_open = true,
            ')' => is_open = false,
            ',' if !is_open => return at,
            _ => {}
        }
    }
    text.len()
}

/// The descriptor of a candidate; `None` if there is something wrong with it.
fn descriptor(text: &str) -> Option<Descriptor> {
    let (mut width, mut density, mut height) = (None, None, None);
    for word in text.split_ascii_whitespace() {
        let (number, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
        let whole = || {
            number
                .parse::<u32>()
                .ok()
                .filter(|number| *number > 0)
                .map(f64::from)
        };
        let slot = match unit {
            "x" => &mut density,
            "w" => &mut width,
            "h" => &mut height,
            _ => return None,
        };
        if slot.is_some() {
            return None;
        }
        *slot = Some(if unit == "x" {
            number
                .parse::<f64>()
                .ok()
                .filter(|number| *number >= 0.0 && number.is_finite())?
        } else {
            whole()?
        });
    }
    match (width, density, height) {
        (Some(width), None, _) => Some(Descriptor::Width(width)),
        (None, Some(density), None) => Some(Descriptor::Density(density)),
        (None, None, None) => Some(Descriptor::Density(1.0)),
        _ => None,
    }
}

/// The width of the image that `sizes` tells, in pixels; that of the window if it tells none.
fn source_size(sizes: &str, viewport: &Viewport) -> f64 {
    let all = values(sizes);
    let sizes = split(&all, ',').find_map(|one| {
        let (size, condition) = trimmed(one).split_last()?;
        let size = length(size, viewport).filter(|size| *size >= 0.0)?;
        let condition = dense(condition);
        let holds = condition.is_empty() || media::condition(&condition, viewport).unwrap_or(false);
        holds.then_some(size)
    });
    sizes.unwrap_or(viewport.width)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(srcset: &str, sizes: &str, density: f64) -> Option<String> {
        let viewport = Viewport {
            density,
            ..Viewport::default()
        };
        chosen(Some(srcset), Some(sizes), None, &viewport)
    }

    #[test]
    fn the_smallest_image_that_is_large_enough_is_taken() {
        for (srcset, sizes, expected) in [
            ("b 2x, a 1x", "", "a"),
            ("a, b 2x", "", "a"),
            ("a 640w, b 1280w, c 2560w", "", "b"),
            ("a 320w, b 640w", "", "b"),
            ("a,b?c,d 1x", "", "a,b?c,d"),
            ("a, b", "", "a"),
            (
                "a 200w, b 300w, c 400w",
                "(max-width: 600px) 100vw, 300px",
                "b",
            ),
            ("a 320w, b 640w, c 1280w", "calc(50vw - 10px)", "b"),
            ("a 640w, b 1280w", "50%", "b"),
            ("a 1x 2x, b 100h, c", "", "c"),
        ] {
            assert_eq!(
                of(srcset, sizes, 1.0).as_deref(),
                Some(expected),
                "{srcset}"
            );
        }
        assert_eq!(of(" , ", "", 1.0), None);
    }

    #[test]
    fn a_dense_screen_gets_a_larger_image() {
        assert_eq!(of("a 1x, b 2x, c 3x", "", 2.0).as_deref(), Some("b"));
        assert_eq!(of("a 1x, b 4x", "", 1.1).as_deref(), Some("b"));
        assert_eq!(of("a 1x, b 1.45x, c 3x", "", 2.0).as_deref(), Some("c"));
        assert_eq!(of("a 1x, b 2x", "", 3.0).as_deref(), Some("b"));
        assert_eq!(of("a 600w, b 900w", "300px", 3.0).as_deref(), Some("b"));
    }

    #[test]
    fn src_is_for_one_pixel_each() {
        let take = |srcset| chosen(Some(srcset), None, Some("s"), &Viewport::default());
        assert_eq!(take("a 2x").as_deref(), Some("s"));
        assert_eq!(take("a 1x").as_deref(), Some("a"));
        assert_eq!(take("a 100w").as_deref(), Some("a"));
        assert_eq!(chosen(None, None, Some(" "), &Viewport::default()), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a,0-9xw. ]{0,40}|\\PC{0,40}") {
            if let Some(address) = of(&text, &text, 1.0) {
                prop_assert!(text.contains(&address));
            }
        }
    }
}
