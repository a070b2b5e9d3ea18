//! The frames of an HTTP/2 connection, watched from the outside.
//!
//! [`Tap`] goes around a byte stream and shows every frame (RFC 9113) in both directions to an
//! [`Observe`]r, such as [`Printer`], which writes a line for each. [`Switches`] is what the variable
//! `ROOMCAST_DEBUG` says.

pub mod frame;
pub mod hpack;
mod printer;
mod scanner;
mod secrets;
mod switches;
mod tap;

pub use frame::Frame;
pub use printer::Printer;
pub use scanner::{Depth, Scanner};
pub use switches::{FrameLog, Switches, SwitchesError};
pub use tap::{Direction, Observe, Tap};
