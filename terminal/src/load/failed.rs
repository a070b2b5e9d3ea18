//! Why a file did not come.

use crate::failure::connection_sentence;

/// The reason in a sentence, and what has to be known of it besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) why: String,
    /// Whether the server does not speak the version of HTTP in which it was asked.
    pub(super) is_version: bool,
}

impl From<String> for Failed {
    fn from(why: String) -> Self {
        Self {
            why,
            is_version: false,
        }
    }
}

impl From<roomcast_client::http::Error> for Failed {
    fn from(error: roomcast_client::http::Error) -> Self {
        Self {
            why: connection_sentence(&error),
            is_version: error.is_version_not_spoken(),
        }
    }
}
