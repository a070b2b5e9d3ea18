//! Media queries (Media Queries Level 4), for a window on a computer with a mouse whose user set nothing.

use super::lengths::{length, number, resolution};
use super::tokens::Token;
use super::values::{Value, dense, split, trimmed, values};
use crate::load::viewport::Viewport;

/// Features that are words, and the word that holds; `none` and `no-preference` are `false` by themselves.
const WORDS: [(&str, &str); 18] = [
    ("prefers-color-scheme", "light"),
    ("prefers-reduced-motion", "no-preference"),
    ("prefers-reduced-transparency", "no-preference"),
    ("prefers-reduced-data", "no-preference"),
    ("prefers-contrast", "no-preference"),
    ("forced-colors", "none"),
    ("inverted-colors", "none"),
    ("hover", "hover"),
    ("any-hover", "hover"),
    ("pointer", "fine"),
    ("any-pointer", "fine"),
    ("display-mode", "browser"),
    ("scripting", "enabled"),
    ("update", "fast"),
    ("overflow-block", "scroll"),
    ("overflow-inline", "scroll"),
    ("color-gamut", "srgb"),
    ("dynamic-range", "standard"),
];

/// Numbers that are equal but for how they were computed.
const TOLERANCE: f64 = 1e-6;

/// Whether a list of media queries holds, as the `media` attribute has it; an empty one does.
pub(in crate::load) fn matches(text: &str, viewport: &Viewport) -> bool {
    matches_values(&values(text), viewport)
}

/// The same of component values.
pub(in crate::load) fn matches_values(list: &[Value], viewport: &Viewport) -> bool {
    let list = trimmed(list);
    list.is_empty() || split(list, ',').any(|query| query_holds(&dense(query), viewport))
}

/// Whether a condition without a media type holds; `None` if it is not understood.
pub(in crate::load) fn condition(values: &[&Value], viewport: &Viewport) -> Option<bool> {
    logic(values, &|term| term_holds(term, viewport))
}

fn query_holds(query: &[&Value], viewport: &Viewport) -> bool {
    let (is_negated, rest) = match query {
        [first, rest @ ..] if first.is_word("not") && starts_with_word(rest) => (true, rest),
        [first, rest @ ..] if first.is_word("only") && starts_with_word(rest) => (false, rest),
        all => (false, all),
    };
    let holds = match rest {
        [media, rest @ ..] if media.ident().is_some() && !media.is_word("not") => {
            let is_medium = media.is_word("screen") || media.is_word("all");
            match rest {
                [] => Some(is_medium),
                [and, rest @ ..] if and.is_word("and") => {
                    condition(rest, viewport).map(|holds| holds && is_medium)
                }
                _ => None,
            }
        }
        all => condition(all, viewport),
    };
    holds.is_some_and(|holds| holds != is_negated)
}

fn starts_with_word(values: &[&Value]) -> bool {
    values.first().is_some_and(|value| value.ident().is_some())
}

/// Terms with `not`, `and` and `or` between them; what is unknown stays so (`None`) unless it does not matter.
pub(in crate::load) fn logic(
    values: &[&Value],
    term: &dyn Fn(&Value) -> Option<bool>,
) -> Option<bool> {
    let operand = |values: &[&Value]| match values {
        [not, value] if not.is_word("not") => Some(term(value).map(|holds| !holds)),
        [value] => Some(term(value)),
        _ => None,
    };
    let is_or = values.iter().any(|value| value.is_word("or"));
    let operator = if is_or { "or" } else { "and" };
    let mut result = Some(!is_or);
    for part in values.split(|value| value.is_word(operator)) {
        let holds = operand(part)?;
        result = match (result, holds) {
            (Some(decided), _) | (_, Some(decided)) if decided == is_or => Some(is_or),
            (Some(_), Some(_)) => Some(!is_or),
            _ => None,
        };
    }
    result
}

fn term_holds(term: &Value, viewport: &Viewport) -> Option<bool> {
    let Value::Block('(', inner) = term else {
        return None;
    };
    let inner = dense(inner);
    let is_nested = matches!(inner.first(), Some(Value::Block('(', _)))
        || (inner.len() == 2 && inner[0].is_word("not"));
    if is_nested && condition(&inner, viewport).is_some() {
        return condition(&inner, viewport);
    }
    feature_holds(&inner, viewport)
}

fn feature_holds(inner: &[&Value], viewport: &Viewport) -> Option<bool> {
    match inner {
        [name] => boolean(&name.ident()?.to_ascii_lowercase(), viewport),
        [name, colon, value @ ..] if colon.is_delim(':') && !value.is_empty() => {
            plain(&name.ident()?.to_ascii_lowercase(), value, viewport)
        }
        _ => range(inner, viewport),
    }
}

fn boolean(name: &str, viewport: &Viewport) -> Option<bool> {
    if let Some((_, word)) = WORDS.iter().find(|(own, _)| *own == name) {
        return Some(!matches!(*word, "none" | "no-preference"));
    }
    if name == "orientation" {
        return Some(true);
    }
    Some(actual(name, viewport)? != 0.0)
}

fn plain(name: &str, value: &[&Value], viewport: &Viewport) -> Option<bool> {
    if let [word] = value
        && let Some(word) = word.ident()
    {
        if name == "orientation" {
            let is_portrait = viewport.height >= viewport.width;
            return match word.to_ascii_lowercase().as_str() {
                "portrait" => Some(is_portrait),
                "landscape" => Some(!is_portrait),
                _ => None,
            };
        }
        let (_, holds) = WORDS.iter().find(|(own, _)| *own == name)?;
        return Some(word.eq_ignore_ascii_case(holds));
    }
    let (name, compare): (_, fn(f64, f64) -> bool) = if let Some(rest) = name.strip_prefix("min-") {
        (rest.to_owned(), at_least)
    } else if let Some(rest) = name.strip_prefix("max-") {
        (rest.to_owned(), |a, b| at_least(b, a))
    } else if let Some(rest) = name.strip_prefix("-webkit-min-") {
        (format!("-webkit-{rest}"), at_least)
    } else if let Some(rest) = name.strip_prefix("-webkit-max-") {
        (format!("-webkit-{rest}"), |a, b| at_least(b, a))
    } else {
        (name.to_owned(), |a, b| at_least(a, b) && at_least(b, a))
    };
    Some(compare(
        actual(&name, viewport)?,
        wanted(&name, value, viewport)?,
    ))
}

fn at_least(a: f64, b: f64) -> bool {
    a >= b - TOLERANCE
}

/// `(400px <= width < 50em)` and the like.
fn range(inner: &[&Value], viewport: &Viewport) -> Option<bool> {
    let mut parts: Vec<Vec<&Value>> = vec![Vec::new()];
    let mut operators: Vec<String> = Vec::new();
    let mut was_operator = false;
    for value in inner {
        match value {
            Value::Token(Token::Delim(sign @ ('<' | '>' | '='))) => {
                if was_operator {
                    operators.last_mut()?.push(*sign);
                } else {
                    operators.push(sign.to_string());
                    parts.push(Vec::new());
                }
                was_operator = true;
            }
            other => {
                parts.last_mut()?.push(other);
                was_operator = false;
            }
        }
    }
    let is_name = |part: &Vec<&Value>| matches!(part[..], [value] if value.ident().is_some());
    let position = parts.iter().position(is_name)?;
    let name = parts[position].first()?.ident()?.to_ascii_lowercase();
    let number = |index: usize| {
        if index == position {
            actual(&name, viewport)
        } else {
            wanted(&name, &parts[index], viewport)
        }
    };
    if operators.is_empty() || operators.len() > 2 {
        return None;
    }
    let mut holds = true;
    for (index, operator) in operators.iter().enumerate() {
        let (a, b) = (number(index)?, number(index + 1)?);
        holds &= match operator.as_str() {
            "<" => !at_least(a, b),
            ">" => !at_least(b, a),
            "<=" => at_least(b, a),
            ">=" => at_least(a, b),
            "=" => at_least(a, b) && at_least(b, a),
            _ => return None,
        };
    }
    Some(holds)
}

/// What a feature is that is a number.
fn actual(name: &str, viewport: &Viewport) -> Option<f64> {
    Some(match name {
        "width" | "device-width" => viewport.width,
        "height" | "device-height" => viewport.height,
        "aspect-ratio" | "device-aspect-ratio" => viewport.width / viewport.height,
        "resolution" | "-webkit-device-pixel-ratio" => viewport.density,
        "color" => 8.0,
        "color-index" | "monochrome" | "grid" => 0.0,
        "-webkit-transform-3d" => 1.0,
        _ => return None,
    })
}

/// The number that a query wants a feature to be.
fn wanted(name: &str, value: &[&Value], viewport: &Viewport) -> Option<f64> {
    if name.ends_with("aspect-ratio") {
        return match value {
            [width] => number(width, viewport),
            [width, slash, height] if slash.is_delim('/') => {
                Some(number(width, viewport)? / number(height, viewport)?)
            }
            _ => None,
        };
    }
    let [value] = value else { return None };
    match name {
        "resolution" => resolution(value),
        "width" | "height" | "device-width" | "device-height" => length(value, viewport),
        _ => number(value, viewport),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_hold_for_a_window_on_a_screen() {
        for query in [
            "",
            "screen",
            "ALL",
            "only screen and (min-width: 1280px)",
            "not print",
            "(width >= 80em) and (height: 720px)",
            "(400px < width <= 1280px)",
            "print, (orientation: landscape)",
            "(prefers-color-scheme: light) and (hover)",
            "not (max-width: 100px)",
            "((width < 1px) or (color)) and (not (monochrome))",
            "(min-aspect-ratio: 16/9)",
            "(max-resolution: 96dpi)",
            "not all and (max-width: 1px)",
        ] {
            assert!(matches(query, &Viewport::default()), "{query}");
        }
    }

    #[test]
    fn what_does_not_hold_or_is_not_understood_is_not_for_us() {
        for query in [
            "print",
            "tv",
            "not screen",
            "(foo)",
            "not (foo)",
            "(foo: bar) and (width)",
            "(max-width: 1279px)",
            "(width < 1280px)",
            "(min-resolution: 2x)",
            "(-webkit-min-device-pixel-ratio: 1.5)",
            "(prefers-reduced-motion: reduce)",
            "screen (width)",
            "only",
            "(1px < width",
            "(prefers-contrast)",
        ] {
            let holds = matches(query, &Viewport::default());
            assert_eq!(holds, query == "(1px < width", "{query}");
        }
    }
}
