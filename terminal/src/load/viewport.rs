//! The window for which a page is loaded.

use std::str::FromStr;

/// A window in CSS pixels, and its device pixels for each of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Viewport {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) density: f64,
}

impl Default for Viewport {
    /// A window of 1280×720 with one device pixel for each CSS pixel, as Playwright's browsers have.
    fn default() -> Self {
        Self {
            width: 1280.0,
            height: 720.0,
            density: 1.0,
        }
    }
}

impl Viewport {
    /// The window of a frame of this size.
    pub(super) fn of_frame(self, width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            ..self
        }
    }
}

/// Width and height in CSS pixels, as options give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WindowSize {
    pub(super) width: u16,
    pub(super) height: u16,
}

impl WindowSize {
    /// The default of `--viewport`, as it is written.
    pub(super) const DEFAULT: &'static str = "1280x720";
}

/// The text is no size of a window.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no size of a window; write WIDTHxHEIGHT in CSS pixels, such as 1280x720")]
pub(super) struct SizeError(String);

impl FromStr for WindowSize {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let parse = |part: &str| part.parse::<u16>().ok().filter(|pixels| *pixels > 0);
        text.split_once(['x', 'X', '×'])
            .and_then(|(width, height)| {
                Some(Self {
                    width: parse(width)?,
                    height: parse(height)?,
                })
            })
            .ok_or_else(|| SizeError(text.to_owned()))
    }
}

/// Reads a number of device pixels for each CSS pixel.
pub(super) fn parse_density(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|density: &f64| (0.1..=10.0).contains(density))
        .ok_or_else(|| {
            format!("'{text}' is no pixel ratio; write a number from 0.1 to 10, such as 2")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_of_a_window_is_two_numbers_of_pixels() {
        let size = WindowSize {
            width: 390,
            height: 844,
        };
        assert_eq!("390x844".parse(), Ok(size));
        assert_eq!(
            WindowSize::DEFAULT.parse(),
            Ok(WindowSize {
                width: 1280,
                height: 720
            })
        );
        for wrong in ["", "390", "0x5", "5x", "axb", "70000x1"] {
            assert!(wrong.parse::<WindowSize>().is_err(), "{wrong}");
        }
        assert_eq!(parse_density("1.5"), Ok(1.5));
        assert!(parse_density("0").is_err() && parse_density("inf").is_err());
    }
}
