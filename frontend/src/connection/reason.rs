//! Why there is no connection, in words for the person at the page: what happened, and what to do.

use crate::base_path;

/// What is said where the server's paths lead elsewhere; the paths follow.
const PATHS_LEAD_ELSEWHERE: &str = "Something else than Roomcast answers here; the operator of the proxy in front of \
    it can have it pass on ";

/// What is said of an answer that did not come from this server's own handlers, by its status; 0 is no answer
/// at all. `is_secure` is `true` if the page came over TLS.
///
/// The server's own refusals explain themselves.
pub fn words(status: u16, is_secure: bool) -> String {
    let what = match status {
        0 if is_secure => {
            return "The server does not answer: it is stopped or out of reach, or its certificate is not \
                    trusted any more. Reload the page to see what the browser says."
                .to_owned();
        }
        0 => return "The server does not answer: it is stopped or out of reach.".to_owned(),
        401 | 407 => "A proxy in front of the server wants you to sign in: reload the page",
        403 => "A proxy or firewall in front of the server refuses this page: ask its operator",
        413 => {
            "A proxy in front of the server takes only shorter messages; its operator can raise the limit \
             (nginx: client_max_body_size)"
        }
        429 => "There are too many connections or requests from here for now",
        502 | 504 => {
            "A proxy in front of the server gets no answer from it; its operator can start the server, or \
             correct its address (nginx: proxy_pass)"
        }
        503 => {
            "The server, or a proxy in front of it, takes no more connections or requests for now"
        }
        500.. => "The server, or a proxy in front of it, has failed",
        300..500 => PATHS_LEAD_ELSEWHERE,
        _ => {
            "Something else than Roomcast answers here, such as the sign-in page of a network: reload the \
             page to see it"
        }
    };
    let mut words = String::from(what);
    if what == PATHS_LEAD_ELSEWHERE {
        words.push_str(&base_path::join("/api and "));
        words.push_str(&base_path::join("/rooms"));
    }
    words.push_str(" (HTTP ");
    words.push_str(&status.to_string());
    words.push_str(").");
    words
}

/// What is said of an event stream whose beginning does not come.
pub const HELD_BACK: &str = "A proxy in front of the server holds the event stream back; its operator can have \
    it pass on at once (nginx: proxy_buffering off).";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_words_and_names_itself() {
        for (status, part) in [
            (200, "sign-in page of a network"),
            (302, "pass on /api and /rooms"),
            (400, "pass on /api and /rooms"),
            (401, "sign in: reload"),
            (403, "refuses this page"),
            (404, "pass on /api and /rooms"),
            (413, "client_max_body_size"),
            (429, "too many connections"),
            (500, "has failed"),
            (502, "proxy_pass"),
            (503, "takes no more"),
            (504, "proxy_pass"),
            (520, "has failed"),
        ] {
            let words = words(status, true);
            assert!(words.contains(part), "{status}: {words}");
            assert!(words.ends_with(&format!(" (HTTP {status}).")), "{words}");
        }
    }

    #[test]
    fn no_answer_may_be_a_certificate_only_over_tls() {
        assert!(words(0, true).contains("certificate"));
        assert!(!words(0, false).contains("certificate"));
    }
}
