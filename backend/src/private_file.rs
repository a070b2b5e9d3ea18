//! Files that are nobody's business but the server's: keys, and what was said in rooms.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file that nobody but its owner may read, not even for a moment.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    for_the_owner(&mut options).open(path)?.write_all(content)
}

/// Opens a file to write at its end. If there was none, nobody but its owner may read it.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    for_the_owner(&mut options).open(path)
}

/// As [`open`], and nobody but its owner may read a file that was there before either.
pub(crate) fn open_strictly(path: &Path) -> io::Result<File> {
    let file = open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Makes an empty file that nobody but its owner may read. One that is there already is not opened:
/// SQLite must be the only one to open its files.
pub(crate) fn create_if_missing(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    match for_the_owner(&mut options).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Makes a folder, and those above it, into which nobody but their owner may look. One that is there
/// already is left as it is.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn for_the_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
