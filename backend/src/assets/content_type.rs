//! The media type of a file, by the ending of its name.

use std::path::Path;

use http::HeaderValue;

/// The `Content-Type` of the file `path` (RFC 9110, section 8.3).
///
/// Text is UTF-8, as Trunk writes it. What is not known is sent as bytes, which a browser
/// saves and never runs.
pub(super) fn content_type(path: &str) -> HeaderValue {
    let ending = Path::new(path)
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    HeaderValue::from_static(match ending.as_str() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        // Browsers compile while they load only under exactly this type.
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides_and_its_case_does_not_matter() {
        for (path, expected) in [
            ("/a/app-0123.js", "text/javascript; charset=utf-8"),
            ("/app_bg.WASM", "application/wasm"),
            ("/x.css", "text/css; charset=utf-8"),
            ("/LICENSE", "application/octet-stream"),
            ("/.js", "application/octet-stream"),
        ] {
            assert_eq!(content_type(path), expected, "{path}");
        }
    }
}
