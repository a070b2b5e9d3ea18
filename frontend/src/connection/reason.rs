//! Why there is no connection, in words for the person at the page: what happened, and what to do.

use roomcast_shared::operator_advice::OPERATOR_ADVICE;

use crate::base_path;

/// Stands for the status of every redirect, which browsers hide from pages.
pub const REDIRECT: u16 = 302;

/// What is said of a status: what happened, what to do, and what the operator can set; empty if there is nothing.
type Words = (&'static str, &'static str, &'static str);

/// What is said of an answer that did not come from this server's own handlers, by its status; 0 is no answer
/// at all. `is_secure` is `true` if the page came over TLS.
///
/// The server's own refusals explain themselves.
pub fn words(status: u16, is_secure: bool) -> String {
    let (what, remedy, operator) = match status {
        0 if is_secure => (
            "The server does not answer: it is stopped or out of reach, or its certificate is not trusted any more",
            "Reload the page to see what the browser says.",
            "",
        ),
        0 => (
            "The server does not answer: it is stopped or out of reach",
            "Check your network.",
            "start the server; if it runs, its log says more",
        ),
        _ => words_of_status(status),
    };
    let mut words = String::from(what);
    if status != 0 && status != REDIRECT {
        words.push_str(" (HTTP ");
        words.push_str(&status.to_string());
        words.push(')');
    }
    words.push_str(". ");
    words.push_str(remedy);
    if !operator.is_empty() {
        words.push_str(OPERATOR_ADVICE);
        words.push_str(operator);
        if operator == PATHS {
            words.push_str(&base_path::join("/api and "));
            words.push_str(&base_path::join("/rooms"));
        }
        words.push('.');
    }
    words
}

/// What the operator can do where the server's paths lead elsewhere; the paths follow.
const PATHS: &str = "have the proxy pass these paths on to the server: ";

const TRIES_AGAIN: &str = "This page tries again by itself.";

fn words_of_status(status: u16) -> Words {
    match status {
        REDIRECT => (
            "A proxy in front of the server sends this page elsewhere, probably to sign in",
            "Reload the page.",
            "let the proxy answer requests for the server without a redirect once a reader is signed in",
        ),
        401 | 407 => (
            "A proxy in front of the server wants you to sign in",
            "Reload the page.",
            "",
        ),
        403 => (
            "A proxy or firewall in front of the server refuses this page",
            "Ask its operator.",
            "look at the rules of the proxy or firewall (nginx: allow, deny, limit_except)",
        ),
        413 => (
            "A proxy in front of the server takes only shorter messages",
            "Send it in parts.",
            "raise the limit of the proxy (nginx: client_max_body_size)",
        ),
        429 => (
            "There are too many connections or requests from here for now",
            "Close other pages of this server, or wait.",
            "raise the limits of the proxy (nginx: limit_conn, limit_req) or of the server \
             (--max-connections-per-address, --people-per-address)",
        ),
        502 | 504 => (
            "A proxy in front of the server gets no answer from it",
            TRIES_AGAIN,
            "start the server, or correct its address (nginx: proxy_pass)",
        ),
        503 => (
            "The server, or a proxy in front of it, takes no more connections or requests for now",
            TRIES_AGAIN,
            "raise the limits of the proxy (nginx: limit_conn, limit_req) or of the server (--max-connections)",
        ),
        500.. => (
            "The server, or a proxy in front of it, has failed",
            TRIES_AGAIN,
            "the logs of the server and of the proxy say why",
        ),
        300..500 => (
            "Something else than Roomcast answers here",
            "Tell its operator.",
            PATHS,
        ),
        _ => (
            "Something else than Roomcast answers here, such as the sign-in page of a network",
            "Reload the page to see it.",
            "",
        ),
    }
}

/// What is said where neither a WebSocket opens nor the request gets through that asks why.
pub const SENDING_IS_BLOCKED: &str =
    "Something on the way here blocks WebSockets and what this page sends.";

/// What is said of an event stream whose beginning does not come.
pub const HELD_BACK: &str = "A proxy in front of the server holds the event stream back. For the operator: have it \
    pass on at once (nginx: proxy_buffering off).";

/// What is said where a proxy has replaced the origin of the page by the one that was `seen`.
pub fn origin_rewritten(seen: &str) -> String {
    let mut words = String::from(
        "The server takes this page for one of another site, because a proxy in front of it changes what the browser \
         says.",
    );
    words.push_str(OPERATOR_ADVICE);
    words.push_str("remove the line that sets Origin from the configuration of the proxy (nginx: proxy_set_header Origin); the server saw ");
    words.push_str(seen);
    words.push('.');
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_words_and_names_itself() {
        for (status, part) in [
            (200, "sign-in page of a network"),
            (400, "/api and /rooms"),
            (401, "sign in"),
            (403, "limit_except"),
            (404, "/api and /rooms"),
            (413, "client_max_body_size"),
            (429, "--max-connections-per-address"),
            (500, "the logs"),
            (502, "proxy_pass"),
            (503, "--max-connections)"),
            (504, "proxy_pass"),
            (520, "has failed"),
        ] {
            let words = words(status, true);
            assert!(words.contains(part), "{status}: {words}");
            assert!(words.contains(&format!(" (HTTP {status}). ")), "{words}");
        }
    }

    #[test]
    fn a_redirect_is_named_without_a_status_and_asks_to_sign_in() {
        let words = words(REDIRECT, true);
        assert!(
            words.contains("sends this page elsewhere, probably to sign in. Reload"),
            "{words}"
        );
        assert!(!words.contains("HTTP"), "{words}");
    }

    #[test]
    fn every_reason_says_what_to_do_and_the_operator_comes_last() {
        for status in [0, 200, REDIRECT, 401, 403, 404, 413, 429, 500, 502, 503] {
            let words = words(status, false);
            let (reader, _) = words.split_once(OPERATOR_ADVICE).unwrap_or((&words, ""));
            assert!(reader.matches(['.', ':']).count() > 1, "{status}: {words}");
            assert!(words.ends_with('.'), "{status}: {words}");
        }
        assert!(HELD_BACK.contains(OPERATOR_ADVICE));
    }

    #[test]
    fn no_answer_may_be_a_certificate_only_over_tls() {
        assert!(words(0, true).contains("certificate"));
        assert!(!words(0, false).contains("certificate"));
    }
}
