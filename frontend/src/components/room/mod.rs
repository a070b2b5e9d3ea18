//! What the page of a room is made of.
//!
//! Its frame stands in `index.html`, and what changes in it is changed by the DOM's own
//! calls: ten thousand messages are not worth a signal each, and a view in signals of this page would
//! be half of what the first load may weigh.

mod announcer;
mod clock;
mod composer;
mod message_list;
mod message_row;
mod people;
mod rich_text;
mod share;
mod status;
mod view;

pub use view::RoomView;
