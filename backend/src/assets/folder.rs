//! Reading a folder of files that a browser may fetch.
//!
//! Used by the build script for the client inside the program and by the server for a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of all files together: they are held in memory, and a wrong folder is found out early.
const MAX_FOLDER_BYTES: u64 = 64 * 1024 * 1024;

/// One file and where it is found.
#[derive(Debug)]
pub(crate) struct File {
    /// The path of its URL: absolute, percent-encoded where it must be.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) content: Vec<u8>,
}

/// Why a folder cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}; give the folder that `trunk build --release` made", path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// Why it was not.
        source: io::Error,
    },
    /// The folder holds more than anybody means to serve from memory.
    #[error(
        "{} holds more than {} MiB: give the folder that `trunk build --release` made",
        path.display(), MAX_FOLDER_BYTES / 1024 / 1024
    )]
    TooLarge {
        /// The folder.
        path: PathBuf,
    },
}

/// Reads all files below `directory`, sorted by path.
///
/// Names that begin with a dot are left out: tools keep their own things under such names.
/// Links to files are followed, links to folders are not, so that no loop can arise.
///
/// # Errors
/// [`FolderError`] when something cannot be read, or is more than fits.
pub(crate) fn read(directory: &Path) -> Result<Vec<File>, FolderError> {
    let mut files = Vec::new();
    let mut left = MAX_FOLDER_BYTES;
    let mut folders = vec![(directory.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let unreadable = |source| unreadable(&folder, source);
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{prefix}/{}", percent_encoded(&name));
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push((entry.path(), path));
            } else if let Some(content) = read_file(&entry.path(), &mut left)? {
                files.push(File { path, content });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Reads a file of at most `left` bytes and takes its size off them; `None` when it is no file.
fn read_file(path: &Path, left: &mut u64) -> Result<Option<Vec<u8>>, FolderError> {
    let metadata = fs::metadata(path).map_err(|source| unreadable(path, source))?;
    if !metadata.is_file() {
        return Ok(None);
    }
    *left = left
        .checked_sub(metadata.len())
        .ok_or_else(|| FolderError::TooLarge {
            path: path.parent().unwrap_or(path).to_owned(),
        })?;
    fs::read(path)
        .map(Some)
        .map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: io::Error) -> FolderError {
    FolderError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

/// Encodes what is not unreserved (RFC 3986, section 2.3), as browsers write it in a path.
fn percent_encoded(name: &str) -> String {
    use std::fmt::Write;
    name.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_under_the_paths_of_their_urls() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("snippets/a b")).unwrap();
        fs::write(folder.path().join("snippets/a b/é.js"), "1").unwrap();
        fs::write(folder.path().join("index.html"), "2").unwrap();

        let paths: Vec<_> = read(folder.path())
            .unwrap()
            .into_iter()
            .map(|file| file.path)
            .collect();

        assert_eq!(paths, ["/index.html", "/snippets/a%20b/%C3%A9.js"]);
    }

    #[test]
    fn hidden_files_and_folders_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".stage")).unwrap();
        fs::write(folder.path().join(".stage/half.js"), "1").unwrap();
        fs::write(folder.path().join(".env"), "secret").unwrap();

        assert!(read(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn a_folder_may_hold_64_mib_and_not_a_byte_more() {
        let folder = tempfile::tempdir().unwrap();
        let large = fs::File::create(folder.path().join("large.bin")).unwrap();
        large.set_len(MAX_FOLDER_BYTES).unwrap();
        assert_eq!(read(folder.path()).unwrap().len(), 1);

        fs::write(folder.path().join("more.txt"), "1").unwrap();
        assert!(matches!(
            read(folder.path()),
            Err(FolderError::TooLarge { .. })
        ));
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = read(Path::new("/no/such/folder")).unwrap_err();
        assert!(
            error.to_string().starts_with("cannot read /no/such/folder"),
            "{error}"
        );
    }
}
