//! One file for each page.

pub mod not_found;
pub mod primes;
pub mod room;
pub mod rooms;
