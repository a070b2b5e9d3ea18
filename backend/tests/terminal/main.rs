//! The terminal clients as people run them: the real program, against our server, against servers
//! that we did not write, and against servers that misbehave.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails the test where it stands"
)]

#[path = "../it/support/process.rs"]
#[expect(
    dead_code,
    reason = "the other test binary measures memory and sends signals"
)]
mod process;
mod relay;
mod runner;
mod scripted;
mod support;

mod chat;
mod events;
mod probe;
mod ws;

use support::within;
