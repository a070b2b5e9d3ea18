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
    /// Another program keeps the store locked.
    #[error("another program keeps the server's store locked; try again in a moment")]
    Locked,
    /// A file of the store was deleted, moved, replaced or overwritten while it was open. What is
    /// written from then on would be gone after a restart.
    #[error(
        "a file of the server's store was deleted, moved, replaced or overwritten while the server \
         runs, so nothing can be kept; tell its operator to follow what the server's log says"
    )]
    Replaced,
    /// The thread that writes has ended by an error in the program.
    #[error(
        "the server's store has stopped, so nothing can be kept; tell its operator to restart the \
         server"
    )]
    Stopped,
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
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            _ => Self::Failed(error.to_string()),
        }
    }
}
