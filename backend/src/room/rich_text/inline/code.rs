//! Code inside a line: between two runs of as many backticks.

use std::collections::HashMap;
use std::ops::Range;

use super::super::script::{is_spaceless, is_word};

/// What backticks mean, by bytes of the line.
pub(super) enum Found {
    Code {
        begin: usize,
        content: Range<usize>,
        end: usize,
    },
    /// A backslash that keeps backticks from being code.
    Backslash(usize),
}

impl Found {
    pub(super) fn begin(&self) -> usize {
        match self {
            Self::Code { begin, .. } => *begin,
            Self::Backslash(at) => *at,
        }
    }
}

/// A run of backticks.
struct Run {
    begin: usize,
    end: usize,
    /// How many backticks it has.
    length: usize,
    opens: bool,
    closes: bool,
    is_escaped: bool,
}

/// Finds code in a line. A backtick inside a word is an apostrophe and opens none; one between a space
/// and a word closes none. Inside code a backslash is a character like others.
pub(super) fn find(line: &str) -> Vec<Found> {
    let runs = runs(line);
    let mut next_of_length = HashMap::new();
    let mut closes: Vec<Option<usize>> = vec![None; runs.len()];
    for (index, run) in runs.iter().enumerate().rev() {
        closes[index] = next_of_length.get(&run.length).copied();
        if run.closes {
            next_of_length.insert(run.length, index);
        }
    }
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(open) = runs.get(index) {
        let close = closes[index].filter(|_| open.opens);
        index += 1;
        let Some((close_index, close)) = close.map(|close| (close, &runs[close])) else {
            continue;
        };
        index = close_index + 1;
        if open.is_escaped {
            for run in [open, close].into_iter().filter(|run| run.is_escaped) {
                let from = run.begin - 1;
                let backslashes = line[from..run.end].match_indices('\\');
                found.extend(backslashes.map(|(at, _)| Found::Backslash(from + at)));
            }
        } else {
            found.push(Found::Code {
                begin: open.begin,
                content: open.end..close.begin,
                end: close.end,
            });
        }
    }
    found
}

fn runs(line: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(next) = line[at..].find('`') {
        let begin = at + next;
        let is_escaped = line[..begin].ends_with('\\');
        let mut end = begin;
        let mut length = 0;
        // With backslashes before all of them, they are one run as they are without.
        loop {
            let rest = &line[end..];
            end += match rest.as_bytes() {
                [b'`', ..] => 1,
                [b'\\', b'`', ..] if is_escaped => 2,
                _ => break,
            };
            length += 1;
        }
        let before = line[..begin - usize::from(is_escaped)].chars().next_back();
        let after = line[end..].chars().next();
        let is_in_word = before.is_some_and(|c| is_word(c) && !is_spaceless(c));
        let begins_word = before.is_some_and(char::is_whitespace) && after.is_some_and(is_word);
        runs.push(Run {
            begin,
            end,
            length,
            opens: !is_in_word && after.is_some() && !is_of_face(&line[..begin], after),
            closes: !begins_word,
            is_escaped,
        });
        at = end;
    }
    runs
}

/// `true` for a backtick that is the last mark of a face in brackets, such as ``(´・ω・`)``.
fn is_of_face(before: &str, after: Option<char>) -> bool {
    let word = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    matches!(after, Some(')' | '）'))
        && word.contains(['(', '（'])
        && word.ends_with(|c: char| !c.is_ascii())
}

/// Returns code as it is shown: without a space on both sides that keeps its backticks apart from
/// those around it.
pub(super) fn content(code: &str) -> &str {
    let padded = code
        .strip_prefix(' ')
        .and_then(|code| code.strip_suffix(' '));
    padded
        .filter(|code| code.starts_with('`') || code.ends_with('`'))
        .unwrap_or(code)
}
