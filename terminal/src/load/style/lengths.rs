//! Lengths in pixels, with `calc()` and its relatives.

use super::tokens::Token;
use super::values::{Value, dense, split};
use crate::load::viewport::Viewport;

/// Size of a font in media queries and `sizes`, in pixels: that of a browser whose user changed nothing.
const FONT_PIXELS: f64 = 16.0;

/// A length; `None` for anything else.
pub(in crate::load) fn length(value: &Value, viewport: &Viewport) -> Option<f64> {
    let quantity = quantity(value, viewport)?;
    // Without a unit only zero is a length.
    (quantity.is_length || quantity.number == 0.0).then_some(quantity.number)
}

/// A number, or `calc()` that is one.
pub(in crate::load) fn number(value: &Value, viewport: &Viewport) -> Option<f64> {
    let quantity = quantity(value, viewport)?;
    (!quantity.is_length).then_some(quantity.number)
}

#[derive(Clone, Copy)]
struct Quantity {
    number: f64,
    is_length: bool,
}

fn quantity(value: &Value, viewport: &Viewport) -> Option<Quantity> {
    match value {
        Value::Token(Token::Number(number)) => Some(Quantity {
            number: *number,
            is_length: false,
        }),
        Value::Token(Token::Dimension(number, unit)) => Some(Quantity {
            number: number * pixels(unit, viewport)?,
            is_length: true,
        }),
        Value::Block('(', inner) => sum(&dense(inner), viewport),
        Value::Function(name, arguments) => {
            let mut all = split(arguments, ',').map(|part| sum(&dense(part), viewport));
            match name.as_str() {
                "calc" | "-webkit-calc" => all.next()?,
                "min" => chosen(all, f64::min),
                "max" => chosen(all, f64::max),
                "clamp" => {
                    let [low, middle, high] = [all.next()??, all.next()??, all.next()??];
                    let number = middle.number.min(high.number).max(low.number);
                    Some(Quantity { number, ..middle })
                }
                _ => None,
            }
        }
        Value::Token(_) | Value::Block(..) => None,
    }
}

fn chosen(
    mut all: impl Iterator<Item = Option<Quantity>>,
    choose: fn(f64, f64) -> f64,
) -> Option<Quantity> {
    let first = all.next()??;
    all.try_fold(first, |best, next| {
        let next = next?;
        let number = choose(best.number, next.number);
        (next.is_length == best.is_length).then_some(Quantity { number, ..best })
    })
}

fn sum(values: &[&Value], viewport: &Viewport) -> Option<Quantity> {
    let mut total: Option<Quantity> = None;
    let mut sign = 1.0;
    for part in values.split_inclusive(|value| value.is_delim('+') || value.is_delim('-')) {
        let (factors, next_sign) = match part {
            [factors @ .., last] if last.is_delim('+') => (factors, 1.0),
            [factors @ .., last] if last.is_delim('-') => (factors, -1.0),
            all => (all, 1.0),
        };
        let Quantity { number, is_length } = product(factors, viewport)?;
        total = match total {
            None => Some(Quantity {
                number: sign * number,
                is_length,
            }),
            Some(sum) if sum.is_length == is_length => Some(Quantity {
                number: sum.number + sign * number,
                is_length,
            }),
            Some(_) => return None,
        };
        sign = next_sign;
    }
    total
}

fn product(values: &[&Value], viewport: &Viewport) -> Option<Quantity> {
    let mut parts = values.iter();
    let mut result = quantity(parts.next()?, viewport)?;
    while let Some(operator) = parts.next() {
        let factor = quantity(parts.next()?, viewport)?;
        if operator.is_delim('*') {
            result.number *= factor.number;
            result.is_length |= factor.is_length;
        } else if operator.is_delim('/') && factor.number != 0.0 {
            result.number /= factor.number;
        } else {
            return None;
        }
    }
    Some(result)
}

/// Pixels in a unit of length.
fn pixels(unit: &str, viewport: &Viewport) -> Option<f64> {
    let hundredth = |length: f64| length / 100.0;
    Some(match unit {
        "px" => 1.0,
        "em" | "rem" => FONT_PIXELS,
        "ex" | "ch" | "rex" | "rch" => FONT_PIXELS / 2.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "q" => 96.0 / 101.6,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "vw" | "svw" | "lvw" | "dvw" | "vi" => hundredth(viewport.width),
        "vh" | "svh" | "lvh" | "dvh" | "vb" => hundredth(viewport.height),
        "vmin" => hundredth(viewport.width.min(viewport.height)),
        "vmax" => hundredth(viewport.width.max(viewport.height)),
        _ => return None,
    })
}

/// Device pixels for each CSS pixel that a resolution stands for.
pub(in crate::load) fn resolution(value: &Value) -> Option<f64> {
    match value {
        Value::Token(Token::Dimension(number, unit)) => match unit.as_str() {
            "x" | "dppx" => Some(*number),
            "dpi" => Some(number / 96.0),
            "dpcm" => Some(number * 2.54 / 96.0),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::style::values::values;

    #[test]
    fn lengths_are_measured_in_pixels() {
        let viewport = Viewport::default();
        for (text, expected) in [
            ("10px", Some(10.0)),
            ("0", Some(0.0)),
            ("50vw", Some(640.0)),
            ("calc(50vw - 2 * 20px)", Some(600.0)),
            ("calc((100vh + 80px) / 4)", Some(200.0)),
            ("min(500px, 100vw)", Some(500.0)),
            ("clamp(1px, 50vh, 100px)", Some(100.0)),
            ("2in", Some(192.0)),
            ("5", None),
            ("50%", None),
            ("calc(1px + 1)", None),
            ("1foo", None),
        ] {
            assert_eq!(length(&values(text)[0], &viewport), expected, "{text}");
        }
    }
}
