//! The terminal clients as people run them: the real program, against our server, against servers
//! that we did not write, and against servers that misbehave.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails the test where it stands"
)]

mod support;

mod broken_pipe;
mod chat;
mod debug_switches;
mod events;
mod help;
mod interrupt;
mod job_control;
mod load;
mod probe;
mod start;
mod wrong_options;
mod ws;
