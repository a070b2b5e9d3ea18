//! What pages are made of. Components show what `store` and `connection` hold, and hold nothing
//! themselves but what a person has typed or scrolled to.

pub mod announcer;
pub mod bind;
pub mod canvas;
pub mod gaps_picture;
pub mod header;
pub mod live_text;
pub mod lobby;
pub mod newest_prime;
pub mod number_dialog;
pub mod prime_list;
pub mod room;
pub mod run_form;
pub mod spiral_picture;
