//! `<meta http-equiv=refresh>` and the `Refresh` field (HTML Standard, section 4.2.5.3).

use std::time::Duration;

use http::HeaderMap;
use url::Url;

use super::found::Refresh;
use crate::load::reference::{Purpose, Reference};

/// Reads what a response says.
pub(in crate::load) fn of_field(fields: &HeaderMap, base: &Url) -> Option<Refresh> {
    parse(
        &String::from_utf8_lossy(fields.get("refresh")?.as_bytes()),
        base,
    )
}

/// Reads `0; url=…`. `None` if it is invalid or leads nowhere else.
pub(super) fn parse(text: &str, base: &Url) -> Option<Refresh> {
    let text = text.trim_start();
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let (number, rest) = text.split_at(text.find(|c| !is_number(c)).unwrap_or(text.len()));
    let seconds: u32 = match number.split('.').next() {
        Some("") if number.starts_with('.') => 0,
        whole => whole?.parse().ok()?,
    };
    if !rest.is_empty() && !rest.starts_with([';', ',', ' ', '\t', '\n', '\r', '\x0C']) {
        return None;
    }
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_start();
    let address = match rest.get(..3) {
        Some(word) if word.eq_ignore_ascii_case("url") => {
            let after = rest[3..].trim_start();
            after.strip_prefix('=').map_or(rest, str::trim_start)
        }
        _ => rest,
    };
    let address = match address.chars().next() {
        Some(quote @ ('"' | '\'')) => address[1..].split(quote).next().unwrap_or_default(),
        _ => address,
    };
    let reference = Reference::new(base, address, Purpose::Document)?;
    Some(Refresh {
        url: reference.url,
        delay: Duration::from_secs(seconds.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_is_read_in_its_odd_notations() {
        let base = Url::parse("http://x/y").unwrap();
        let read = |text| {
            parse(text, &base)
                .map(|refresh| (refresh.url.path().to_owned(), refresh.delay.as_secs()))
        };
        for (text, expected) in [
            ("0; url=a", Some(("/a", 0))),
            ("0;URL='a'", Some(("/a", 0))),
            ("1.9, a", Some(("/a", 1))),
            ("5 ; url = \"a\"b", Some(("/a", 5))),
            (".5;a", Some(("/a", 0))),
            ("0", None),
            ("x; url=a", None),
            ("0x; url=a", None),
            ("0; url=javascript:1", None),
        ] {
            let expected = expected.map(|(path, seconds)| (path.to_owned(), seconds));
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
