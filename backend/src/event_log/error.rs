//! Why a log cannot be used.

/// Why entries could not be appended or read. Cheap to clone, as one failed commit is the answer
/// to everybody who took part in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// There is no room for more.
    #[error("the server's disk is full, so nothing more can be kept; tell its operator")]
    Full,
    /// The store can be read only.
    #[error("the server's store is read-only, so nothing can be kept; tell its operator")]
    ReadOnly,
    /// There are as many rooms as there may be.
    #[error("there are {max} rooms already; use one of them")]
    TooManyRooms {
        /// How many there may be.
        max: usize,
    },
    /// More is being appended than the store takes.
    #[error("the server has too much to write; try again in a moment")]
    Busy,
    /// The store failed in another way.
    #[error("the server's store failed ({0}); try again, and tell its operator")]
    Failed(String),
}

impl From<rusqlite::Error> for LogError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            _ => Self::Failed(error.to_string()),
        }
    }
}
