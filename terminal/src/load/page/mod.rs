//! Documents: their encoding, their tree, what they refer to and what they forbid.

mod builder;
pub(in crate::load) mod charset;
pub(in crate::load) mod dom;
mod embedded;
pub(in crate::load) mod found;
pub(in crate::load) mod imports;
pub(in crate::load) mod links;
pub(in crate::load) mod policy;
mod refresh;
mod scanner;
mod script_tokens;
mod source_list;
mod srcset;

use encoding_rs::{Encoding, UTF_8};
use html5ever::driver::ParseOpts;
use html5ever::tendril::TendrilSink as _;
use html5ever::tree_builder::TreeBuilderOpts;
use url::Url;

use super::viewport::Viewport;
use builder::Builder;
use charset::DocumentDecoder;
use dom::Tree;
use found::{Found, Gone};
use policy::Policies;
use scanner::Scanner;

pub(in crate::load) use refresh::of_field as refresh_of_field;

/// What is known of a document before it is read.
#[derive(Clone, Debug)]
pub(in crate::load) struct Context {
    /// Its own address.
    pub(in crate::load) url: Url,
    /// The address to which others are relative, unless it has a `base`.
    pub(in crate::load) base: Url,
    pub(in crate::load) viewport: Viewport,
    /// The encoding that its `Content-Type` names.
    pub(in crate::load) encoding: Option<&'static Encoding>,
    pub(in crate::load) policies: Policies,
    /// Whether scripts run.
    pub(in crate::load) has_scripts: bool,
    /// Whether it is the page itself, which has an icon.
    pub(in crate::load) is_top: bool,
}

/// Reads a document, piece by piece to its end, and hands out what it finds at once; the icon comes last, as
/// in a browser. `None` when the reader of what is found has gone.
pub(in crate::load) fn read(
    context: Context,
    mut next_piece: impl FnMut() -> Option<Vec<u8>>,
    found: impl FnMut(Found) -> Result<(), Gone>,
) -> Option<Tree> {
    let mut decoder = DocumentDecoder::new(context.encoding);
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            scripting_enabled: context.has_scripts,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    let mut parser = html5ever::parse_document(Builder::new(Scanner::new(context, found)), options);
    loop {
        let piece = next_piece();
        let is_last = piece.is_none();
        let text = decoder.decode(&piece.unwrap_or_default(), is_last);
        let encoding = decoder.encoding().unwrap_or(UTF_8);
        parser.tokenizer.sink.sink.observer_mut().encoding = encoding;
        if !text.is_empty() {
            parser.process(text.as_str().into());
        }
        if parser.tokenizer.sink.sink.observer_mut().is_gone {
            return None;
        }
        if is_last {
            break;
        }
    }
    let (tree, mut scanner) = parser.finish();
    scanner.finish(&tree);
    Some(tree)
}

#[cfg(test)]
mod tests;
