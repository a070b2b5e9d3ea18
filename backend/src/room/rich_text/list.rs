//! Lists: two or more lines that begin as items do, one after the other.

use roomcast_shared::rich_text::{Node, NodeKind};

use super::blocks::{self, Place, is_blank};
use super::nodes;

/// What begins at a line.
pub(super) enum Found {
    /// A list, and the line after it.
    List(Node, usize),
    /// Lines up to this one, which look like a list and are something else.
    Text(usize),
    /// No list.
    Nothing,
}

/// With what an item begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Bullet(char),
    Number(u32),
}

impl Mark {
    /// `true` if an item with `next` may follow one with this mark: numbers count up.
    fn is_followed_by(self, next: Self) -> bool {
        match (self, next) {
            (Self::Number(this), Self::Number(next)) => this.checked_add(1) == Some(next),
            _ => self == next,
        }
    }
}

/// Returns the mark of an item and the text behind it. A number without zeros before it, since the
/// list shows numbers of its own.
fn item(line: &str) -> Option<(Mark, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (mark, rest) = match line.chars().next()? {
        bullet @ ('-' | '*') => (Mark::Bullet(bullet), &line[1..]),
        first if (1..=9).contains(&digits) && (first != '0' || digits == 1) => {
            let number = line[..digits].parse().ok()?;
            (Mark::Number(number), line[digits..].strip_prefix('.')?)
        }
        _ => return None,
    };
    let text = rest.strip_prefix(' ')?;
    (!is_blank(text)).then_some((mark, text))
}

/// `true` for a line that begins as an item does.
pub(super) fn is_item(line: &str) -> bool {
    item(line).is_some()
}

/// Reads a list that begins at a line.
pub(super) fn read(lines: &[&str], at: usize, place: Place, dropped_escape: &mut bool) -> Found {
    let Some((first, _)) = lines.get(at).and_then(|line| item(line)) else {
        return Found::Nothing;
    };
    let (items, end) = items(lines, at, first);
    let further = items.iter().flat_map(|item| item.iter().skip(1));
    let inner = further.filter(|line| is_item(line.trim_start())).count();
    if items.len() + inner < if place.is_in_item { 1 } else { 2 } {
        return Found::Nothing;
    }
    if !place.has_room_for(2) || is_something_else(lines, at, end, first, &items) {
        return Found::Text(end);
    }
    let inside = place.inside(2, true);
    let children = items.iter().map(|lines| {
        let mut blocks = blocks::read(lines, inside, dropped_escape);
        // An item of one line holds its text without a paragraph.
        if blocks
            .first()
            .is_some_and(|first| first.kind == NodeKind::Paragraph)
        {
            let paragraph = blocks.remove(0);
            blocks.splice(0..0, paragraph.children);
        }
        nodes::branch(NodeKind::Item, blocks)
    });
    let start = match first {
        Mark::Number(start) => Some(start),
        Mark::Bullet(_) => None,
    };
    let list = nodes::branch(NodeKind::List, children.collect());
    Found::List(Node { start, ..list }, end)
}

/// Collects the lines of each item, without their marks and indents, up to the line after the last.
/// A line of an item is indented. One blank line may stand between items and in them.
fn items<'a>(lines: &[&'a str], at: usize, first: Mark) -> (Vec<Vec<&'a str>>, usize) {
    let mut items: Vec<Vec<&str>> = Vec::new();
    let mut last = first;
    let mut end = at;
    while let Some(&line) = lines.get(end) {
        let next = item(line).filter(|(mark, _)| items.is_empty() || last.is_followed_by(*mark));
        if let Some((mark, text)) = next {
            items.push(vec![text]);
            last = mark;
        } else if is_blank(line) {
            let goes_on = lines.get(end + 1).is_some_and(|next| {
                let follows = |(mark, _): (Mark, &str)| last.is_followed_by(mark);
                item(next).is_some_and(follows) || (!is_blank(next) && is_indented(next))
            });
            if !goes_on {
                break;
            }
            items.last_mut().into_iter().for_each(|item| item.push(""));
        } else if is_indented(line) {
            items
                .last_mut()
                .into_iter()
                .for_each(|item| item.push(line));
        } else {
            break;
        }
        end += 1;
    }
    for item in &mut items {
        while item.last().is_some_and(|line| line.is_empty()) {
            item.pop();
        }
        outdent(item);
    }
    (items, end)
}

/// `true` for a line with the indent that makes it a part of an item.
fn is_indented(line: &str) -> bool {
    line.starts_with("  ") || line.starts_with('\t')
}

/// Takes from the further lines of an item the indent that they have in common.
fn outdent(item: &mut [&str]) {
    let further = item.get_mut(1..).unwrap_or_default();
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let filled = further.iter().filter(|line| !is_blank(line));
    let common = filled.map(indent).min().unwrap_or(0);
    for line in further {
        *line = line.get(common..).unwrap_or_default();
    }
}

/// `true` for lines with the marks of a list that are none: numbers with a minus, a part of a diff,
/// YAML.
fn is_something_else(
    lines: &[&str],
    at: usize,
    end: usize,
    first: Mark,
    items: &[Vec<&str>],
) -> bool {
    if first != Mark::Bullet('-') {
        return false;
    }
    let begins_with_digit = |item: &Vec<&str>| {
        item.first()
            .is_some_and(|line| line.starts_with(|c: char| c.is_ascii_digit()))
    };
    let is_of_diff = |at: Option<usize>| {
        let line = at.and_then(|at| lines.get(at)).copied().unwrap_or_default();
        line.starts_with('+') || line.starts_with("@@") || line.starts_with("---")
    };
    items.iter().any(begins_with_digit)
        || is_of_diff(at.checked_sub(1))
        || is_of_diff(Some(end))
        || is_yaml(items)
}

/// `true` for items with keys: one has a further line with a key, or all have the same key.
fn is_yaml(items: &[Vec<&str>]) -> bool {
    let first_keys = items
        .iter()
        .map(|item| item.first().and_then(|line| key(line)));
    let has_keys = |item: &Vec<&str>| {
        item.first().is_some_and(|line| key(line).is_some())
            && item.iter().skip(1).any(|line| key(line).is_some())
    };
    let mut keys = first_keys.clone();
    let shared = keys.next().flatten();
    let is_shared = shared.is_some() && items.len() > 1 && keys.all(|key| key == shared);
    is_shared || items.iter().any(has_keys)
}

/// Returns the key of `key: value`, an identifier in small letters.
fn key(line: &str) -> Option<&str> {
    let (key, value) = line.split_once(':')?;
    let is_key = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    (is_key && (value.is_empty() || value.starts_with(' '))).then_some(key)
}

/// `true` if a backslash before the mark of a line keeps it from being an item: it would be one, and
/// so is the line before or after it.
pub(super) fn is_escaped_item(lines: &[&str], at: usize) -> bool {
    let without = |at: usize| {
        let line: &str = lines.get(at)?;
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let is_escaped = line.get(digits..)?.starts_with('\\');
        let line = [&line[..digits], &line[digits + usize::from(is_escaped)..]].concat();
        item(&line).map(|(mark, _)| (mark, is_escaped))
    };
    let Some((mark, true)) = without(at) else {
        return false;
    };
    let before = at.checked_sub(1).and_then(without);
    let after = without(at + 1);
    before.is_some_and(|(before, _)| before.is_followed_by(mark))
        || after.is_some_and(|(after, _)| mark.is_followed_by(after))
}
