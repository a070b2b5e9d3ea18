//! The conversation as lines.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use roomcast_shared::person::{Person, PersonId};
use roomcast_shared::server_message::MessageEvent;

use super::wrap::{Wrapper, width as columns};
use super::{cut, rich};
use crate::chat::screen::state::{Entry, Older, State};
use crate::output::harmless;

/// Messages of one person that follow each other within this time stand under one name.
const GROUP_MILLISECONDS: u64 = 5 * 60 * 1000;

/// What stands before a message under its person's name.
const INDENT: &str = "  ";

/// The conversation, broken to a width; the last line is the newest.
pub(super) fn lines(state: &State, width: usize) -> Vec<Line<'static>> {
    let mut page = Page {
        zone: &state.zone,
        width,
        lines: Vec::new(),
        day: None,
        group: None,
    };
    page.beginning(state.older);
    let you = state.you.as_ref().map(|you| you.id);
    for entry in &state.entries {
        match entry {
            Entry::Message(message) => {
                if state.unread == Some(message.position) {
                    page.rule("new", Style::default().fg(Color::Red));
                }
                page.message(message, you == Some(message.person.id));
            }
            Entry::Gap(sentence) => page.rule(sentence, Style::default().fg(Color::Yellow)),
            Entry::NotSent { unsent, detail } => {
                page.own_text(
                    unsent.text.as_str(),
                    &format!("not sent: {detail}"),
                    Color::Red,
                );
            }
        }
    }
    for unsent in &state.unsent {
        page.own_text(unsent.text.as_str(), "sending", Color::DarkGray);
    }
    page.lines
}

/// The lines so far, and what the next message may share with the one before it.
struct Page<'a> {
    zone: &'a TimeZone,
    width: usize,
    lines: Vec<Line<'static>>,
    day: Option<Date>,
    group: Option<Group>,
}

/// The messages under one name.
struct Group {
    person: Person,
    /// When the first was said, in milliseconds since 1970.
    since: u64,
}

impl Page<'_> {
    fn beginning(&mut self, older: Older) {
        let dim = Style::default().add_modifier(Modifier::DIM);
        match older {
            Older::Nothing => self.rule("the beginning", dim),
            Older::Loading(_) => self.rule("fetching older messages …", dim),
            Older::Before(_) => self.rule("Page Up for older messages", dim),
            Older::Unknown => {}
        }
    }

    fn message(&mut self, message: &MessageEvent, is_own: bool) {
        let time = Timestamp::from_millisecond(i64::try_from(message.time).unwrap_or(i64::MAX))
            .unwrap_or(Timestamp::MAX)
            .to_zoned(self.zone.clone());
        if self.day != Some(time.date()) {
            self.day = Some(time.date());
            let day = time.strftime("%A, %-d %B %Y").to_string();
            self.rule(&day, Style::default().add_modifier(Modifier::DIM));
        }
        let continues = self.group.as_ref().is_some_and(|group| {
            group.person == message.person
                && message.time.saturating_sub(group.since) < GROUP_MILLISECONDS
        });
        if !continues {
            self.group = Some(Group {
                person: message.person.clone(),
                since: message.time,
            });
            let name = Style::default()
                .fg(colour(message.person.id, is_own))
                .add_modifier(Modifier::BOLD);
            self.lines.push(Line::from(vec![
                Span::styled(harmless(message.person.name.as_str()), name),
                Span::styled(
                    time.strftime("  %H:%M").to_string(),
                    Style::default().add_modifier(Modifier::DIM),
                ),
            ]));
        }
        self.lines
            .extend(rich::lines(message, self.width, Span::raw(INDENT)));
    }

    /// A message of ours that is not in the room, and why.
    fn own_text(&mut self, text: &str, mark: &str, colour: Color) {
        let style = Style::default().fg(colour);
        let mut wrapper = Wrapper::new(self.width, Span::raw(INDENT));
        wrapper.push(text, style);
        wrapper.push(
            &format!(" ({})", harmless(mark)),
            style.add_modifier(Modifier::ITALIC),
        );
        self.lines.extend(wrapper.finish());
        self.group = None;
    }

    /// A line across the window with a word in it; what follows begins a new group.
    fn rule(&mut self, text: &str, style: Style) {
        let text = cut(&harmless(text), self.width);
        let room = self.width.saturating_sub(columns(&text) + 2);
        let line = if room < 2 {
            text
        } else {
            let left = room / 2;
            format!("{} {text} {}", "─".repeat(left), "─".repeat(room - left))
        };
        self.lines.push(Line::styled(line, style));
        self.group = None;
    }
}

/// The colour of a person's name: one's own stands apart, each other one keeps theirs.
fn colour(id: PersonId, is_own: bool) -> Color {
    const COLOURS: [Color; 5] = [
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Yellow,
        Color::LightBlue,
    ];
    if is_own {
        return Color::Green;
    }
    let sum = id.to_string().bytes().map(usize::from).sum::<usize>();
    COLOURS[sum % COLOURS.len()]
}
