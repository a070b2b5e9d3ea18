use super::*;

fn parsed(request_line: &str, fields: &str) -> Result<RequestHead, HeadError> {
    RequestHead::parse(format!("{request_line}\r\n{fields}\r\n").as_bytes())
}

fn status_of(request_line: &str, fields: &str) -> u16 {
    match parsed(request_line, fields) {
        Ok(_) => 200,
        Err(error) => error.status().as_u16(),
    }
}

fn framing(fields: &str) -> Result<Framing, u16> {
    let head = parsed("POST / HTTP/1.1", fields);
    head.map(|head| head.framing)
        .map_err(|error| error.status().as_u16())
}

#[test]
fn the_end_of_a_body_is_clear_or_the_request_is_refused() {
    let length = |length| Ok(Framing::Length(length));
    for (fields, expected) in [
        ("", length(0)),
        ("Content-Length: 0\r\n", length(0)),
        ("Content-Length:5\r\n", length(5)),
        ("content-length: \t 0005 \r\n", length(5)),
        ("Content-Length: 5\r\nContent-Length: 5\r\n", length(5)),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", Err(400)),
        ("Content-Length: 5, 5\r\n", Err(400)),
        ("Content-Length: 5,6\r\n", Err(400)),
        ("Content-Length: +5\r\n", Err(400)),
        ("Content-Length: -5\r\n", Err(400)),
        ("Content-Length: 0x5\r\n", Err(400)),
        ("Content-Length: 5 5\r\n", Err(400)),
        ("Content-Length: 5.0\r\n", Err(400)),
        ("Content-Length:\r\n", Err(400)),
        ("Content-Length: five\r\n", Err(400)),
        ("Content-Length: 18446744073709551615\r\n", Err(413)),
        ("Content-Length: 99999999999999999999999\r\n", Err(413)),
        ("Transfer-Encoding: chunked\r\n", Ok(Framing::Chunked)),
        ("transfer-encoding:CHUNKED\r\n", Ok(Framing::Chunked)),
        ("Transfer-Encoding: \t chunked \t\r\n", Ok(Framing::Chunked)),
        ("Transfer-Encoding: gzip, chunked\r\n", Err(501)),
        ("Transfer-Encoding: deflate, chunked\r\n", Err(501)),
        ("Transfer-Encoding: compress,chunked\r\n", Err(501)),
        ("Transfer-Encoding: x-unknown, chunked\r\n", Err(501)),
        ("Transfer-Encoding: identity, chunked\r\n", Err(501)),
        (
            "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
            Err(501),
        ),
        ("Transfer-Encoding: chunked, chunked\r\n", Err(400)),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            Err(400),
        ),
        ("Transfer-Encoding: chunked, gzip\r\n", Err(400)),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
            Err(400),
        ),
        ("Transfer-Encoding: chunked, identity\r\n", Err(400)),
        ("Transfer-Encoding: gzip\r\n", Err(400)),
        ("Transfer-Encoding: identity\r\n", Err(400)),
        ("Transfer-Encoding: unknown\r\n", Err(400)),
        ("Transfer-Encoding: xchunked\r\n", Err(400)),
        ("Transfer-Encoding: chunked;q=1\r\n", Err(400)),
        ("Transfer-Encoding: \"chunked\"\r\n", Err(400)),
        ("Transfer-Encoding: chunked,\r\n", Err(400)),
        ("Transfer-Encoding: ,chunked\r\n", Err(400)),
        ("Transfer-Encoding:\r\n", Err(400)),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            Err(400),
        ),
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            Err(400),
        ),
        ("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n", Err(400)),
    ] {
        assert_eq!(framing(fields), expected, "{fields:?}");
    }
}

#[test]
fn http10_has_lengths_and_no_transfer_codings() {
    assert_eq!(status_of("POST / HTTP/1.0", "Content-Length: 5\r\n"), 200);
    let fields = "Transfer-Encoding: chunked\r\n";
    assert_eq!(status_of("POST / HTTP/1.0", fields), 400);
}

#[test]
fn a_request_line_has_three_parts_and_a_version_of_ours() {
    for (line, status) in [
        ("GET / HTTP/1.1", 200),
        ("GET / HTTP/1.0", 200),
        ("GET / HTTP/1.2", 200),
        ("GET / HTTP/1.9", 200),
        ("GET / HTTP/0.9", 505),
        ("GET / HTTP/2.0", 505),
        ("GET / HTTP/3.0", 505),
        ("PRI * HTTP/2.0", 505),
        ("GET / HTTP/2", 400),
        ("GET / HTTP/1.10", 400),
        ("GET / HTTP/11", 400),
        ("GET / http/1.1", 400),
        ("GET / HTTPS/1.1", 400),
        ("GET /", 400),
        ("GET", 400),
        ("", 400),
        ("GET  / HTTP/1.1", 400),
        ("GET / HTTP/1.1 ", 400),
        (" GET / HTTP/1.1", 400),
        ("GET\t/ HTTP/1.1", 400),
        ("GET /a b HTTP/1.1", 400),
        ("G(T / HTTP/1.1", 400),
    ] {
        assert_eq!(status_of(line, ""), status, "{line}");
    }
}

#[test]
fn each_form_of_a_target_has_its_methods() {
    for (line, status) in [
        ("GET /a/b?c=d HTTP/1.1", 200),
        ("GET //a HTTP/1.1", 200),
        ("GET https://localhost/a HTTP/1.1", 200),
        ("GET a HTTP/1.1", 400),
        ("GET ?a HTTP/1.1", 400),
        ("GET localhost:80 HTTP/1.1", 400),
        ("GET /a#b HTTP/1.1", 400),
        ("GET * HTTP/1.1", 400),
        ("OPTIONS * HTTP/1.1", 200),
        ("OPTIONS / HTTP/1.1", 200),
        ("CONNECT example.org:443 HTTP/1.1", 200),
        ("CONNECT / HTTP/1.1", 400),
        ("CONNECT https://example.org/ HTTP/1.1", 400),
    ] {
        assert_eq!(status_of(line, ""), status, "{line}");
    }
}

#[test]
fn a_field_is_one_line_with_a_name() {
    for (fields, status) in [
        ("X: y\r\n", 200),
        ("X:\r\n", 200),
        ("X-~!: a:b\r\n", 200),
        ("X : y\r\n", 400),
        ("X\t: y\r\n", 400),
        (": y\r\n", 400),
        ("X\r\n", 400),
        (" X: y\r\n", 400),
        ("X: y\r\n z\r\n", 400),
        ("X(: y\r\n", 400),
    ] {
        assert_eq!(status_of("GET / HTTP/1.1", fields), status, "{fields:?}");
    }
    let many = "X: y\r\n".repeat(MAX_FIELDS + 1);
    assert_eq!(status_of("GET / HTTP/1.1", &many[6..]), 200);
    assert_eq!(status_of("GET / HTTP/1.1", &many), 431);
}

#[test]
fn a_later_minor_version_and_a_wish_to_upgrade_are_told() {
    let head = parsed("GET /ab HTTP/1.3", "Upgrade: websocket\r\n").unwrap();
    assert_eq!((head.minor_version, head.minor_version_at), (3, 15));
    assert!(head.asks_for_upgrade);
    let head = parsed("GET / HTTP/1.0", "Upgrade: websocket\r\n").unwrap();
    assert!(!head.asks_for_upgrade);
}
