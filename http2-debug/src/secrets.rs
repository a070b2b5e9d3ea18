//! Which values are not printed, by their names.
//!
//! Nothing is parsed: contents are beginnings of anything. Where it is not clear how far a value goes, too
//! much is hidden and not too little.

/// Fields whose values let their reader in somewhere, whatever the words in their names.
const SECRET_FIELDS: [&[u8]; 2] = [b"cookie", b"set-cookie"];

/// Words in the names of fields, of parameters in addresses and of values in bodies that are secret.
const SECRET_WORDS: [&str; 9] = [
    "auth",
    "credential",
    "key",
    "passwd",
    "password",
    "secret",
    "session",
    "signature",
    "token",
];

/// What stands in the place of a value.
const HIDDEN: &[u8] = b"(hidden)";

/// Whether the value of a header field is secret.
pub(crate) fn is_secret_field(name: &[u8]) -> bool {
    // The pseudo-fields are known, and :authority is no secret.
    !name.starts_with(b":") && (SECRET_FIELDS.contains(&name) || is_secret(name))
}

/// Whether a name says that its value is secret.
fn is_secret(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// An address whose parameters with secret names have no values.
pub(crate) fn address_without_secrets(address: &[u8]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(address.len());
    let pieces = address.split_inclusive(|byte| matches!(byte, b'?' | b'&' | b';' | b'#'));
    for piece in pieces {
        let (parameter, separator) = match piece.split_last() {
            Some((b'?' | b'&' | b';' | b'#', parameter)) => (parameter, &piece[parameter.len()..]),
            _ => (piece, &[][..]),
        };
        match parameter.iter().position(|byte| *byte == b'=') {
            Some(end) if is_secret(&parameter[..end]) => {
                shown.extend_from_slice(&parameter[..=end]);
                shown.extend_from_slice(HIDDEN);
            }
            _ => shown.extend_from_slice(parameter),
        }
        shown.extend_from_slice(separator);
    }
    shown
}

/// A piece of a body in which form fields (`name=value`) and JSON members (`"name": value`) with secret
/// names have no values.
pub(crate) fn body_without_secrets(body: &[u8]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let (before, rest) = (&body[..at], &body[at + 1..]);
        let hidden = match byte {
            b'=' if is_secret(form_name(before)) => form_value_bytes(rest),
            b':' if json_name(before).is_some_and(is_secret) => json_value_bytes(rest),
            _ => 0,
        };
        shown.push(*byte);
        if hidden > 0 {
            shown.extend_from_slice(HIDDEN);
        }
        at += 1 + hidden;
    }
    shown
}

/// The name that ends here.
fn form_name(before: &[u8]) -> &[u8] {
    let is_end =
        |byte: &u8| matches!(byte, b'&' | b'?' | b';' | b'"' | b'=') || byte.is_ascii_whitespace();
    before.rsplit(is_end).next().unwrap_or_default()
}

/// How many bytes the value of a form field has.
fn form_value_bytes(rest: &[u8]) -> usize {
    if rest.starts_with(b"\"") {
        return string_bytes(rest);
    }
    let is_end = |byte: &u8| matches!(byte, b'&' | b'"' | b'\r' | b'\n');
    rest.iter().position(is_end).unwrap_or(rest.len())
}

/// The name in quotation marks that ends here, if there is one.
fn json_name(before: &[u8]) -> Option<&[u8]> {
    let name = before.trim_ascii_end().strip_suffix(b"\"")?;
    name.rsplit(|byte| *byte == b'"').next()
}

/// How many bytes a JSON value has, with what stands before it.
fn json_value_bytes(rest: &[u8]) -> usize {
    // In JSON inside a string of JSON each quotation mark has a backslash before it.
    let is_before = |byte: &u8| *byte == b'\\' || byte.is_ascii_whitespace();
    let before = rest.iter().take_while(|byte| is_before(byte)).count();
    let value = &rest[before..];
    before
        + match value.first() {
            Some(b'"') => string_bytes(value),
            Some(b'[' | b'{') => nested_bytes(value),
            _ => {
                let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b'\n');
                value.iter().position(is_end).unwrap_or(value.len())
            }
        }
}

/// How many bytes a string has, from its first quotation mark to its last one.
fn string_bytes(string: &[u8]) -> usize {
    let mut is_escaped = false;
    for (index, byte) in string.iter().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    string.len()
}

/// How many bytes an array or an object has, with its brackets.
fn nested_bytes(value: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        match byte {
            b'"' => at += string_bytes(&value[at..]) - 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(body: &str) -> String {
        String::from_utf8(body_without_secrets(body.as_bytes())).unwrap()
    }

    #[test]
    fn a_field_is_secret_by_a_word_in_its_name() {
        for name in [
            "cookie",
            "set-cookie",
            "authorization",
            "proxy-authorization",
            "x-amz-signature",
            "x-session-id",
            "x-credential",
            "x-auth",
            "x-access-key",
            "my-secret",
            "x-csrf-token",
            "x-password",
        ] {
            assert!(is_secret_field(name.as_bytes()), "{name}");
        }
        for name in [
            ":authority",
            ":path",
            "accept",
            "content-type",
            "keep-alive",
        ] {
            assert!(!is_secret_field(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_form_is_shown_without_the_values_of_secret_fields() {
        for (body, expected) in [
            ("password=tell&b=2", "password=(hidden)&b=2"),
            (
                "a=1&user%5Bpassword%5D=te;l+l",
                "a=1&user%5Bpassword%5D=(hidden)",
            ),
            (
                "API_KEY = no\r\nsession=tell me\r\na=b",
                "API_KEY = no\r\nsession=(hidden)\r\na=b",
            ),
            ("token=\"te\\\"ll\" b=2", "token=(hidden) b=2"),
            ("token=&a=b", "token=&a=b"),
            ("a=b&c=d", "a=b&c=d"),
        ] {
            assert_eq!(shown(body), expected);
        }
    }

    #[test]
    fn json_is_shown_without_the_values_of_secret_members() {
        for (body, expected) in [
            (
                r#"{"password":"te\"ll","b":2}"#,
                r#"{"password":(hidden),"b":2}"#,
            ),
            (
                r#"{"a":"b", "API-Key" : 17}"#,
                r#"{"a":"b", "API-Key" :(hidden)}"#,
            ),
            (
                r#"{"tokens":[["a]"],{"b":1}],"c":"d"}"#,
                r#"{"tokens":(hidden),"c":"d"}"#,
            ),
            // It was cut.
            (r#"{"userSecret":"tell"#, r#"{"userSecret":(hidden)"#),
            // JSON in a string: the rest of that is hidden too.
            (
                r#"{"a":"{\"token\":\"te,ll\",\"b\":1}","c":2}"#,
                r#"{"a":"{\"token\":(hidden),"c":2}"#,
            ),
            (
                r#"{"text":"the token: blue"}"#,
                r#"{"text":"the token: blue"}"#,
            ),
        ] {
            assert_eq!(shown(body), expected);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_body_holds_a_secret_string_in_it_is_not_shown(
            before in r"[a-z0-9{}\[\]:=&, \n]{0,20}",
            secret in "[A-Z]{5,20}",
            after: Vec<u8>,
        ) {
            for name in ["\"password\":", "\"password\" : ", "password="] {
                let body = [
                    format!("{before}&{name}\"{secret}\"").as_bytes(), &after[..],
                ].concat();
                let shown = body_without_secrets(&body);
                let is_shown = shown.windows(secret.len()).any(|part| part == secret.as_bytes());
                // What follows may hold it by chance.
                prop_assert!(!is_shown || after.windows(secret.len()).any(|part| part == secret.as_bytes()));
            }
        }
    }
}
