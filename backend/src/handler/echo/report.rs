//! What the echo says about a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Version};
use serde::Serialize;

use crate::middleware::base_path::as_asked;

/// A request as it reached the server.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    method: &'a str,
    /// As sent over HTTP/1.1: path and query, or a whole URL (RFC 9112, section 3.2). Of HTTP/2 it
    /// is `:path`.
    target: String,
    /// The authority in the target, which HTTP/2 sends there and HTTP/1.1 in `Host`.
    authority: Option<&'a str>,
    version: &'static str,
    /// In the order in which the names first came; fields of one name stand together.
    header_fields: Vec<Field<'a>>,
    body: BodyReport,
    /// The fields after the body.
    trailers: Vec<Field<'a>>,
}

/// What remains of a body that was read.
#[derive(Debug, Serialize)]
pub(super) struct BodyReport {
    /// In bytes, without what HTTP put around them.
    pub(super) length: u64,
    /// In hexadecimal.
    pub(super) sha256: String,
}

/// One header field, with its `value` as text when it is UTF-8, otherwise its bytes as `base64`.
#[derive(Debug, Serialize)]
struct Field<'a> {
    name: &'a str,
    #[serde(flatten)]
    value: FieldValue<'a>,
}

#[derive(Debug, Serialize)]
enum FieldValue<'a> {
    #[serde(rename = "value")]
    Text(&'a str),
    #[serde(rename = "base64")]
    Bytes(String),
}

impl<'a> Report<'a> {
    pub(super) fn new(parts: &'a Parts, body: BodyReport, trailers: &'a HeaderMap) -> Self {
        Self {
            method: parts.method.as_str(),
            target: target(parts),
            authority: parts.uri.authority().map(http::uri::Authority::as_str),
            version: version(parts.version),
            header_fields: fields(&parts.headers),
            body,
            trailers: fields(trailers),
        }
    }
}

fn target(parts: &Parts) -> String {
    let uri = as_asked(parts);
    if parts.version != Version::HTTP_2 {
        return uri.to_string();
    }
    uri.path_and_query()
        .map_or(uri.path(), http::uri::PathAndQuery::as_str)
        .to_owned()
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

fn fields(headers: &HeaderMap) -> Vec<Field<'_>> {
    headers
        .iter()
        .map(|(name, value)| Field {
            name: name.as_str(),
            value: field_value(value),
        })
        .collect()
}

fn field_value(value: &HeaderValue) -> FieldValue<'_> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => FieldValue::Text(text),
        Err(_) => FieldValue::Bytes(STANDARD.encode(value.as_bytes())),
    }
}
