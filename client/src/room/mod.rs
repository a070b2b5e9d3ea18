//! One person in one room, over any number of connections (docs/protocol.md).
//!
//! [`Session`] knows the protocol and does no input or output: what was seen, what is still to be
//! said, what a lost connection means. [`Room`] is its hands: WebSockets, timers,
//! random numbers.

mod address;
mod history;
mod outbox;
mod reconnect;
mod session;
mod visit;

pub use address::{AddressError, RoomAddress};
pub use history::{HistoryError, HistoryPage, read_before};
pub use outbox::{Nonce, Unsent};
pub use reconnect::{Loss, Verdict};
pub use session::{Session, Update};
pub use visit::{Change, EnterOptions, Room};
