use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use roomcast_client::room::{HistoryPage, Update};
use roomcast_shared::person::PersonName;
use serde_json::{Value, json};

use super::*;
use crate::chat::screen::state::Older;

const ADA: &str = "0123456789abcdef";
const BOB: &str = "bbbbbbbbbbbbbbbb";

/// 22 November 2026, 14:05 UTC.
const TIME: u64 = 1_795_356_300_000;

fn update(value: &Value) -> Update {
    let mut session = roomcast_client::room::Session::default();
    let now = tokio::time::Instant::now();
    session.received(&value.to_string(), now).unwrap().remove(0)
}

fn welcome() -> Update {
    update(&json!({
        "type": "welcome", "you": {"id": ADA, "name": "Ada"}, "room": "ops",
        "position": "k3j9x2ab-0", "head": "k3j9x2ab-0",
        "people": {"count": 2, "listed": [
            {"id": ADA, "name": "Ada"}, {"id": BOB, "name": "Bob"},
        ]},
    }))
}

fn message_json(offset: u64, person: &str, minutes: u64, text: &str) -> Value {
    let name = if person == ADA { "Ada" } else { "Bob" };
    json!({
        "type": "message", "position": format!("k3j9x2ab-{offset}"),
        "time": TIME + minutes * 60_000, "person": {"id": person, "name": name}, "text": text,
    })
}

fn message(offset: u64, person: &str, minutes: u64, text: &str) -> Update {
    update(&message_json(offset, person, minutes, text))
}

fn state() -> State {
    let mut state = State::new("ops".to_owned(), TimeZone::UTC);
    state.update(welcome());
    state
}

fn picture(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| {
            draw(frame, state);
        })
        .unwrap();
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(width)).map(|row| {
        let mut line = String::new();
        let mut skip = 0;
        for cell in row {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = columns(cell.symbol()).saturating_sub(1);
            line.push_str(cell.symbol());
        }
        line.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn check(state: &State, width: u16, height: u16, expected: &str) {
    assert_eq!(picture(state, width, height), expected.trim_matches('\n'));
}

#[test]
fn messages_stand_under_days_and_names() {
    let mut state = state();
    state.update(message(2, BOB, 0, "hello"));
    state.update(message(3, BOB, 4, "anybody here?"));
    state.update(message(4, ADA, 5, "yes"));
    state.update(message(5, BOB, 24 * 60, "good morning"));
    check(
        &state,
        40,
        16,
        "
 #ops · 2 people · connected



────── Page Up for older messages ──────
─────── Sunday, 22 November 2026 ───────
Bob  14:05
  hello
  anybody here?
Ada  14:10
  yes
─────── Monday, 23 November 2026 ───────
Bob  14:05
  good morning

>
",
    );
}

#[test]
fn a_wide_terminal_shows_who_is_here() {
    let mut state = state();
    state.update(update(&json!({
        "type": "presence", "count": 12, "listed": [
            {"id": ADA, "name": "Ada"}, {"id": BOB, "name": "Ada", "look_alike": true},
        ],
    })));
    state.update(update(&json!({"type": "typing", "people": [ADA, BOB]})));
    let picture = picture(&state, 64, 8);
    assert!(
        picture.contains(" #ops · 12 people · connected"),
        "{picture}"
    );
    assert!(picture.contains("│ Ada (you)"), "{picture}");
    assert!(picture.contains("│ ≈ Ada"), "{picture}");
    assert!(picture.contains("│ and 10 more"), "{picture}");
    assert!(picture.contains("Ada is writing …"), "{picture}");
}

#[test]
fn who_takes_another_name_is_named_anew_and_a_name_like_another_is_not_marked() {
    let mut state = state();
    let said = |offset, name: &str, look_alike| {
        let mut message = message_json(offset, BOB, 0, "hello");
        message["person"]["name"] = name.into();
        message["look_alike"] = json!(look_alike);
        update(&message)
    };
    state.update(said(1, "Bob", false));
    state.update(said(2, "Ada", false));
    state.update(said(3, "Ada", true));
    let picture = picture(&state, 40, 16);
    let names: Vec<_> = picture
        .lines()
        .filter_map(|line| line.strip_suffix("  14:05"))
        .collect();
    assert_eq!(names, ["Bob", "Ada"], "{picture}");
}

#[test]
fn wide_characters_and_long_words_fit_a_narrow_terminal() {
    let mut state = state();
    state.older = Older::Nothing;
    state.update(message(
        1,
        BOB,
        0,
        "語語語語語語 abcdefghijklmnopqrstuvwxyz",
    ));
    state.older = Older::Nothing;
    state.editor.insert("長い文章を書いています");
    check(
        &state,
        16,
        12,
        "
 #ops · 2 people


the beginning
Sunday, 22 Nove…
Bob  14:05
  語語語語語語
  abcdefghijklmn
  opqrstuvwxyz

> 長い文章を書い
  ています
",
    );
}

#[test]
fn what_is_not_in_the_room_yet_says_so() {
    let mut state = state();
    let nonce = roomcast_client::room::Nonce::from_text("a");
    let text = roomcast_shared::message_text::MessageText::parse("on its way", 100).unwrap();
    let unsent = roomcast_client::room::Unsent { nonce, text };
    state.update(Update::NotSaid {
        unsent: unsent.clone(),
        detail: "Split it.".to_owned(),
    });
    state.unsent.push(unsent);
    let picture = picture(&state, 40, 6);
    assert!(
        picture.contains("  on its way (not sent: Split it.)"),
        "{picture}"
    );
    assert!(picture.contains("  on its way (sending)"), "{picture}");
}

#[test]
fn who_scrolled_up_is_told_what_is_new_below() {
    let mut state = state();
    for offset in 1..=20 {
        state.update(message(offset, BOB, 0, &format!("line {offset}")));
    }
    state.scroll = 5;
    state.update(message(21, BOB, 0, "news"));
    assert_eq!(state.unread_count(), 1);
    let picture = picture(&state, 40, 8);
    assert!(picture.contains("↓ 1 new · 5 lines below"), "{picture}");
    assert!(!picture.contains("news"), "{picture}");
    state.scroll = 0;
    let picture = self::picture(&state, 40, 8);
    assert!(picture.contains(" new ─"), "{picture}");
    assert!(picture.contains("news"), "{picture}");
}

#[test]
fn who_was_renamed_elsewhere_is_told_and_how_to_change_it_back() {
    let mut state = state();
    state.update(Update::RenamedElsewhere {
        before: PersonName::parse("Ada").unwrap(),
        now: PersonName::parse("ci").unwrap(),
    });
    let picture = picture(&state, 80, 8);
    let notice = "You are now called ci (renamed elsewhere; /name Ada changes it back)";
    assert!(picture.contains(notice), "{picture}");
}

#[test]
fn scrolling_beyond_the_top_shows_the_top() {
    let mut state = state();
    for offset in 2..=20 {
        state.update(message(offset, BOB, 0, &format!("line {offset}")));
    }
    state.scroll = 1_000;
    let picture = picture(&state, 40, 8);
    assert!(picture.contains("Page Up for older messages"), "{picture}");
}

#[test]
fn a_room_that_is_seen_from_its_first_message_offers_no_older_ones() {
    let mut state = state();
    state.update(message(1, BOB, 0, "hello"));
    let picture = picture(&state, 40, 8);
    assert!(picture.contains("the beginning"), "{picture}");
    assert!(!picture.contains("Page Up"), "{picture}");
    assert_eq!(state.older, Older::Nothing);
}

#[test]
fn older_messages_go_before_the_first_one_and_none_twice() {
    let mut state = state();
    state.update(message(3, BOB, 0, "three"));
    let page = json!({
        "gap": null, "older": null,
        "messages": [
            message_json(1, BOB, 0, "one"),
            message_json(2, BOB, 0, "two"),
            message_json(3, BOB, 0, "three"),
        ],
    });
    let page: HistoryPage = serde_json::from_value(page).unwrap();
    state.prepend(page);
    let picture = picture(&state, 40, 12);
    let places: Vec<_> = ["the beginning", "one", "two", "three"]
        .iter()
        .map(|text| picture.find(text).unwrap())
        .collect();
    assert!(places.is_sorted(), "{picture}");
    assert_eq!(picture.matches("three").count(), 1, "{picture}");
}

#[test]
fn a_gap_and_a_lost_connection_are_seen() {
    let mut state = state();
    state.update(update(&json!({
        "type": "gap", "reason": "expired", "after": "k3j9x2ab-1", "position": "k3j9x2ab-9",
    })));
    state.connection = Connection::Lost("the connection broke; again in 3 s".to_owned());
    let picture = picture(&state, 40, 6);
    assert!(picture.contains("older messages were deleted"), "{picture}");
    assert!(picture.contains("the connection broke…"), "{picture}");
}

#[test]
fn a_formatted_text_looks_as_it_is_meant_and_links_show_where_they_lead() {
    let mut state = state();
    let mut value = message_json(1, BOB, 0, "raw");
    value["rich"] = json!([
        {"kind": "paragraph", "children": [
            {"kind": "text", "text": "see "},
            {"kind": "link", "href": "https://host/", "children": [{"kind": "text", "text": "here"}]},
        ]},
        {"kind": "list", "children": [
            {"kind": "item", "children": [{"kind": "paragraph", "children": [
                {"kind": "strong", "children": [{"kind": "text", "text": "one"}]}]}]},
            {"kind": "item", "children": [{"kind": "text", "text": "two"}]},
        ]},
        {"kind": "quote", "children": [{"kind": "paragraph", "children": [
            {"kind": "text", "text": "said"}]}]},
        {"kind": "code-block", "text": "let a;\nlet b;\n"},
    ]);
    state.update(update(&value));
    let picture = picture(&state, 40, 14);
    for line in [
        "  see here (https://host/)",
        "  • one",
        "  • two",
        "  │ said",
        "  let a;",
        "  let b;",
    ] {
        assert!(
            picture.lines().any(|seen| seen == line),
            "{line}\n{picture}"
        );
    }
}

#[test]
fn a_message_cannot_play_with_the_terminal() {
    let mut state = state();
    state.update(message(1, BOB, 0, "\u{1b}[2Jgone\u{202e}x"));
    let picture = picture(&state, 40, 8);
    assert!(picture.contains("\u{fffd}[2Jgone\u{fffd}x"), "{picture}");
}

#[test]
fn any_size_of_terminal_is_drawn() {
    let mut state = state();
    state.update(message(1, BOB, 0, "語 hello\nworld"));
    state.editor.insert("語\nfoo bar");
    // Some terminals, such as serial ones, do not know their size and say 0.
    for width in 0..30 {
        for height in 0..10 {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal
                .draw(|frame| {
                    draw(frame, &state);
                })
                .unwrap();
        }
    }
}
