//! What the page has seen: plain Rust, tested without a browser.

pub mod distance;
pub mod lobby;
pub mod prime_log;
pub mod room;
pub mod room_name;
pub mod rows;
pub mod spiral;
pub mod summary;

pub use prime_log::PrimeLog;
