//! The `srcset` attribute (HTML Standard, section 4.8.4.2): which of its images is loaded.

/// Width of the window that is assumed, in CSS pixels, with one device pixel each: of a common laptop.
const WINDOW_WIDTH: f64 = 1280.0;

/// The image that a browser takes for a window of that width, filled by the image.
pub(super) fn chosen(text: &str) -> Option<&str> {
    let mut candidates: Vec<(&str, f64)> = candidates(text)
        .into_iter()
        .map(|(url, descriptor)| (url, density(descriptor)))
        .collect();
    candidates.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let enough = candidates.iter().find(|(_, density)| *density >= 1.0);
    enough.or(candidates.last()).map(|(url, _)| *url)
}

/// Pixels of the image for each of the window.
fn density(descriptor: &str) -> f64 {
    let number = |suffix| {
        let number = descriptor.strip_suffix(suffix)?.parse::<f64>().ok()?;
        number.is_finite().then_some(number)
    };
    number('x')
        .or_else(|| number('w').map(|width| width / WINDOW_WIDTH))
        .unwrap_or(1.0)
}

/// Addresses with their descriptors. A comma is part of an address unless it ends one.
fn candidates(mut text: &str) -> Vec<(&str, &str)> {
    let space = |c: char| c.is_ascii_whitespace();
    let mut found = Vec::new();
    loop {
        text = text.trim_start_matches(|c| space(c) || c == ',');
        if text.is_empty() {
            return found;
        }
        let (url, rest) = text.split_at(text.find(space).unwrap_or(text.len()));
        if let Some(url) = url.strip_suffix(',') {
            found.push((url.trim_end_matches(','), ""));
            text = rest;
            continue;
        }
        let (descriptor, rest) = rest.split_once(',').unwrap_or((rest, ""));
        found.push((url, descriptor.trim_matches(space)));
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_smallest_image_that_is_large_enough_is_taken() {
        assert_eq!(chosen("b 2x, a 1x"), Some("a"));
        assert_eq!(chosen("a, b 2x"), Some("a"));
        assert_eq!(chosen("a 640w, b 1280w, c 2560w"), Some("b"));
        assert_eq!(chosen("a 320w, b 640w"), Some("b"));
        assert_eq!(chosen("a,b?c,d 1x"), Some("a,b?c,d"));
        assert_eq!(chosen("a, b"), Some("a"));
        assert_eq!(chosen(" , "), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a,0-9xw. ]{0,40}|\\PC{0,40}") {
            if let Some(url) = chosen(&text) {
                prop_assert!(text.contains(url));
            }
        }
    }
}
