use super::found::Content;
use super::*;
use crate::load::reference::Purpose;

/// Reads a document in these pieces; gives what it refers to, by path, in its order.
fn files_of(pieces: &[&str]) -> Vec<String> {
    let url = Url::parse("https://a.example/b/").unwrap();
    let context = Context {
        base: url.clone(),
        url,
        viewport: Viewport::default(),
        encoding: None,
        policies: Policies::default(),
        has_scripts: true,
        is_top: true,
    };
    let mut paths = Vec::new();
    let mut pieces = pieces.iter().map(|piece| piece.as_bytes().to_vec());
    let tree = read(
        context,
        || pieces.next(),
        |found| {
            let reference = match found {
                Found::File(reference)
                | Found::Frame(found::Frame {
                    content: Content::File(reference),
                    ..
                }) => reference,
                Found::Sheet(link) => link.reference,
                _ => return Ok(()),
            };
            let mark = if reference.purpose == Purpose::Module {
                "module "
            } else {
                ""
            };
            paths.push(format!("{mark}{}", reference.url.path()));
            Ok(())
        },
    );
    assert!(tree.is_some());
    paths
}

#[test]
fn each_kind_of_file_is_found_in_the_order_of_the_document() {
    let document = "<!DOCTYPE html><link rel=icon href=i.svg><script src='/s.js'></script>\
        <script type=module src=m.js></script><LINK REL='Stylesheet' HREF=\"c.css\">\
        <link rel=modulepreload href=p.js><link rel=preload as=fetch href=w.wasm crossorigin>\
        <img src=a&amp;b.png><video poster=v.png></video><svg><image href=x.png /></svg><iframe src=f></iframe>";
    let expected = [
        "/s.js",
        "module /b/m.js",
        "/b/c.css",
        "/b/p.js",
        "/b/w.wasm",
        "/b/a&b.png",
        "/b/v.png",
        "/b/x.png",
        "/b/f",
        "/b/i.svg",
    ];
    assert_eq!(files_of(&[document]), expected);
}

#[test]
fn a_document_that_names_no_icon_has_the_one_at_the_root() {
    assert_eq!(files_of(&["<p>"]), ["/favicon.ico"]);
}

#[test]
fn a_reference_is_found_with_the_last_byte_of_its_tag() {
    let url = Url::parse("https://x/").unwrap();
    let context = Context {
        base: url.clone(),
        url,
        viewport: Viewport::default(),
        encoding: Some(UTF_8),
        policies: Policies::default(),
        has_scripts: true,
        is_top: true,
    };
    let log = std::cell::RefCell::new(Vec::new());
    let mut pieces = [
        "<img src=a><img sr",
        "c=b>",
        "<link rel=stylesheet href='c'>",
    ]
    .iter();
    let next_piece = || {
        log.borrow_mut().push("read".to_owned());
        pieces.next().map(|piece| piece.as_bytes().to_vec())
    };
    read(context, next_piece, |found| {
        let reference = match found {
            Found::File(reference) => reference,
            Found::Sheet(link) => link.reference,
            _ => return Ok(()),
        };
        log.borrow_mut().push(reference.url.path().to_owned());
        Ok(())
    });
    let expected = [
        "read",
        "/a",
        "read",
        "/b",
        "read",
        "/c",
        "read",
        "/favicon.ico",
    ];
    assert_eq!(*log.borrow(), expected);
}
