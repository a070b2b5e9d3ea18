//! What answers a request: one file per resource.

pub mod echo;
pub mod problem;
