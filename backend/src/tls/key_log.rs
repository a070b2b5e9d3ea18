//! The keys of TLS connections in a file, with which tools such as Wireshark read their traffic.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use rustls::KeyLog;

use super::error::CertificateError;
use crate::private_file;

/// A file of keys, one a line, in the format of `SSLKEYLOGFILE` (RFC 9850).
#[derive(Debug)]
pub(super) struct KeyLogFile(File);

impl KeyLogFile {
    /// Opens a file to write at its end, and lets nobody but its owner read it.
    ///
    /// # Errors
    /// [`CertificateError::KeyLog`].
    pub(super) fn open(path: &Path) -> Result<Self, CertificateError> {
        private_file::open_strictly(path)
            .map(Self)
            .map_err(|source| CertificateError::KeyLog {
                path: path.to_owned(),
                source,
            })
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        // One write for a line: connections write side by side. A full disk is no reason to serve nobody.
        if let Err(error) = (&self.0).write_all(line.as_bytes()) {
            tracing::debug!(%error, "the keys of a TLS connection were not written");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_a_line_of_label_random_and_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        std::fs::write(&path, "kept\n").unwrap();
        let log = KeyLogFile::open(&path).unwrap();
        log.log("CLIENT_RANDOM", &[0, 0xab], &[1, 2, 0xff]);
        let lines = std::fs::read_to_string(&path).unwrap();
        assert_eq!(lines, "kept\nCLIENT_RANDOM 00ab 0102ff\n");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_but_its_owner_may_read_it_even_if_it_was_there_before() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        for (name, is_there) in [("new", false), ("old", true)] {
            let path = folder.path().join(name);
            if is_there {
                std::fs::write(&path, "").unwrap();
                let everybody = std::fs::Permissions::from_mode(0o666);
                std::fs::set_permissions(&path, everybody).unwrap();
            }
            let log = KeyLogFile::open(&path).unwrap();
            let mode = log.0.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named_with_the_option() {
        let folder = tempfile::tempdir().unwrap();
        let error = KeyLogFile::open(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains(&folder.path().display().to_string()),
            "{error}"
        );
        assert!(error.contains("--tls-key-log"), "{error}");
        assert!(!error.contains("os error"), "{error}");
    }
}
