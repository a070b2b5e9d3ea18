//! A reason for something that went wrong: what people are told, and on demand what the operator can set.

use roomcast_shared::operator_advice::OPERATOR_ADVICE;
use web_sys::HtmlElement;

use crate::components::bind::{keep_flag, keep_text, part};
use crate::components::live_text::{Words, words};

/// Keeps the words for people in `line`, and those for the operator in the paragraph of `details`.
pub fn keep_reason(line: HtmlElement, details: HtmlElement, reason: Words) {
    let advice = {
        let reason = reason.clone();
        words(move || parts(&reason()).1.to_owned())
    };
    let has_none = {
        let advice = advice.clone();
        move || advice().is_empty()
    };
    keep_text(line.into(), words(move || parts(&reason()).0.to_owned()));
    keep_text(part(&details, "p").into(), advice);
    keep_flag(details, "hidden", Box::new(has_none));
}

fn parts(reason: &str) -> (&str, &str) {
    reason.split_once(OPERATOR_ADVICE).unwrap_or((reason, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_can_set_is_told_apart() {
        let reason = "The server is full. For the operator: raise the limit.";
        assert_eq!(parts(reason), ("The server is full.", "raise the limit."));
        assert_eq!(parts("This room is over."), ("This room is over.", ""));
    }
}
