use super::*;

#[test]
fn a_form_is_told_from_text_by_what_is_in_it() {
    for text in [
        "deploy finished",
        "done",
        "",
        "C++",
        "100%",
        "a & b",
        "x = y",
        "2 + 2 = 4",
        "https://example.com/?a=b&c=d",
        "Grüße=ja",
        "status=deploy finished",
        "context=a b",
        "{\"text\":\"a\"}",
        "line\nline",
        "A=1\nB=2",
        "90%!",
    ] {
        assert!(!is_form(text), "{text}");
    }
    for form in [
        "a=b",
        "a=b\n",
        "text=hello",
        "text=hello world",
        "name=ci&text=deploy finished",
        "message=deploy+finished&who=ci",
        "hello%20world",
        "q=gr%C3%BC%C3%9Fe",
        "a=&b=",
        "x=(you)!~*'",
    ] {
        assert!(is_form(form), "{form}");
    }
}

#[test]
fn a_media_type_is_read_with_its_charset() {
    let parsed =
        |text| MediaType::parse(text).map(|media_type| (media_type.essence, media_type.charset));
    let some = |essence: &str, charset: Option<&str>| {
        Some((essence.to_owned(), charset.map(str::to_owned)))
    };
    assert_eq!(parsed("Text/Plain"), some("text/plain", None));
    for text in [
        "text/plain;charset=UTF-8",
        "text/plain ; charset=\"utf-8\"; x=y",
        "text/plain; format=flowed; Charset=Utf-8;",
        "text/plain; x=\"a;charset=latin1\\\"\" ;charset=utf-8",
        "text/plain; charset=\"u\\tf-8\"",
    ] {
        assert_eq!(parsed(text), some("text/plain", Some("utf-8")), "{text}");
    }
    for text in [
        "",
        "text",
        "text/",
        "/plain",
        "text plain",
        "text/plain, text/html",
        "text/plain; charset",
        "text/plain; charset=utf-8; charset=utf-16",
        "text/plain; charset = latin1",
        "text/plain; charset =latin1",
        "text/plain; charset= latin1",
        "text/plain; charset*=utf-8''latin1",
        "text/plain; charset*0=lat; charset*1=in1; charset",
        "text/plain; charset=\"utf-8",
        "text/plain; charset=\"utf-8\"x",
        "text/plain; =utf-8",
    ] {
        assert_eq!(parsed(text), None, "{text}");
    }
}
