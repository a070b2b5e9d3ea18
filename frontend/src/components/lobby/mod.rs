//! What the list of rooms is made of.

mod room_form;
mod room_list;

pub use room_form::RoomForm;
pub use room_list::RoomList;
