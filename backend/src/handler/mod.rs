//! What answers a request: one file per resource.

pub mod assets;
pub mod echo;
pub mod error_page;
pub mod health;
mod link_preview;
pub mod page;
pub mod prime;
pub mod problem;
pub(crate) mod redirect_to_tls;
pub(crate) mod refusal;
pub mod room;
