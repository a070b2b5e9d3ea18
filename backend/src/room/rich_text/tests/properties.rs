//! What holds for every text.

use proptest::prelude::*;
use roomcast_shared::limits::MAX_RICH_TEXT_DEPTH;

use super::super::*;

/// The characters that a rule may take away: marks, and the backslashes before them.
const MARKS: &str = "*_~`>#[]()!\\-.";

/// The characters of nodes, with the address of a link behind its text.
fn content(nodes: &[Node], into: &mut String) {
    for node in nodes {
        into.push_str(&node.text);
        content(&node.children, into);
        let mut text = String::new();
        node.children
            .iter()
            .for_each(|child| text.push_str(&child.text));
        if node.kind == NodeKind::Link && node.href != text {
            into.push_str(&node.href);
        }
    }
}

/// The characters of `written` that are not in `shown`; `None` if `shown` is no part of it.
fn dropped(written: &str, shown: &str) -> Option<String> {
    let mut shown = shown.chars().filter(|c| !c.is_whitespace()).peekable();
    let mut dropped = String::new();
    for c in written.chars().filter(|c| !c.is_whitespace()) {
        let is_same = |next: &char| *next == c || c.to_ascii_lowercase() == *next;
        if shown.next_if(is_same).is_none() {
            dropped.push(c);
        }
    }
    shown.next().is_none().then_some(dropped)
}

/// Numbers of items and the languages of code are shown by other means, or not at all.
fn is_number_or_language(written: &str) -> bool {
    written.lines().any(|line| {
        let line = line.trim_start_matches([' ', '>', '-', '*', '\t']);
        line.starts_with("```") || line.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn examine(nodes: &[Node], depth: usize, is_in_link: bool) {
    assert!(
        nodes.is_empty() || depth <= MAX_RICH_TEXT_DEPTH,
        "{nodes:?}"
    );
    for node in nodes {
        let is_link = node.kind == NodeKind::Link;
        assert_eq!(is_link, !node.href.is_empty());
        assert!(!is_link || !is_in_link);
        if is_link {
            let schemes = ["http://", "https://", "mailto:"];
            assert!(
                schemes.iter().any(|scheme| node.href.starts_with(scheme)),
                "{node:?}"
            );
        }
        examine(&node.children, depth + 1, is_in_link || is_link);
    }
}

/// Texts in which marks meet everything else.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[*_~`>\\[\\]()<\\-#&;:/!|\\\\ \n.]",
        "[a-c15é語한ไ。（「」\u{301}🦀]",
        Just("https://a.b/".to_owned()),
        Just("](https://c)".to_owned()),
        Just("](javascript:d)".to_owned()),
        Just("\n- a".to_owned()),
        Just("\n> a".to_owned()),
        Just("\n```\n".to_owned()),
        Just("**".to_owned()),
        Just("\\*".to_owned()),
        Just("\n1. ".to_owned()),
        Just("\n2. ".to_owned()),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat().trim_end().to_owned())
}

proptest! {
    #[test]
    fn whatever_is_written_can_be_read(text in texts()) {
        examine(&read(&text), 0, false);
    }

    #[test]
    fn nothing_is_lost_but_marks_and_nothing_is_added(text in texts()) {
        let nodes = read(&text);
        if !nodes.is_empty() {
            let mut shown = String::new();
            content(&nodes, &mut shown);
            let dropped = dropped(&text, &shown);
            prop_assert!(dropped.is_some(), "{shown:?} is not in {text:?}");
            let lost: String = dropped.unwrap_or_default().chars().filter(|c| !MARKS.contains(*c)).collect();
            prop_assert!(lost.is_empty() || is_number_or_language(&text), "{lost:?} of {text:?}");
        }
    }

    #[test]
    fn a_text_without_a_mark_is_read_as_plain(
        lines in prop::collection::vec("([a-zA-Zäß日🦀,.!?'\"/;:()@%$&+=|{}^<][a-zäß日,.;:1\\\\\u{301} -]{0,20})?", 1..4),
    ) {
        let text = lines.join("\n");
        prop_assume!(has_no_mark(&text));
        let mut dropped_escape = false;
        let lines: Vec<&str> = text.split('\n').collect();
        let nodes = blocks::read(&lines, blocks::Place::TOP, &mut dropped_escape);
        prop_assert!(!dropped_escape && is_plain(&nodes), "{nodes:?}");
    }

    #[test]
    fn paragraphs_keep_every_line_and_space(text in "[a \n]{0,30}( \\* )?[a \n]{0,9}") {
        let mut dropped_escape = false;
        let lines: Vec<&str> = text.split('\n').collect();
        let nodes = blocks::read(&lines, blocks::Place::TOP, &mut dropped_escape);
        prop_assume!(is_plain(&nodes));
        let paragraphs: Vec<String> = nodes.iter().map(|paragraph| {
            paragraph.children.iter().map(|child| match child.kind {
                NodeKind::Break => "\n",
                _ => &child.text,
            }).collect()
        }).collect();
        let is_blank = |line: &str| line.trim().is_empty();
        let lines = lines.into_iter().map(|line| if is_blank(line) { "" } else { line });
        let expected = lines.collect::<Vec<_>>().join("\n");
        prop_assert_eq!(paragraphs.join("\n\n"), expected.trim_end_matches('\n'));
    }
}
