//! Code between lines of backticks.

/// The fewest backticks that fence code.
const MIN_LENGTH: usize = 3;

/// `true` for a line that begins with a fence.
pub(super) fn begins(line: &str) -> bool {
    length(line) >= MIN_LENGTH
}

/// The backticks at the beginning of a line, which at most three spaces stand before.
fn length(line: &str) -> usize {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return 0;
    }
    text.bytes().take_while(|byte| *byte == b'`').count()
}

/// What begins at a line with a fence.
pub(super) enum Found {
    /// Code, and how many lines it takes with its fences.
    Code(String, usize),
    /// A fence that no other one ends.
    Unended,
    /// Code inside the line.
    Nothing,
}

/// Reads fenced code from its first line on.
///
/// A fence with nothing or one word behind it (the language) ends at a line of backticks alone, or
/// else at the first line that ends with them; one with code behind it ends at such a line, too.
pub(super) fn read(lines: &[&str]) -> Found {
    let Some((&first, rest)) = lines.split_first() else {
        return Found::Nothing;
    };
    let fence = length(first);
    let indent = first.len() - first.trim_start_matches(' ').len();
    let behind = &first[indent + fence..];
    if behind.contains('`') {
        return Found::Nothing;
    }
    let is_language = behind
        .trim()
        .chars()
        .all(|c| c.is_alphanumeric() || "+-#._".contains(c));
    let is_fence =
        |line: &&str| length(line) >= fence && line.trim().bytes().all(|byte| byte == b'`');
    let is_end = |line: &&str| {
        let line = line.trim_end();
        line.len() - line.trim_end_matches('`').len() >= fence
    };
    let alone = rest.iter().position(is_fence).filter(|_| is_language);
    let Some(end) = alone.or_else(|| rest.iter().position(is_end)) else {
        return Found::Unended;
    };
    let outdent = |line: &&str| {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        line[spaces.min(indent)..].to_owned()
    };
    let mut code: Vec<String> = rest[..end].iter().map(outdent).collect();
    if !is_language {
        code.insert(0, behind.to_owned());
    }
    let last = outdent(&rest[end]);
    let last = last.trim_end().trim_end_matches('`');
    if !last.trim().is_empty() {
        code.push(last.to_owned());
    }
    Found::Code(code.join("\n"), end + 2)
}
