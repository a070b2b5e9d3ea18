//! Text that changes, written through its element.

use std::sync::Arc;

use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::no_attrs;
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};
use web_sys::{Element, Node};

use super::bind::keep_text;

/// Computes a text that changes. All of them are one type, so that its code is loaded once.
pub type Words = Arc<dyn Fn() -> String + Send + Sync>;

/// Boxes a function as [`Words`].
pub fn words(text: impl Fn() -> String + Send + Sync + 'static) -> Words {
    Arc::new(text)
}

/// The only child of an element whose text is kept at what `words` returns: `<p>{live_text(words)}</p>`.
///
/// A reactive child (`{words}`) would write to a text node that it keeps. Browsers that translate a page
/// replace its text nodes, so such a child would freeze. Unchanged text is not written again, because that
/// would undo a translation.
///
/// A directive would do the same, but its code is loaded again for each kind of element.
pub fn live_text(words: Words) -> LiveText {
    LiveText(words)
}

/// See [`live_text`].
pub struct LiveText(Words);

/// A [`LiveText`] on the page.
pub struct State {
    words: Words,
    /// `None` until it is mounted.
    element: Option<Element>,
}

impl State {
    fn follow(&self) {
        if let Some(element) = self.element.clone() {
            keep_text(element, self.words.clone());
        }
    }
}

impl Mountable for State {
    /// The text goes with its element.
    fn unmount(&mut self) {}

    fn mount(&mut self, parent: &Element, _: Option<&Node>) {
        if self.element.is_none() {
            self.element = Some(parent.clone());
            self.follow();
        }
    }

    fn insert_before_this(&self, _: &mut dyn Mountable) -> bool {
        false
    }

    fn elements(&self) -> Vec<Element> {
        Vec::new()
    }
}

impl Render for LiveText {
    type State = State;

    fn build(self) -> State {
        State {
            words: self.0,
            element: None,
        }
    }

    fn rebuild(self, state: &mut State) {
        state.words = self.0;
        state.follow();
    }
}

no_attrs!(LiveText);

/// All pages are made in the browser, so nothing here is used but the types.
impl RenderHtml for LiveText {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> State {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
