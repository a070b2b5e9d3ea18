//! The screen as a function of the state.

mod messages;
mod rich;
mod wrap;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};
use roomcast_shared::io_reason::without_os_codes;
use unicode_segmentation::UnicodeSegmentation as _;

use super::state::{Connection, State};
use crate::output::harmless;
use wrap::width as columns;

/// From this width on the people have a column of their own.
const MIN_WIDTH_WITH_PEOPLE: u16 = 64;

/// The width of that column, its border included.
const PEOPLE_WIDTH: u16 = 20;

/// The most lines of the editor: a longer text scrolls in it.
const MAX_EDITOR_LINES: u16 = 6;

/// What stands before the text being written.
const PROMPT: &str = "> ";

/// How the window of messages lies over the conversation, for the keys that scroll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// Lines of the conversation.
    pub(super) lines: usize,
    /// Lines that are seen.
    pub(super) height: usize,
    /// The width of a line, in columns.
    pub(super) width: usize,
}

impl Window {
    /// The furthest that can be scrolled up.
    pub(super) fn max_scroll(self) -> usize {
        self.lines.saturating_sub(self.height)
    }
}

/// How many lines the conversation has at a width.
pub(super) fn count_lines(state: &State, width: usize) -> usize {
    messages::lines(state, width).len()
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame, state: &State) -> Window {
    let area = frame.area();
    let editor = editor_lines(state, area.width);
    let editor_height = u16::try_from(editor.lines.len())
        .unwrap_or(MAX_EDITOR_LINES)
        .min(MAX_EDITOR_LINES)
        .min(area.height.saturating_sub(3).max(1));
    let [top, middle, bottom, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(editor_height),
    ])
    .areas(area);
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(title(state, top.width)), top);
    let (middle, people) = if area.width >= MIN_WIDTH_WITH_PEOPLE {
        let [middle, people] =
            Layout::horizontal([Constraint::Min(0), Constraint::Length(PEOPLE_WIDTH)])
                .areas(middle);
        (middle, Some(people))
    } else {
        (middle, None)
    };
    let window = draw_messages(frame, state, middle);
    if let Some(people) = people {
        draw_people(frame, state, people);
    }
    frame.render_widget(Paragraph::new(status(state, window, bottom.width)), bottom);
    draw_editor(frame, &editor, below);
    window
}

/// The room, who is here, and how the connection is.
fn title(state: &State, width: u16) -> Line<'static> {
    let people = match state.people.count {
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    };
    let (connection, colour) = match &state.connection {
        Connection::Connecting => ("connecting …".to_owned(), Color::Yellow),
        Connection::Connected => ("connected".to_owned(), Color::Green),
        Connection::Lost(sentence) => (without_os_codes(sentence).into_owned(), Color::Red),
    };
    let left = format!(" #{} · {people} · ", harmless(&state.room));
    let room = usize::from(width).saturating_sub(columns(&left));
    let bar = Style::default().add_modifier(Modifier::REVERSED);
    let connection = cut(&harmless(&connection), room);
    let rest = room.saturating_sub(columns(&connection));
    Line::from(vec![
        Span::styled(left, bar.add_modifier(Modifier::BOLD)),
        Span::styled(connection, bar.fg(colour)),
        Span::styled(" ".repeat(rest), bar),
    ])
}

fn draw_messages(frame: &mut Frame, state: &State, area: Rect) -> Window {
    let lines = messages::lines(state, usize::from(area.width));
    let window = Window {
        lines: lines.len(),
        height: usize::from(area.height),
        width: usize::from(area.width),
    };
    let scroll = state.scroll.min(window.max_scroll());
    let end = lines.len() - scroll;
    let start = end.saturating_sub(window.height);
    let seen: Vec<_> = lines.into_iter().take(end).skip(start).collect();
    // What is new stands right above what is being written.
    let missing = window.height - seen.len();
    let offset = u16::try_from(missing).unwrap_or(0);
    let area = Rect {
        y: area.y + offset,
        height: area.height - offset,
        ..area
    };
    frame.render_widget(Paragraph::new(seen), area);
    window
}

/// A name, with a mark before one that looks like somebody else's.
fn shown_name(name: &str, look_alike: bool) -> String {
    let mut shown = harmless(name);
    if look_alike {
        shown.insert_str(0, "≈ ");
    }
    shown
}

fn draw_people(frame: &mut Frame, state: &State, area: Rect) {
    let room = usize::from(area.width).saturating_sub(2);
    let border = Span::styled("│ ", Style::default().add_modifier(Modifier::DIM));
    let you = state.you.as_ref().map(|you| you.id);
    let mut lines: Vec<_> = state
        .people
        .listed
        .iter()
        .map(|person| {
            let mut name = shown_name(person.name.as_str(), person.look_alike);
            if you == Some(person.id) {
                name.push_str(" (you)");
            }
            Line::from(vec![border.clone(), Span::raw(cut(&name, room))])
        })
        .collect();
    let height = usize::from(area.height);
    let listed = lines.len().min(height);
    if state.people.count > listed || lines.len() > height {
        lines.truncate(height.saturating_sub(1));
        let others = format!(
            "and {} more",
            state.people.count.saturating_sub(lines.len())
        );
        lines.push(Line::from(vec![
            border.clone(),
            Span::raw(cut(&others, room)),
        ]));
    }
    lines.resize(height, Line::from(border));
    frame.render_widget(Paragraph::new(lines), area);
}

/// The line between the conversation and the editor: what the program says, who is writing, what
/// is new below.
fn status(state: &State, window: Window, width: u16) -> Line<'static> {
    let dim = Style::default().add_modifier(Modifier::DIM);
    if let Some(notice) = &state.notice {
        let notice = cut(&harmless(&without_os_codes(notice)), usize::from(width));
        return Line::styled(notice, Style::default().fg(Color::Yellow));
    }
    let scroll = state.scroll.min(window.max_scroll());
    if scroll > 0 {
        let new = match state.unread_count() {
            0 => String::new(),
            count => format!("{count} new · "),
        };
        let text = format!("↓ {new}{scroll} lines below");
        return Line::styled(
            cut(&text, usize::from(width)),
            Style::default().fg(Color::Cyan),
        );
    }
    let text = match &state.typing_names()[..] {
        [] => String::new(),
        [one] => format!("{one} is writing …"),
        [one, two] => format!("{one} and {two} are writing …"),
        [one, others @ ..] => format!("{one} and {} others are writing …", others.len()),
    };
    Line::styled(cut(&harmless(&text), usize::from(width)), dim)
}

/// The text being written, and where its cursor is.
struct EditorLines {
    lines: Vec<String>,
    cursor: (u16, u16),
}

/// Breaks the text being written at the width, between any two characters as people see them: so the
/// cursor is always where the next one goes.
fn editor_lines(state: &State, width: u16) -> EditorLines {
    let room = usize::from(width).saturating_sub(PROMPT.len()).max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    let mut cursor = (0, 0);
    let before = state.editor.before_cursor().len();
    for (index, cluster) in state.editor.text().grapheme_indices(true) {
        if index == before {
            cursor = (used, lines.len() - 1);
        }
        let is_break = cluster == "\n";
        let wide = if is_break { 0 } else { columns(cluster) };
        if is_break || used + wide > room {
            lines.push(String::new());
            used = 0;
        }
        if !is_break && let Some(line) = lines.last_mut() {
            line.push_str(cluster);
            used += wide;
        }
    }
    if before == state.editor.text().len() {
        if used >= room {
            lines.push(String::new());
            used = 0;
        }
        cursor = (used, lines.len() - 1);
    }
    let narrow = |value| u16::try_from(value).unwrap_or(u16::MAX);
    EditorLines {
        lines,
        cursor: (narrow(cursor.0), narrow(cursor.1)),
    }
}

fn draw_editor(frame: &mut Frame, editor: &EditorLines, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (column, line) = editor.cursor;
    // The line with the cursor is always seen.
    let first = (line + 1).saturating_sub(area.height);
    let lines: Vec<_> = editor
        .lines
        .iter()
        .enumerate()
        .skip(usize::from(first))
        .map(|(index, text)| {
            let prompt = if index == 0 { PROMPT } else { "  " };
            Line::from(format!("{prompt}{text}"))
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
    let prompt = u16::try_from(PROMPT.len()).unwrap_or(0);
    frame.set_cursor_position(Position::new(
        area.x + (prompt + column).min(area.width.saturating_sub(1)),
        area.y + line - first,
    ));
}

/// A text cut to a width, with an ellipsis where it was cut.
fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    for cluster in text.graphemes(true) {
        if columns(&short) + columns(cluster) + 1 > room {
            break;
        }
        short.push_str(cluster);
    }
    if room > 0 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
