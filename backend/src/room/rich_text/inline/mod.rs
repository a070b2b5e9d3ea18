//! From the lines of a paragraph to nodes: code, links and emphasis.

mod address;
mod brackets;
mod build;
mod code;
mod emphasis;
mod flanks;
mod tokens;

use std::borrow::Cow;

use roomcast_shared::rich_text::Node;

use tokens::Tokenizer;

/// Returns the nodes of the lines. They are inside `depth` further nodes. Sets `dropped_escape` when a
/// backslash is left out.
pub(super) fn read(lines: &[Cow<'_, str>], depth: usize, dropped_escape: &mut bool) -> Vec<Node> {
    let mut tokenizer = Tokenizer::new(depth);
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            tokenizer.line_break();
        }
        tokenizer.line(line);
    }
    let (tokens, dropped_in_line) = tokenizer.finish();
    *dropped_escape |= dropped_in_line;
    emphasis::resolve(tokens, depth, dropped_escape)
}
