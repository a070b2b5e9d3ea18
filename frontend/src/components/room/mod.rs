//! What the page of a room is made of: one piece of HTML in `view`, and what keeps its parts as the signals have
//! them. `message_list` builds the rows of the messages by the DOM's own calls, as one draws on a canvas.

mod announcer;
mod avatar;
mod banner;
mod clock;
mod composer;
mod draft;
mod files;
mod live_room;
mod message_list;
mod message_row;
mod mounted_rows;
mod name_card;
mod notification;
mod people;
mod reason;
mod rich_text;
mod selection;
mod share;
mod status;
mod title;
mod view;
mod wide_code;

pub use view::RoomView;
