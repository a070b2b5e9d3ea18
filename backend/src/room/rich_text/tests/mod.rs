mod notation;
mod properties;
mod table;

use std::time::Duration;

use roomcast_shared::limits::MAX_RICH_TEXT_DEPTH;
use rustix::time::{ClockId, clock_gettime};

use super::*;
use notation::blocks as short;

#[test]
fn quotes_that_nest_too_deep_are_text() {
    let deep = short(&read(&format!("{}a", "> ".repeat(MAX_RICH_TEXT_DEPTH + 3))));
    assert_eq!(
        deep.matches("quote").count(),
        MAX_RICH_TEXT_DEPTH - 1,
        "{deep}"
    );
    assert!(deep.contains("> > > > a"), "{deep}");
}

#[test]
fn lists_that_nest_too_deep_are_text() {
    let lines = ["- a", "- b", "c", "- d", "- e", "  - f"];
    let nested: Vec<_> = (0..6)
        .map(|depth| "  ".repeat(depth) + lines[depth].trim_start())
        .collect();
    let nested = short(&read(&nested.join("\n")));
    assert!(
        nested.matches("list").count() <= MAX_RICH_TEXT_DEPTH / 2,
        "{nested}"
    );
}

#[test]
fn emphasis_that_nests_too_deep_is_text() {
    let marks = ["**", "*"].repeat(MAX_RICH_TEXT_DEPTH);
    let opened: Vec<_> = marks.iter().map(|mark| format!("{mark}a ")).collect();
    let closed: Vec<_> = marks.iter().rev().map(|mark| format!(" a{mark}")).collect();
    let deep = short(&read(&(opened.concat() + "b" + &closed.concat())));
    assert!(deep.contains("**a *a"), "{deep}");
    assert_eq!(deep.matches('⟨').count(), MAX_RICH_TEXT_DEPTH - 1, "{deep}");
}

#[test]
fn a_text_of_nothing_but_marks_is_shown_as_it_was_written() {
    let each_has_two_nodes_and_a_space = (MAX_NODES - 2) / 3;
    let few = "*a* ".repeat(each_has_two_nodes_and_a_space);
    assert!(!read(&few).is_empty());
    let many = "*a* ".repeat(each_has_two_nodes_and_a_space + 2);
    assert!(read(&many).is_empty());
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
    assert_eq!(
        short(&read("[*http://good.example*](http://evil.example) b")),
        "[italic⟨http://good.example⟩](http://evil.example) b",
    );
}

/// Texts of a length whose marks, if they were looked for by walking, would cost its square.
fn costly(length: usize) -> Vec<String> {
    let parts = [
        "*a ",
        "**a ",
        "a* ",
        "*a_b ",
        "`a ",
        "`` ` ",
        "[a ",
        "](https://a",
        "[a](https://b",
        "![",
        "> ",
        "- a\n",
        "1. a\n",
        "```\n",
        "https://",
        "https://[",
        "https://a(",
        "_a ~~b ",
        "\\*a ",
        "\\[",
        "# a\n\n",
        "- a\n\n",
        "- a\n  b\n\n\n",
        ">\n",
        "\\- a\n",
        "*\"a ",
        "語**",
        "\n",
        "a\n> b\n",
        "***a ",
    ];
    parts
        .iter()
        .map(|part| part.repeat(length / part.len()))
        .collect()
}

/// The time for which this thread has had a processor: others do not count.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.try_into().unwrap()
}

#[test]
fn the_time_for_a_text_grows_with_its_length_not_its_square() {
    const TIMES: u32 = 16;
    let time = |text: &str| {
        let times = (0..5).map(|_| {
            let begin = thread_time();
            std::hint::black_box(read(text));
            thread_time().saturating_sub(begin)
        });
        times.min().unwrap()
    };
    for (short, long) in costly(500).iter().zip(costly(500 * TIMES as usize)) {
        let (short_time, long_time) = (time(short), time(&long));
        assert!(
            long_time < 5 * TIMES * short_time,
            "{short:.20}… {short_time:?} {long_time:?}"
        );
    }
}
