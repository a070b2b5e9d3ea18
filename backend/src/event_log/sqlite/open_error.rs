//! Why a store cannot be opened.

use std::io;
use std::path::PathBuf;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or a file in it cannot be used.
    #[error("cannot use {path}: {source}; choose another folder with --data, or --ephemeral")]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Another server uses the folder.
    #[error("another server uses {0}; choose another folder with --data")]
    Locked(PathBuf),
    /// The file was written by a newer version.
    #[error("{path} is of version {found}, and this program knows {known} at most: update it")]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that is known.
        known: i64,
    },
    /// SQLite cannot open the file.
    #[error("cannot open {path}: {source}; {}", remedy(source))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The error of SQLite.
        source: rusqlite::Error,
    },
    /// Something else has the name of the store.
    #[error("{0} is a folder; move it away, or choose another folder with --data")]
    NotAFile(PathBuf),
    /// A `-wal` file holds messages and its store is missing or empty. SQLite would delete it.
    #[error(
        "{wal} holds messages of a store that is not beside it; put that store back as {store}, or \
         move {wal} away to start without these messages"
    )]
    Orphaned {
        /// The file that is left.
        wal: PathBuf,
        /// Where its store must be.
        store: PathBuf,
    },
}

/// Returns what the operator can do about a store that cannot be opened.
fn remedy(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "end the program that keeps it locked, or choose another folder with --data"
        }
        Some(ErrorCode::DiskFull) => "make room on its disk",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "allow this user to read and write it, or choose another folder with --data"
        }
        _ => {
            "restore it from a backup, or move it and the -wal file beside it away to start without \
             messages"
        }
    }
}
