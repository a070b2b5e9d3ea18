//! What the pages of this server may load and run (Content Security Policy, Level 3).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::html::StartTag;

/// Types of `script` elements that a browser runs, or that steer what it runs: those need a
/// hash when they stand in the document. All other types are data.
const RUNNING_TYPES: [&str; 8] = [
    "",
    "application/ecmascript",
    "application/javascript",
    "importmap",
    "module",
    "speculationrules",
    "text/ecmascript",
    "text/javascript",
];

/// The policy of a page without scripts, such as the one for a path that is not there.
pub(crate) const WITHOUT_SCRIPTS: &str = "default-src 'none'; style-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The policy of the client's document: files of this server, WebAssembly, and exactly the
/// scripts and styles that stand in the document, by their hashes.
///
/// `'self'` in `connect-src` covers WebSockets to this server too.
pub(super) fn policy(tags: &[StartTag<'_>]) -> String {
    let scripts = hashes(tags, |tag| {
        let kind = tag.attribute("type").unwrap_or_default().trim();
        tag.name == "script"
            && tag.attribute("src").is_none()
            && RUNNING_TYPES
                .iter()
                .any(|own| own.eq_ignore_ascii_case(kind))
    });
    let styles = hashes(tags, |tag| tag.name == "style");
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; \
         style-src 'self'{styles}; connect-src 'self'; img-src 'self' data:; \
         manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

fn hashes(tags: &[StartTag<'_>], which: impl Fn(&StartTag<'_>) -> bool) -> String {
    tags.iter()
        .filter(|tag| which(tag))
        .map(|tag| {
            // Browsers hash the text that they parsed, in which lines end with LF
            // (HTML Standard, section 13.2.3.5).
            let text = tag.text.replace("\r\n", "\n").replace('\r', "\n");
            let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
            format!(" 'sha256-{}'", BASE64_STANDARD.encode(digest))
        })
        .collect::<Vec<_>>()
        .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::html::start_tags;

    /// `printf "hello" | openssl dgst -sha256 -binary | base64`
    const HELLO: &str = "'sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ='";

    fn scripts_of(document: &str) -> String {
        let policy = policy(&start_tags(document));
        let directive = policy
            .split("; ")
            .find(|part| part.starts_with("script-src"));
        directive.unwrap().to_owned()
    }

    #[test]
    fn scripts_that_stand_in_the_document_are_allowed_by_their_hash() {
        for kind in [
            "",
            " type=module",
            " type='text/javascript'",
            " type=importmap",
        ] {
            assert_eq!(
                scripts_of(&format!("<script{kind}>hello</script>")),
                format!("script-src 'self' 'wasm-unsafe-eval' {HELLO}")
            );
        }
    }

    #[test]
    fn data_and_files_need_no_hash() {
        for script in [
            "<script type='application/json'>hello</script>",
            "<script src=/x.js>hello</script>",
            "<!-- <script>hello</script> -->",
        ] {
            assert_eq!(scripts_of(script), "script-src 'self' 'wasm-unsafe-eval'");
        }
    }

    #[test]
    fn styles_that_stand_in_the_document_are_allowed_by_their_hash() {
        let policy = policy(&start_tags("<style>hello</style>"));
        assert!(
            policy.contains(&format!("; style-src 'self' {HELLO};")),
            "{policy}"
        );
    }

    #[test]
    fn line_ends_are_hashed_as_a_browser_sees_them() {
        assert_eq!(
            scripts_of("<script>a\r\nb\rc</script>"),
            scripts_of("<script>a\nb\nc</script>")
        );
    }

    #[test]
    fn nothing_else_is_allowed() {
        let policy = policy(&[]);
        assert!(policy.starts_with("default-src 'none'; "));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }
}
