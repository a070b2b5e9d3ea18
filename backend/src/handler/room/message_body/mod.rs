//! The body of a publish request: what it is by its header fields, and the message in it.
//!
//! What is not understood is refused, never published as something else.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::PersonName;
use serde::Deserialize;

use super::{Refused, sentence};
use crate::handler::problem::Problem;
use crate::http_token::is_token_byte;

/// The media types of a message, as `Accept` of a refusal names them (RFC 9110, section 15.5.16).
const ACCEPTED: HeaderValue =
    HeaderValue::from_static("text/plain;charset=utf-8, application/json");

/// How to send text with curl, for those who sent something else.
const CURL: &str =
    "send the text with curl --data-binary 'your text' -H 'Content-Type: text/plain'";

/// The members of a message in JSON. A form that has one of them is no text.
const MEMBERS: [&str; 2] = ["text", "name"];

/// Format of a publish request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The text itself.
    Text,
    /// The text itself, sent by a client that says "form" of whatever it sends, as `curl -d` does.
    TextUnlessForm,
    /// A JSON object.
    Json,
}

/// A message in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonMessage {
    text: String,
    name: Option<String>,
}

impl Format {
    /// Reads the format from the header fields, before any of the body is read.
    ///
    /// # Errors
    /// 415 for a media type, charset or content coding that is not taken, with the fields that name what is; 400 for
    /// a part of a message.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refused> {
        check_coding(headers)?;
        if headers.contains_key(header::CONTENT_RANGE) {
            let detail = "A message is published whole: send all of it, without Content-Range.";
            return Err(bad(detail.to_owned()).into());
        }
        let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
            return Ok(Self::Text);
        };
        let text = String::from_utf8_lossy(content_type.as_bytes());
        let Some(media_type) = MediaType::parse(&text) else {
            return Err(unsupported(format!(
                "The Content-Type is not understood: {CURL}, or JSON as application/json."
            )));
        };
        let format = match media_type.essence.as_str() {
            "text/plain" => Self::Text,
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::TextUnlessForm,
            form if form.starts_with("multipart/") => {
                return Err(unsupported(format!(
                    "A message is no form ({form}): {CURL}, or JSON as application/json."
                )));
            }
            other => {
                return Err(unsupported(format!(
                    "A message is text/plain or application/json, and this is {other}: {CURL}."
                )));
            }
        };
        match media_type.charset {
            Some(charset) if !is_utf8(&charset) => Err(unsupported(
                "A message is in UTF-8: convert it, and say charset=utf-8.".to_owned(),
            )),
            _ => Ok(format),
        }
    }

    /// Reads the message, and the name that it is published under if it has one.
    ///
    /// # Errors
    /// 400 for a body that is no message, 415 for a form.
    pub(super) fn read(
        self,
        body: Vec<u8>,
        max_text_chars: usize,
    ) -> Result<(MessageText, Option<PersonName>), Refused> {
        let body = String::from_utf8(body).map_err(|error| not_utf8(error.as_bytes()))?;
        // Windows programs write a byte order mark in front of UTF-8; it is no part of the text.
        let body = body.strip_prefix('\u{feff}').unwrap_or(&body);
        let (text, name) = match self {
            Self::Json => {
                let message = json_message(body)?;
                (message.text, message.name)
            }
            Self::TextUnlessForm if is_form(body) => {
                return Err(unsupported(format!(
                    "This looks like the fields of a form: {CURL}, or JSON as application/json."
                )));
            }
            Self::Text | Self::TextUnlessForm => (body.to_owned(), None),
        };
        let text = MessageText::parse(&text, max_text_chars);
        let text = text.map_err(|error| bad(sentence(&error)))?;
        let name = name.map(|name| PersonName::parse(&name)).transpose();
        Ok((text, name.map_err(|error| bad(sentence(&error)))?))
    }
}

fn json_message(body: &str) -> Result<JsonMessage, Refused> {
    // serde would take an array of the members as well.
    if !body.trim_start().starts_with('{') {
        return Err(bad("Send a JSON object with a string \"text\".".to_owned()).into());
    }
    serde_json::from_str(body).map_err(|error| {
        let wanted = "Send a JSON object with a string \"text\" and perhaps a string \"name\"";
        bad(format!("{wanted}: {error}.")).into()
    })
}

/// Refuses a body in a content coding (RFC 9110, section 8.4). `identity` is none.
fn check_coding(headers: &HeaderMap) -> Result<(), Refused> {
    let is_coded = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| {
            let codings = value.as_bytes().split(|byte| *byte == b',');
            codings
                .map(<[u8]>::trim_ascii)
                .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
        });
    if !is_coded {
        return Ok(());
    }
    let detail = "Messages are not decompressed: send the text as it is, without Content-Encoding.";
    let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
    let field = (
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    Err(Refused::from(problem).with(field))
}

/// `true` if a body that is called a form is one.
///
/// `curl -d` says so of any text. A form consists of the characters that URL encoders leave, with its fields
/// as `key=value` or an escape such as `%20`; or it begins a field with the name of a message's member.
fn is_form(body: &str) -> bool {
    let begins_member = |pair: &str| {
        let key = pair.split_once('=').map(|(key, _)| key);
        key.is_some_and(|key| MEMBERS.contains(&key))
    };
    if body.split('&').any(begins_member) {
        return true;
    }
    let body = body.trim_end_matches(['\r', '\n']);
    let is_encoded = body
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~!'()*+%&=".contains(&byte));
    let mut escapes = body.split('%').skip(1).peekable();
    let has_escape = escapes.peek().is_some();
    let has_only_escapes = escapes.all(|behind| {
        let digits = behind.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    is_encoded && has_only_escapes && (has_escape || body.contains('='))
}

/// A media type (RFC 9110, section 8.3.1), of whose parameters the charset alone matters here.
#[derive(Debug, PartialEq, Eq)]
struct MediaType {
    /// Type and subtype in small letters.
    essence: String,
    charset: Option<String>,
}

impl MediaType {
    /// Reads a `Content-Type`; `None` for one that is none, or has two charsets or a charset in another form
    /// (`charset*` of RFC 8187).
    fn parse(text: &str) -> Option<Self> {
        let (essence, mut rest) = text.split_once(';').unwrap_or((text, ""));
        let essence = essence.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut charset = None;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ';']);
            if rest.is_empty() {
                return Some(Self { essence, charset });
            }
            let (name, value, behind) = parameter(rest)?;
            rest = behind;
            match name.to_ascii_lowercase().as_str() {
                "charset*" => return None,
                "charset" if charset.replace(value.to_ascii_lowercase()).is_some() => return None,
                _ => {}
            }
        }
    }
}

/// The name and the value of the first parameter, and what stands behind it (RFC 9110, section 5.6.6). There is no
/// white space around its equals sign.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let (name, value) = text.split_once('=')?;
    let (value, behind) = if let Some(quoted) = value.strip_prefix('"') {
        unquote(quoted)?
    } else {
        let end = value.find([';', ' ', '\t']).unwrap_or(value.len());
        (value[..end].to_owned(), &value[end..])
    };
    let behind = behind.trim_start();
    let is_whole = is_token(name) && (behind.is_empty() || behind.starts_with(';'));
    is_whole.then_some((name, value, behind))
}

/// What a quoted string says whose first quote was taken, and what stands behind it (RFC 9110, section 5.6.4).
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[index + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// `true` for a token of HTTP (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// ASCII is UTF-8 as well.
fn is_utf8(charset: &str) -> bool {
    matches!(charset, "utf-8" | "utf8" | "us-ascii" | "ascii")
}

fn not_utf8(body: &[u8]) -> Problem {
    let is_utf16 = body.starts_with(&[0xff, 0xfe]) || body.starts_with(&[0xfe, 0xff]);
    let found = if is_utf16 {
        "UTF-16"
    } else {
        "another encoding"
    };
    bad(format!("Send the text in UTF-8; this is in {found}."))
}

fn unsupported(detail: String) -> Refused {
    let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
    Refused::from(problem).with((header::ACCEPT, ACCEPTED))
}

fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

#[cfg(test)]
mod tests;
