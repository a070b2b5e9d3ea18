//! `SSLKEYLOGFILE`: the keys of a client's TLS connections in a file, with which Wireshark reads them.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;

use roomcast_shared::io_reason::io_reason;
use rustls::{KeyLog, KeyLogFile};

use crate::failure::Failure;

/// The variable by which browsers and curl are told, too.
const VARIABLE: &str = "SSLKEYLOGFILE";

/// The log that the environment asks for.
///
/// # Errors
/// [`Failure::Usage`] when its file cannot be written.
pub(crate) fn from_environment() -> Result<Option<Arc<dyn KeyLog>>, Failure> {
    let file = std::env::var_os(VARIABLE).filter(|file| !file.is_empty());
    let Some(file) = file else {
        return Ok(None);
    };
    make(&file)?;
    Ok(Some(Arc::new(KeyLogFile::new())))
}

/// Makes the file before rustls does, which tells nobody when it cannot, and lets everybody read it.
fn make(file: &OsStr) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop).map_err(|error| {
        Failure::Usage(format!(
            "cannot write the keys of TLS connections to {}: {}; correct the environment variable {VARIABLE}, or \
             unset it",
            Path::new(file).display(),
            io_reason(&error)
        ))
    })
}
