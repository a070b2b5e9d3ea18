//! Weights of alternatives (RFC 9110, section 12.4.2).

/// The weight of an alternative that names none, in thousandths.
pub(super) const FULL: u16 = 1000;

/// Parses `0`, `0.5`, `1.000`… into thousandths; `None` when it is no weight.
pub(super) fn parse(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(FULL),
        _ => None,
    }
}

/// Splits `value;a=b;q=0.5` into `value` and its weight. Other parameters are passed over.
///
/// `None` when the weight is not one: who writes that cannot be understood.
pub(super) fn weighted(member: &str) -> Option<(&str, u16)> {
    let mut parts = member.split(';').map(|part| part.trim_matches([' ', '\t']));
    let value = parts.next().filter(|value| !value.is_empty())?;
    let mut weight = FULL;
    for parameter in parts {
        if let Some((name, text)) = parameter.split_once('=')
            && name.eq_ignore_ascii_case("q")
        {
            weight = parse(text)?;
        }
    }
    Some((value, weight))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weights_have_up_to_three_digits_and_end_at_one() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1", Some(1000)),
            ("1.", Some(1000)),
            ("0.", Some(0)),
            ("1.000", Some(1000)),
            ("0.5", Some(500)),
            ("0.05", Some(50)),
            ("0.001", Some(1)),
            ("0.0001", None),
            ("1.001", None),
            ("2", None),
            ("-0", None),
            ("", None),
            (".5", None),
            ("0.+5", None),
            ("0,5", None),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_member_has_a_value_and_perhaps_a_weight() {
        assert_eq!(weighted(" gzip ; q=0.5 "), Some(("gzip", 500)));
        assert_eq!(
            weighted("text/html;level=1;Q=0.2"),
            Some(("text/html", 200))
        );
        assert_eq!(weighted("br"), Some(("br", 1000)));
        assert_eq!(weighted("br;q=high"), None);
        assert_eq!(weighted(" ;q=1"), None);
    }

    proptest! {
        #[test]
        fn every_weight_is_read_back(thousandths in 0..=1000_u16) {
            let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
            prop_assert_eq!(parse(&text), Some(thousandths));
        }

        #[test]
        fn any_text_is_a_weight_up_to_one_or_refused(text in "\\PC{0,8}") {
            prop_assert!(parse(&text).is_none_or(|weight| weight <= FULL));
        }
    }
}
