//! The head of a response as HTTP/2 wants it.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version, header};
use http_body::Body;

/// Fields that speak of one HTTP/1.1 connection and have no place in HTTP/2
/// (RFC 9113, section 8.2.2).
const CONNECTION_SPECIFIC: [HeaderName; 5] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Splits a response into the head to send now and the body to send after it, with `date`
/// (RFC 9110, section 6.6.1) and, where it is known, `content-length` filled in.
///
/// The router takes the body from what it answers to HEAD, so that an empty one says nothing of the
/// length that GET would have (RFC 9110, section 8.6).
pub(super) fn split<B: Body>(response: Response<B>, is_head: bool) -> (Response<()>, B) {
    let (mut parts, body) = response.into_parts();
    parts.version = Version::HTTP_2;
    for name in CONNECTION_SPECIFIC {
        parts.headers.remove(name);
    }
    let bodiless = parts.status.is_informational()
        || parts.status == StatusCode::NO_CONTENT
        || parts.status == StatusCode::NOT_MODIFIED;
    let length = body.size_hint().exact();
    let was_taken = is_head && length == Some(0);
    if !bodiless && !was_taken {
        add_length(&mut parts.headers, length);
    }
    parts
        .headers
        .entry(header::DATE)
        .or_insert_with(|| date(SystemTime::now()));
    (Response::from_parts(parts, ()), body)
}

fn add_length(headers: &mut HeaderMap, length: Option<u64>) {
    if let (Some(length), header::Entry::Vacant(entry)) =
        (length, headers.entry(header::CONTENT_LENGTH))
    {
        entry.insert(length.into());
    }
}

/// The `date` field's value, formatted once a second for each thread.
fn date(now: SystemTime) -> HeaderValue {
    thread_local! {
        static LAST: RefCell<(u64, HeaderValue)> =
            const { RefCell::new((u64::MAX, HeaderValue::from_static(""))) };
    }
    let seconds = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    LAST.with_borrow_mut(|(second, value)| {
        if *second != seconds {
            let text =
                httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            // A date is plain ASCII, which every field value may be.
            if let Ok(formatted) = HeaderValue::from_str(&text) {
                (*second, *value) = (seconds, formatted);
            }
        }
        value.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body as AxumBody;

    #[test]
    fn fields_of_a_single_connection_are_left_out() {
        let response = Response::builder()
            .header("connection", "keep-alive, x")
            .header("keep-alive", "timeout=5")
            .header("transfer-encoding", "chunked")
            .header("upgrade", "h2c")
            .header("proxy-connection", "close")
            .header("x-stays", "1")
            .body(AxumBody::empty())
            .unwrap();
        let (head, _) = split(response, false);
        let names: Vec<_> = head.headers().keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-stays", "content-length", "date"]);
    }

    #[test]
    fn a_body_of_known_length_is_announced() {
        let (head, _) = split(Response::new(AxumBody::from("four")), false);
        assert_eq!(head.headers()["content-length"], "4");
    }

    #[test]
    fn a_response_that_has_no_body_gets_no_length() {
        let mut response = Response::new(AxumBody::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        let (head, _) = split(response, false);
        assert!(!head.headers().contains_key("content-length"));
    }

    #[test]
    fn a_body_that_the_router_took_from_the_answer_to_head_has_no_length() {
        let length = |response, is_head| {
            let (head, _) = split::<AxumBody>(response, is_head);
            head.headers().get("content-length").cloned()
        };
        assert_eq!(length(Response::new(AxumBody::empty()), true), None);
        assert_eq!(
            length(Response::new(AxumBody::empty()), false).unwrap(),
            "0"
        );
        assert_eq!(
            length(Response::new(AxumBody::from("four")), true).unwrap(),
            "4"
        );
    }

    #[test]
    fn the_date_is_the_one_of_its_second() {
        let at = |seconds| date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(at(784_111_778), "Sun, 06 Nov 1994 08:49:38 GMT");
        assert_eq!(at(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
