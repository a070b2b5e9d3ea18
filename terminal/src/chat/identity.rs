//! Who one was last time: the server's cookie, in a file that only its owner reads.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use roomcast_client::room::RoomAddress;

/// The folder of programs' state, as the XDG base directory specification names it.
const STATE_VARIABLE: &str = "XDG_STATE_HOME";

/// Where that folder is when the variable is not set, inside the home folder.
const DEFAULT_STATE: &str = ".local/state";

/// The cookie's file for one server.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    path: Option<PathBuf>,
}

impl Identity {
    /// For the server of a room. Without a home folder nothing is kept.
    pub(super) fn of(address: &RoomAddress) -> Self {
        let folder = std::env::var_os(STATE_VARIABLE)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| Some(std::env::home_dir()?.join(DEFAULT_STATE)));
        // Brackets and colons of an address are no characters for every file system.
        let name = address.authority().replace([':', '[', ']'], "_");
        Self {
            path: folder.map(|folder| folder.join("roomcast").join("people").join(name)),
        }
    }

    /// The cookie, if there is one.
    pub(super) fn load(&self) -> Option<String> {
        let text = fs::read_to_string(self.path.as_ref()?).ok()?;
        Some(text.trim().to_owned()).filter(|cookie| !cookie.is_empty())
    }

    /// Keeps the cookie.
    pub(super) fn store(&self, cookie: &str) -> io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        writeln!(options.open(path)?, "{cookie}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_cookie_is_kept_where_only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("host_8443");
        let identity = Identity {
            path: Some(path.clone()),
        };
        assert_eq!(identity.load(), None);
        identity.store("roomcast_person=abc").unwrap();
        assert_eq!(identity.load().as_deref(), Some("roomcast_person=abc"));
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
