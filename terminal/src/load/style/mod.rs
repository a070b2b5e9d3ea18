//! Style sheets: what they import, and which of their images and fonts a page needs.

mod cascade;
mod declarations;
mod defaults;
mod fonts;
mod images;
pub(in crate::load) mod lengths;
mod matching;
pub(in crate::load) mod media;
mod needs;
mod nth;
mod presentation;
mod property_names;
mod selector;
mod selector_names;
mod selector_parser;
mod sheet;
mod states;
mod supports;
mod text;
mod tokens;
pub(in crate::load) mod values;

pub(in crate::load) use cascade::Placed;
pub(in crate::load) use needs::{Needs, Wanted, needs};
pub(in crate::load) use sheet::{Import, Sheet};
