//! Written as short forms: `b(…)` is bold, `p(…)` a paragraph, and so on; see [`short`].

use proptest::prelude::*;
use roomcast_shared::limits::MAX_RICH_TEXT_DEPTH;

use super::*;

/// The nodes in a form that fits a line.
fn short(nodes: &[Node]) -> String {
    let mut out = String::new();
    for node in nodes {
        let (name, content) = match node.kind {
            NodeKind::Text => {
                out.push_str(&node.text);
                continue;
            }
            NodeKind::Break => {
                out.push('|');
                continue;
            }
            NodeKind::Code => ("code".to_owned(), node.text.clone()),
            NodeKind::CodeBlock => ("block".to_owned(), node.text.clone()),
            NodeKind::Paragraph => ("p".to_owned(), short(&node.children)),
            NodeKind::Quote => ("quote".to_owned(), short(&node.children)),
            NodeKind::Item => ("item".to_owned(), short(&node.children)),
            NodeKind::Strong => ("b".to_owned(), short(&node.children)),
            NodeKind::Emphasis => ("i".to_owned(), short(&node.children)),
            NodeKind::Strikethrough => ("s".to_owned(), short(&node.children)),
            NodeKind::Unknown => ("unknown".to_owned(), short(&node.children)),
            NodeKind::Link => (format!("link[{}]", node.href), short(&node.children)),
            NodeKind::List => {
                let start = node
                    .start
                    .map_or_else(String::new, |start| start.to_string());
                (format!("list{start}"), short(&node.children))
            }
        };
        out.push_str(&[&name, "(", &content, ")"].concat());
    }
    out
}

fn check(text: &str, expected: &str) {
    assert_eq!(short(&read(text)), expected, "{text:?}");
}

#[test]
fn a_text_without_marks_is_shown_as_it_is() {
    for plain in [
        "hello",
        "Is it 5 o'clock? Yes!",
        "two\nlines",
        "two\n\nparagraphs",
        "2 * 3 * 4 = 24",
        "snake_case_name",
        "a < b && b > c",
        "#general is no heading",
        "x: 1.5",
        "trailing space ",
    ] {
        check(plain, "");
    }
}

#[test]
fn marks_inside_a_line_are_bold_italic_crossed_out_and_code() {
    check("a **b** c", "p(a b(b) c)");
    check("*a* _b_", "p(i(a) i(b))");
    check("~~a~~ `b < *c*`", "p(s(a) code(b < *c*))");
    check("**a *b***", "p(b(a i(b)))");
    check("\\*a\\*", "p(*a*)");
}

#[test]
fn blocks_are_quotes_lists_and_code() {
    check("> a\n> b\n\nc", "quote(p(a|b))p(c)");
    check("- a\n- b\n  - c", "list(item(a)item(blist(item(c))))");
    check("3. a\n4. b", "list3(item(a)item(b))");
    check("```rust\nlet a = 1;\n\nb\n```", "block(let a = 1;\n\nb)");
    check("# a", "p(b(a))");
    check("- **a** b\n- # c", "list(item(b(a) b)item(p(b(c))))");
    check("*a*\n\n---\n\nb", "p(i(a))p(---)p(b)");
}

#[test]
fn lines_stay_lines() {
    check("**a**\nb\n\nc", "p(b(a)|b)p(c)");
}

#[test]
fn a_pasted_link_is_a_link_whatever_is_in_it() {
    check(
        "see https://a.example/_b_/c*d*?e=f&g#h.",
        "p(see link[https://a.example/_b_/c*d*?e=f&g#h](https://a.example/_b_/c*d*?e=f&g#h).)",
    );
    check(
        "(http://a.example/b)",
        "p((link[http://a.example/b](http://a.example/b)))",
    );
    check("[a](https://b.example)", "p(link[https://b.example](a))");
    check(
        "[https://A.example/b](https://www.a.example)",
        "p(link[https://www.a.example](https://A.example/b))",
    );
    check(
        "<https://a.example>",
        "p(link[https://a.example](https://a.example))",
    );
    check("`https://a.example`", "p(code(https://a.example))");
    check(
        "![a](https://b.example/c.png)",
        "p(link[https://b.example/c.png](a))",
    );
}

#[test]
fn a_pasted_link_may_lead_to_any_host() {
    for link in [
        "https://[::1]:8443/x",
        "https://пример.рф/путь",
        "http://日本語.例え/b?c",
        "http://localhost:8080/",
    ] {
        check(
            &format!("é {link}, b"),
            &format!("p(é link[{link}]({link}), b)"),
        );
    }
    check("https://[a]:8443/x", "");
    check("https://, https://", "");
}

#[test]
fn the_scheme_of_a_link_is_written_small() {
    check(
        "Https://a.example/B",
        "p(link[https://a.example/B](Https://a.example/B))",
    );
    check("[a](MAILTO:B@c.example)", "p(link[mailto:B@c.example](a))");
}

#[test]
fn no_link_stands_in_a_link() {
    check(
        "[![a](http://b.example/c.png)](http://b.example)",
        "p(link[http://b.example](a))",
    );
    check(
        "![a [b](http://c.example)](http://d.example/e.png)",
        "p(link[http://d.example/e.png](a [b](http://c.example)))",
    );
}

#[test]
fn a_link_without_a_text_shows_where_it_leads() {
    check(
        "[](http://a.example)",
        "p(link[http://a.example](http://a.example))",
    );
}

#[test]
fn a_link_to_anything_but_pages_and_mail_is_no_link() {
    check("[a](javascript:alert(1))", "");
    check("[a](data:text/html,b)", "");
    check("[a](JaVaScRiPt:b)", "");
    check("[a](/b)", "");
    check(
        "**see** [*the* docs](docs/a.md \"b\"), ![c](d.png)",
        "p(b(see) [i(the) docs](docs/a.md \"b\"), ![c](d.png))",
    );
    check(
        "**b** `c` handlers[0](event)",
        "p(b(b) code(c) handlers[0](event))",
    );
    check("ftp://a.example/b", "");
    check("[a](mailto:b@c.example)", "p(link[mailto:b@c.example](a))");
}

#[test]
fn html_is_text() {
    check("<b>a</b>", "");
    check("<script>alert(1)</script>", "");
    check(
        "a <img src=x onerror=b> **c**",
        "p(a <img src=x onerror=b> b(c))",
    );
    check("<div>\na\n</div>\n\n**b**", "p(<div>|a|</div>)p(b(b))");
}

#[test]
fn what_markdown_would_swallow_is_shown_as_it_was_written() {
    check("[a]: https://b.example\n\n**c**", "");
}

#[test]
fn marks_that_nest_too_deep_are_left_out_and_the_text_stays() {
    let deep = format!("{}a", "> ".repeat(MAX_RICH_TEXT_DEPTH + 3));
    let nodes = short(&read(&deep));
    assert_eq!(nodes.matches("quote").count(), MAX_RICH_TEXT_DEPTH);
    assert!(nodes.contains('a'), "{nodes}");
}

#[test]
fn blocks_that_nest_too_deep_stay_on_lines_of_their_own() {
    check(
        "- a\n  - b\n    - c\n      - d\n        - e\n          - `f`\n        - g",
        "list(item(alist(item(blist(item(clist(item(d|e|code(f)|g))))))))",
    );
    let quotes = "> ".repeat(MAX_RICH_TEXT_DEPTH);
    let inner = short(&read(&format!("{quotes}# a\n{quotes}b **c**")));
    assert!(inner.contains("(a|b c)"), "{inner}");
}

#[test]
fn a_text_of_nothing_but_marks_is_shown_as_it_was_written() {
    let each_has_two_nodes_and_a_space = (MAX_NODES - 2) / 3;
    let few = "*a* ".repeat(each_has_two_nodes_and_a_space);
    assert!(!read(&few).is_empty());
    let many = "*a* ".repeat(each_has_two_nodes_and_a_space + 2);
    assert!(read(&many).is_empty());
}

fn examine(nodes: &[Node], depth: usize, is_in_link: bool) {
    assert!(nodes.is_empty() || depth <= MAX_RICH_TEXT_DEPTH + 2);
    for node in nodes {
        let is_link = node.kind == NodeKind::Link;
        assert_eq!(is_link, !node.href.is_empty());
        assert!(!is_link || !is_in_link);
        assert!(!node.href.to_lowercase().starts_with("javascript"));
        examine(&node.children, depth + 1, is_in_link || is_link);
    }
}

proptest! {
    #[test]
    fn whatever_is_written_can_be_read(text in "([*_~`>\\[\\]()<\\-#&;:/!|\\\\ \n]|[a-c1]|https://a|javascript:){0,80}") {
        examine(&read(&text), 0, false);
    }

    #[test]
    fn what_looks_plain_at_first_sight_is_plain(
        lines in prop::collection::vec(
            "[a-zA-Zäß日🦀,.!?'\"/;:()@%$1][a-zA-Z0-9äß日🦀\u{301} ,.!?'\"/;:()@%$+=#-]{0,20}",
            1..4,
        ),
    ) {
        let text = lines.join("\n");
        prop_assume!(is_plainly_plain(&text));
        prop_assert_eq!(&bare_links::bracket(&text), &text);
        prop_assert_eq!(read_marks(&text), []);
    }
}

#[test]
fn a_link_that_pretends_to_lead_elsewhere_is_shown_as_it_was_written() {
    for text in [
        "[http://good.example](http://evil.example)",
        "[https://good.example/a](https://good.example@evil.example/a)",
        "[https://good.example](https://good.example.evil.example)",
        "[www.good.example](https://evil.example)",
        "[https://good.example](mailto:a@evil.example)",
    ] {
        assert_eq!(read(text), [], "{text}");
    }
    check(
        "[*http://good.example*](http://evil.example) b",
        "p([i(http://good.example)](http://evil.example) b)",
    );
}

#[test]
fn a_line_of_marks_stays_as_it_was_written() {
    check("*a*\n\n* * *\n\nb", "p(i(a))p(* * *)p(b)");
    assert_eq!(read("***"), []);
}
