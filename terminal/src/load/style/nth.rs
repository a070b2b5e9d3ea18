//! `:nth-child()` and its relatives.

use super::selector::SelectorList;
use super::tokens::Token;
use super::values::Value;

/// Position `step * n + offset` among siblings.
#[derive(Clone, Debug)]
pub(super) struct Nth {
    pub(super) step: i64,
    pub(super) offset: i64,
    pub(super) from_end: bool,
    /// Whether only siblings of the same type count.
    pub(super) of_type: bool,
    /// Whether only siblings that match count.
    pub(super) of: Option<SelectorList>,
}

impl Nth {
    /// The position of `:first-child` and its relatives.
    pub(super) fn first(from_end: bool, of_type: bool) -> Self {
        Self {
            step: 0,
            offset: 1,
            from_end,
            of_type,
            of: None,
        }
    }

    /// Whether the position, counted from 1, is one of them.
    pub(super) fn includes(&self, position: i64) -> bool {
        let distance = position - self.offset;
        if self.step == 0 {
            distance == 0
        } else {
            distance % self.step == 0 && distance / self.step >= 0
        }
    }
}

/// Reads `2n+1`, `odd` and the like: step and offset.
pub(super) fn parse(values: &[&Value]) -> Option<(i64, i64)> {
    let mut text = String::new();
    for value in values {
        match value {
            Value::Token(Token::Ident(word)) => text.push_str(word),
            #[expect(clippy::cast_possible_truncation, reason = "positions are small")]
            Value::Token(Token::Number(number)) => {
                let sign = if *number >= 0.0 && !text.is_empty() && text.ends_with('n') {
                    "+"
                } else {
                    ""
                };
                text.push_str(sign);
                text.push_str(&(*number as i64).to_string());
            }
            #[expect(clippy::cast_possible_truncation, reason = "positions are small")]
            Value::Token(Token::Dimension(number, unit)) => {
                text.push_str(&(*number as i64).to_string());
                text.push_str(unit);
            }
            Value::Token(Token::Delim(sign @ ('+' | '-'))) => text.push(*sign),
            _ => return None,
        }
    }
    let text = text.to_ascii_lowercase();
    match text.as_str() {
        "odd" => return Some((2, 1)),
        "even" => return Some((2, 0)),
        _ => {}
    }
    let Some((step, offset)) = text.split_once('n') else {
        return Some((0, text.trim_start_matches('+').parse().ok()?));
    };
    let step = match step {
        "" | "+" => 1,
        "-" => -1,
        number => number.trim_start_matches('+').parse().ok()?,
    };
    let offset = match offset {
        "" => 0,
        number => number
            .replace("+-", "-")
            .trim_start_matches('+')
            .parse()
            .ok()?,
    };
    Some((step, offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::style::values::{dense, values};

    #[test]
    fn positions_are_read_in_every_notation() {
        for (text, expected) in [
            ("odd", Some((2, 1))),
            ("EVEN", Some((2, 0))),
            ("3", Some((0, 3))),
            ("2n+1", Some((2, 1))),
            ("2n + 1", Some((2, 1))),
            ("n", Some((1, 0))),
            ("-n+3", Some((-1, 3))),
            ("n-1", Some((1, -1))),
            ("n - 1", Some((1, -1))),
            ("+3n", Some((3, 0))),
            ("foo", None),
        ] {
            assert_eq!(parse(&dense(&values(text))), expected, "{text}");
        }
    }
}
