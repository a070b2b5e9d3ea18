//! Images in the values of properties: which of them a browser loads.

use super::lengths::resolution;
use super::tokens::Token;
use super::values::{Value, dense, split, trimmed};
use crate::load::media_types::is_shown_image;

/// Functions that make an image without a file.
const DRAWN: [&str; 8] = [
    "linear-gradient",
    "radial-gradient",
    "conic-gradient",
    "repeating-linear-gradient",
    "repeating-radial-gradient",
    "repeating-conic-gradient",
    "-webkit-gradient",
    "paint",
];

/// Functions that may stand beside images.
const OTHER_FUNCTIONS: [&str; 62] = [
    "url",
    "image-set",
    "-webkit-image-set",
    "-webkit-cross-fade",
    "-webkit-linear-gradient",
    "-webkit-radial-gradient",
    "-webkit-repeating-linear-gradient",
    "-webkit-repeating-radial-gradient",
    "calc",
    "min",
    "max",
    "clamp",
    "round",
    "mod",
    "rem",
    "abs",
    "sign",
    "sin",
    "cos",
    "tan",
    "sqrt",
    "pow",
    "hypot",
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "hwb",
    "lab",
    "lch",
    "oklab",
    "oklch",
    "color",
    "color-mix",
    "light-dark",
    "attr",
    "counter",
    "counters",
    "var",
    "env",
    "blur",
    "brightness",
    "contrast",
    "drop-shadow",
    "grayscale",
    "hue-rotate",
    "invert",
    "opacity",
    "saturate",
    "sepia",
    "inset",
    "circle",
    "ellipse",
    "polygon",
    "path",
    "rect",
    "xywh",
    "shape",
    "cross-fade",
    "minmax",
    "fit-content",
    "repeat",
];

/// Whether Chromium knows a function of this name in some property.
pub(super) fn is_known_function(name: &str) -> bool {
    DRAWN.contains(&name)
        || OTHER_FUNCTIONS.contains(&name) && name != "cross-fade"
        || is_transform(name)
}

fn is_transform(name: &str) -> bool {
    [
        "translate",
        "scale",
        "rotate",
        "skew",
        "matrix",
        "perspective",
        "cubic-bezier",
        "steps",
        "linear",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

/// The addresses of a list of values of which each may be an image, such as backgrounds. `None` if it is
/// invalid.
pub(super) fn layers(values: &[Value], density: f64) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for layer in split(values, ',') {
        if layer.is_empty() {
            return None;
        }
        let mut images = 0;
        for value in layer {
            match image(value, density) {
                Image::Of(addresses) => {
                    images += 1;
                    found.extend(addresses);
                }
                Image::Invalid => return None,
                Image::None => {
                    if let Value::Function(name, _) = value
                        && !is_known_function(name)
                    {
                        return None;
                    }
                }
            }
        }
        if images > 1 {
            return None;
        }
    }
    Some(found)
}

/// The addresses of all images of a value, such as `content`. `None` if it is invalid.
pub(super) fn all(values: &[Value], density: f64) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for value in values {
        match image(value, density) {
            Image::Of(addresses) => found.extend(addresses),
            Image::Invalid => return None,
            Image::None => {}
        }
    }
    Some(found)
}

/// What a value is.
enum Image {
    /// Something else.
    None,
    Invalid,
    /// An image of these files.
    Of(Vec<String>),
}

impl From<Option<Vec<String>>> for Image {
    fn from(addresses: Option<Vec<String>>) -> Self {
        addresses.map_or(Self::Invalid, Self::Of)
    }
}

fn image(value: &Value, density: f64) -> Image {
    if let Some(address) = value.address() {
        return Image::Of(vec![address.to_owned()]);
    }
    match value {
        Value::Token(Token::Bad) => Image::Invalid,
        Value::Function(name, arguments) => match name.as_str() {
            "url" => Image::Invalid,
            "image-set" | "-webkit-image-set" => image_set(arguments, density).into(),
            "-webkit-cross-fade" => all(arguments, density).into(),
            name if DRAWN.contains(&name) || name.ends_with("-gradient") => Image::Of(Vec::new()),
            _ => Image::None,
        },
        _ => Image::None,
    }
}

/// Of the images whose type is known, the one with the smallest resolution that is enough.
fn image_set(arguments: &[Value], density: f64) -> Option<Vec<String>> {
    let mut options: Vec<(f64, Vec<String>)> = Vec::new();
    for option in split(arguments, ',') {
        let (image_value, rest) = option.split_first()?;
        let addresses = match image_value {
            Value::Token(Token::String(address)) => vec![address.clone()],
            other => match image(other, density) {
                Image::Of(addresses) => addresses,
                Image::Invalid | Image::None => return None,
            },
        };
        let mut own = 1.0;
        let mut is_shown = true;
        for value in dense(rest) {
            match value {
                Value::Function(name, inner) if name == "type" => {
                    let [Value::Token(Token::String(media_type))] = trimmed(inner) else {
                        return None;
                    };
                    is_shown = is_shown_image(media_type);
                }
                other => own = resolution(other)?,
            }
        }
        if is_shown && !options.iter().any(|(known, _)| same(*known, own)) {
            options.push((own, addresses));
        }
    }
    options.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let enough = options.iter().position(|(own, _)| *own >= density);
    let chosen = enough.or(options.len().checked_sub(1));
    Some(
        chosen
            .map(|at| options.swap_remove(at).1)
            .unwrap_or_default(),
    )
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::style::values::values;

    fn found(text: &str) -> Option<Vec<String>> {
        layers(&values(text), 1.0)
    }

    #[test]
    fn each_layer_has_at_most_one_image() {
        assert_eq!(
            found("url(a), red url('b') 0 0"),
            Some(vec!["a".into(), "b".into()])
        );
        assert_eq!(
            found("linear-gradient(red, blue), url(a)"),
            Some(vec!["a".into()])
        );
        assert_eq!(found("none"), Some(Vec::new()));
        for invalid in [
            "url(a) url(b)",
            "foo(bar)",
            "url(a b)",
            "url(a),",
            "src('a')",
        ] {
            assert_eq!(found(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn of_an_image_set_one_is_taken() {
        for (text, expected) in [
            ("image-set('a' 2x, 'b' 1x)", "b"),
            ("image-set(url(a) 3x, url(b) 2x)", "b"),
            ("-webkit-image-set(url(a) 96dpi, url(b) 2x)", "a"),
            (
                "image-set('a' type('image/foo'), 'b' type('image/png') 1x)",
                "b",
            ),
        ] {
            assert_eq!(found(text), Some(vec![expected.to_owned()]), "{text}");
        }
        assert_eq!(found("image-set('a' 1x 'b')"), None);
    }
}
