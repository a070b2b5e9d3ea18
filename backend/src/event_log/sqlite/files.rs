//! Files of the store, watched by their paths alone.
//!
//! A process loses all its POSIX locks on a file when it closes *any* descriptor of it
//! ("How To Corrupt An SQLite Database File", section 2.2). Other programs could then checkpoint
//! and delete the `-wal` file in which we go on writing. So nothing here, or anywhere else in the
//! server, opens one of these files: `stat` by path needs no descriptor.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::continuity;
use crate::event_log::LogError;
use crate::private_file;
use rusqlite::Error;

/// Name of the file that is made for a moment to learn whether the folder can be written.
const PROBE_NAME: &str = "rooms.probe";

/// The store, its `-wal` and its `-shm` as they were when SQLite opened them.
#[derive(Debug)]
pub(super) struct StoreFiles {
    files: [KnownFile; 4],
    /// Set for good when a file was found to be another one, or changed in place.
    replaced: AtomicBool,
    /// Set for good when a file was found to be changed in place.
    changed: AtomicBool,
}

#[derive(Debug)]
struct KnownFile {
    path: PathBuf,
    /// `true` for the store itself, `false` for those beside it.
    is_store: bool,
    links: Links,
    /// `None` if SQLite does without this file.
    identity: Option<Identity>,
}

/// Names a file for as long as it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

/// Meaning of a path that is a symbolic link.
#[derive(Clone, Copy, Debug)]
enum Links {
    /// The file that it leads to.
    Follow,
    /// The link itself.
    Refuse,
}

/// A path that leads to another file than before, or to none.
#[derive(Debug)]
struct Difference<'a> {
    file: &'a KnownFile,
    now: Option<Identity>,
}

impl StoreFiles {
    /// Remembers the files of the store at `path`, all of which SQLite must have open.
    ///
    /// # Errors
    /// Errors of the file system.
    pub(super) fn remember(path: &Path) -> io::Result<Self> {
        // SQLite keeps the other two beside the file that a link leads to.
        let beside = path.canonicalize()?;
        let known = |path: PathBuf| {
            let identity = identity(&path, Links::Refuse)?;
            Ok::<_, io::Error>(KnownFile {
                path,
                is_store: false,
                links: Links::Refuse,
                identity,
            })
        };
        Ok(Self {
            files: [
                KnownFile {
                    path: path.to_owned(),
                    is_store: true,
                    links: Links::Follow,
                    identity: identity(path, Links::Follow)?,
                },
                // If a link takes its place, a restart looks for the other two elsewhere.
                KnownFile {
                    is_store: true,
                    ..known(beside.clone())?
                },
                known(companion(&beside, "-wal"))?,
                known(companion(&beside, "-shm"))?,
            ],
            replaced: AtomicBool::new(false),
            changed: AtomicBool::new(false),
        })
    }

    /// Checks that all paths still lead to the files that are open.
    ///
    /// # Errors
    /// [`LogError::Replaced`], from then on for ever; [`LogError::Failed`] if a path cannot be
    /// looked at.
    pub(super) fn check(&self) -> Result<(), LogError> {
        if self.replaced.load(Ordering::Acquire) {
            return Err(LogError::Replaced);
        }
        match self.differences() {
            Ok(differences) if differences.is_empty() => Ok(()),
            Ok(mut differences) => {
                // One of those who find it says so.
                if !self.replaced.swap(true, Ordering::AcqRel) {
                    // The store is watched twice.
                    differences.dedup_by(|one, other| one.file.path == other.file.path);
                    for difference in differences {
                        tracing::error!(
                            "{difference} while the server runs: nothing is kept from now on; stop \
                             the server, put the file back if it was moved, and start the server"
                        );
                    }
                }
                Err(LogError::Replaced)
            }
            Err(error) => Err(LogError::Failed(error.to_string())),
        }
    }

    /// Stops publishing for good, because a file was changed without SQLite.
    pub(super) fn report_change(&self, change: &dyn fmt::Display) {
        self.changed.store(true, Ordering::Release);
        if !self.replaced.swap(true, Ordering::AcqRel) {
            tracing::error!(
                "{change}: a file of the store was changed without SQLite while the server runs: \
                 nothing is kept from now on; stop the server, restore the store from a backup, and \
                 start the server"
            );
        }
    }

    /// Returns why a read failed. Stops publishing if a file does not hold what SQLite wrote.
    pub(super) fn explain_read(&self, error: rusqlite::Error) -> LogError {
        if continuity::is_damage(&error) {
            self.report_change(&format_args!("{}: {error}", self.store().display()));
        }
        error.into()
    }

    /// Returns `true` if the store itself is in its place and no other program can have written
    /// to it: one that opens the store makes a `-wal` and a `-shm` where they are missing, and
    /// cannot delete them while our locks hold.
    pub(super) fn is_ours_alone(&self) -> bool {
        !self.changed.load(Ordering::Acquire)
            && self.differences().is_ok_and(|differences| {
                differences
                    .iter()
                    .all(|difference| !difference.file.is_store && difference.now.is_none())
            })
    }

    /// Returns the reason why the store could not be written.
    ///
    /// A file that was open when its disk became read-only fails like one whose disk is broken; a
    /// new file in the same folder tells the two apart.
    pub(super) fn explain(&self, error: rusqlite::Error) -> LogError {
        if let Err(replaced @ LogError::Replaced) = self.check() {
            return replaced;
        }
        if continuity::is_damage(&error) || matches!(error, Error::StatementChangedRows(_)) {
            self.report_change(&format_args!("{}: {error}", self.store().display()));
            return LogError::Replaced;
        }
        match LogError::from(error) {
            LogError::Failed(_) if self.is_read_only() => LogError::ReadOnly,
            error => error,
        }
    }

    /// Path of the store, for the log.
    pub(super) fn store(&self) -> &Path {
        &self.files[0].path
    }

    fn is_read_only(&self) -> bool {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        let probe = self.files[2].path.with_file_name(PROBE_NAME);
        let written = private_file::write(&probe, b"");
        // It is empty, and made anew the next time, if it cannot be deleted.
        let _ = std::fs::remove_file(&probe);
        written.is_err_and(|error| matches!(error.kind(), ReadOnlyFilesystem | PermissionDenied))
    }

    fn differences(&self) -> io::Result<Vec<Difference<'_>>> {
        let mut differences = Vec::new();
        for file in &self.files {
            let now = identity(&file.path, file.links)?;
            if file.identity.is_some() && now != file.identity {
                differences.push(Difference { file, now });
            }
        }
        Ok(differences)
    }
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let happened = match self.now {
            Some(_) => "replaced by another file",
            None => "deleted or moved",
        };
        write!(f, "{} was {happened}", self.file.path.display())
    }
}

/// Returns the path of a `-wal` file that holds messages without the store that they belong to,
/// which is missing, empty, or a link to a file elsewhere.
///
/// # Errors
/// Errors of the file system.
pub(super) fn orphaned_wal(path: &Path) -> io::Result<Option<PathBuf>> {
    let wal = companion(path, "-wal");
    if length(&wal)?.is_none_or(|bytes| bytes == 0) {
        return Ok(None);
    }
    let has_store = length(path)?.is_some_and(|bytes| bytes > 0);
    // SQLite keeps the `-wal` file of a link beside the file that the link leads to.
    Ok((!has_store || path.is_symlink()).then_some(wal))
}

/// Returns the path of the file that SQLite keeps beside the store at `path`.
pub(super) fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns the length of the file at `path` in bytes, or `None` if there is none.
fn length(path: &Path) -> io::Result<Option<u64>> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the identity of the file at `path`, or `None` if there is none.
fn identity(path: &Path, links: Links) -> io::Result<Option<Identity>> {
    let metadata = match links {
        Links::Follow => std::fs::metadata(path),
        Links::Refuse => std::fs::symlink_metadata(path),
    };
    match metadata {
        Ok(metadata) => Ok(Some(Identity::of(&metadata))),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(io::Error::new(
                error.kind(),
                format!("cannot look at {}: {error}", path.display()),
            )),
        },
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    /// Elsewhere an open file can be neither deleted nor replaced.
    #[cfg(not(unix))]
    fn of(_: &std::fs::Metadata) -> Self {
        Self {}
    }
}
