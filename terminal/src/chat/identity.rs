//! Identity that is kept between visits: the server's cookie, in a file that only its owner reads.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use roomcast_client::room::RoomAddress;
use roomcast_shared::person::PersonName;

/// The folder of programs' state, as the XDG base directory specification names it.
const STATE_VARIABLE: &str = "XDG_STATE_HOME";

/// Bytes of a name's digest in a file name: enough that no two names of an account meet.
const SCRIPT_DIGEST_BYTES: usize = 8;

/// Where that folder is when the variable is not set, inside the home folder.
const DEFAULT_STATE: &str = ".local/state";

/// Caller of `chat`: a person at a terminal, or a script in a pipe. The two never share a cookie, because a
/// script that takes a name would rename the person who chats from the same account.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller<'a> {
    /// A person at a terminal: one identity for each server, whatever the name.
    Person,
    /// A script: one identity for each server and each `--name`.
    Script(Option<&'a PersonName>),
}

/// File of the cookie for one server and one caller.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    path: Option<PathBuf>,
}

impl Identity {
    /// Identity of the caller at the server of a room. Without a home folder nothing is kept.
    pub(super) fn of(address: &RoomAddress, caller: Caller<'_>) -> Self {
        let folder = std::env::var_os(STATE_VARIABLE)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| Some(std::env::home_dir()?.join(DEFAULT_STATE)));
        let name = file_name(&address.server(), caller);
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

/// File name of an identity. A script's has a digest in place of the name, which may hold any character.
fn file_name(server: &str, caller: Caller<'_>) -> String {
    // Brackets and colons of an address are no characters for every file system.
    let server = server.replace([':', '[', ']'], "_").replace('/', "+");
    match caller {
        Caller::Person => server,
        Caller::Script(None) => format!("{server}.script"),
        Caller::Script(Some(name)) => {
            let digest = ring::digest::digest(&ring::digest::SHA256, name.as_str().as_bytes());
            let mut file_name = format!("{server}.script-");
            for byte in &digest.as_ref()[..SCRIPT_DIGEST_BYTES] {
                let _ = write!(file_name, "{byte:02x}");
            }
            file_name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_have_an_identity_for_each_name_and_never_the_persons() {
        let name = |name: &str| PersonName::parse(name).unwrap();
        let (ci, bot) = (name("ci"), name("../bot"));
        let files = [
            Caller::Person,
            Caller::Script(None),
            Caller::Script(Some(&ci)),
            Caller::Script(Some(&bot)),
        ]
        .map(|caller| file_name("[::1]:8443", caller));
        assert_eq!(files[0], "___1__8443");
        assert_eq!(files[1], "___1__8443.script");
        for (index, file) in files.iter().enumerate() {
            assert!(!files[..index].contains(file), "{file}");
            assert!(!file.contains('/'), "{file}");
        }
        assert_eq!(
            file_name("host:8443/tools/chat", Caller::Person),
            "host_8443+tools+chat"
        );
        assert_eq!(files[2], file_name("[::1]:8443", Caller::Script(Some(&ci))));
    }

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
