//! Who a request comes from: an id that the server signs and a browser keeps.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use roomcast_shared::person::{PERSON_COOKIE, PersonId};

use crate::private_file;

/// How long a browser keeps the cookie: browsers allow no more than 400 days.
const COOKIE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// The file with the key in the data folder.
const KEY_NAME: &str = "person.key";

/// The length of the key, in bytes: that of a SHA-256 (RFC 2104, section 3).
const KEY_BYTES: usize = 32;

/// Bytes of a digest in the server's id: enough that the servers of one host differ.
const SERVER_ID_BYTES: usize = 6;

/// Why the key for the signatures cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("cannot use {path}: {source}; choose another folder with --data")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{0} is damaged; delete it: everybody is then a new person")]
    Damaged(PathBuf),
    /// The system has no random numbers.
    #[error("the system gives no random numbers; try again")]
    Randomness,
}

impl From<Unspecified> for KeyError {
    fn from(_: Unspecified) -> Self {
        Self::Randomness
    }
}

/// Whose page asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// One of ours, or no page.
    Ours,
    /// One of another site, which is allowed to.
    Other,
}

/// Gives people their ids and knows them again.
pub struct People {
    key: hmac::Key,
    /// Name of the cookie: the server's id follows [`PERSON_COOKIE`].
    cookie_name: String,
    /// `true` if the key outlives the process, and so the cookie may outlive the browser's session.
    is_durable: bool,
    /// Whether browsers may send the cookie over TLS alone.
    secure: bool,
}

impl People {
    /// Uses the key in `directory`, made at the first start.
    ///
    /// # Errors
    /// [`KeyError`] says what to do.
    pub fn open(directory: &Path, secure: bool) -> Result<Self, KeyError> {
        let path = directory.join(KEY_NAME);
        let file_error = |source| KeyError::File {
            path: path.clone(),
            source,
        };
        let key = match fs::read(&path) {
            Ok(key) => key,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key: [u8; KEY_BYTES] = random()?;
                private_file::create_folder(directory).map_err(file_error)?;
                private_file::write(&path, &key).map_err(file_error)?;
                key.to_vec()
            }
            Err(error) => return Err(file_error(error)),
        };
        if key.len() != KEY_BYTES {
            return Err(KeyError::Damaged(path));
        }
        Ok(Self::with_key(&key, secure, true))
    }

    /// Uses a key that is forgotten when the server stops.
    ///
    /// # Errors
    /// [`KeyError::Randomness`].
    pub fn ephemeral(secure: bool) -> Result<Self, KeyError> {
        Ok(Self::with_key(&random::<KEY_BYTES>()?, secure, false))
    }

    fn with_key(key: &[u8], secure: bool, is_durable: bool) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let cookie_name = format!("{PERSON_COOKIE}_{}", server_id(&key));
        Self {
            key,
            cookie_name,
            is_durable,
            secure,
        }
    }

    /// `true` if browsers reach this server over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Id that tells this server from others on its host: letters, digits, - and _, the same after a restart
    /// unless the key is ephemeral.
    pub fn server_id(&self) -> String {
        server_id(&self.key)
    }

    /// A new person.
    ///
    /// # Errors
    /// [`KeyError::Randomness`].
    pub fn create(&self) -> Result<PersonId, KeyError> {
        Ok(PersonId::from_random(random()?))
    }

    /// Person whose cookie the request shows. Cookies from before names carried the server's id count too:
    /// their signature is this server's.
    pub fn find(&self, request: &HeaderMap) -> Option<PersonId> {
        let cookies = request.get_all(header::COOKIE).iter();
        cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie_name || *name == PERSON_COOKIE)
            .find_map(|(_, value)| self.verify(value))
    }

    /// The `Set-Cookie` by which a browser stays this person, on pages of this site or of another one. It is sent back
    /// with requests under `path`.
    pub(crate) fn set_cookie(&self, person: PersonId, site: Site, path: &str) -> HeaderValue {
        let signature = hmac::sign(&self.key, person.to_string().as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature);
        let reach = match (site, self.secure) {
            (Site::Ours, true) => "SameSite=Lax; Secure",
            (Site::Ours, false) => "SameSite=Lax",
            // For the pages of that site alone. Browsers take it over TLS only, be it ours or a proxy's.
            (Site::Other, _) => "SameSite=None; Secure; Partitioned",
        };
        // A key that ends with the process leaves no cookies behind for a year.
        let age = if self.is_durable {
            format!("Max-Age={COOKIE_SECONDS}; ")
        } else {
            String::new()
        };
        let cookie = format!(
            "{}={person}.{signature}; Path={path}; {age}HttpOnly; {reach}",
            self.cookie_name
        );
        HeaderValue::try_from(cookie).expect("an id, base64 and a path are visible ASCII")
    }

    fn verify(&self, value: &str) -> Option<PersonId> {
        let (person, signature) = value.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.key, person.as_bytes(), &signature).ok()?;
        person.parse().ok()
    }
}

/// Digest of the key by which nobody learns the key, in base64 for URLs: its characters may stand in names of
/// cookies.
fn server_id(key: &hmac::Key) -> String {
    let digest = hmac::sign(key, b"server id");
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..SERVER_ID_BYTES])
}

impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("People").finish_non_exhaustive()
    }
}

/// Random bytes.
///
/// # Errors
/// [`Unspecified`] when the system has none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers
    }

    /// The cookie as a browser sends it back.
    fn sent_back(people: &People, person: PersonId) -> String {
        let set_cookie = people.set_cookie(person, Site::Ours, "/");
        let set_cookie = set_cookie.to_str().unwrap();
        set_cookie.split(';').next().unwrap().to_owned()
    }

    #[test]
    fn a_person_is_known_again_also_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let people = People::open(directory.path(), true).unwrap();
        let person = people.create().unwrap();
        let cookie = format!("a=b; {}; c=d", sent_back(&people, person));
        let restarted = People::open(directory.path(), true).unwrap();
        assert_eq!(restarted.find(&request(&cookie)), Some(person));
    }

    #[test]
    fn nobody_becomes_another_person_by_writing_their_id() {
        let people = People::ephemeral(true).unwrap();
        let (ada, bob) = (people.create().unwrap(), people.create().unwrap());
        let forged = sent_back(&people, ada).replace(&ada.to_string(), &bob.to_string());
        assert_eq!(people.find(&request(&forged)), None);
        let other_key = People::ephemeral(true).unwrap();
        assert_eq!(other_key.find(&request(&sent_back(&people, ada))), None);
        let unsigned = format!("{}={bob}", people.cookie_name);
        assert_eq!(people.find(&request(&unsigned)), None);
    }

    #[test]
    fn two_servers_on_one_host_know_a_person_side_by_side() {
        let (directories, secure) = ([(); 2].map(|()| tempfile::tempdir().unwrap()), true);
        let servers = [0, 1].map(|index| People::open(directories[index].path(), secure).unwrap());
        let persons = [0, 1].map(|index: usize| servers[index].create().unwrap());
        let cookies = [0, 1].map(|index: usize| sent_back(&servers[index], persons[index]));
        // A browser keeps one value for each name, whatever the port.
        let names = cookies
            .each_ref()
            .map(|cookie| cookie.split_once('=').unwrap().0);
        assert_ne!(names[0], names[1]);
        let both = request(&cookies.join("; "));
        for (server, person) in servers.iter().zip(persons) {
            assert_eq!(server.find(&both), Some(person));
        }
    }

    #[test]
    fn a_cookie_without_the_server_id_in_its_name_counts_by_its_signature() {
        let people = People::ephemeral(true).unwrap();
        let person = people.create().unwrap();
        let cookie = sent_back(&people, person);
        let value = cookie.split_once('=').unwrap().1;
        let older = format!("{PERSON_COOKIE}={value}");
        assert_eq!(people.find(&request(&older)), Some(person));
    }

    #[test]
    fn the_cookie_outlives_the_session_only_if_the_key_outlives_the_process() {
        let directory = tempfile::tempdir().unwrap();
        let durable = People::open(directory.path(), true).unwrap();
        let ephemeral = People::ephemeral(true).unwrap();
        for (people, is_kept) in [(durable, true), (ephemeral, false)] {
            let cookie = people.set_cookie(people.create().unwrap(), Site::Ours, "/");
            assert_eq!(cookie.to_str().unwrap().contains("Max-Age"), is_kept);
        }
    }

    #[test]
    fn scripts_do_not_see_the_cookie_and_without_tls_it_is_not_bound_to_tls() {
        let cookie = |secure, site| {
            let people = People::ephemeral(secure).unwrap();
            let cookie = people.set_cookie(people.create().unwrap(), site, "/chat");
            cookie.to_str().unwrap().to_owned()
        };
        assert!(cookie(true, Site::Ours).contains("; Path=/chat; "));
        assert!(cookie(true, Site::Ours).ends_with("; HttpOnly; SameSite=Lax; Secure"));
        assert!(cookie(false, Site::Ours).ends_with("; HttpOnly; SameSite=Lax"));
        for secure in [true, false] {
            let cookie = cookie(secure, Site::Other);
            assert!(cookie.ends_with("; HttpOnly; SameSite=None; Secure; Partitioned"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        People::open(directory.path(), true).unwrap();
        let key = fs::metadata(directory.path().join(KEY_NAME)).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_named_in_the_error() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(KEY_NAME), "short").unwrap();
        let error = People::open(directory.path(), true)
            .unwrap_err()
            .to_string();
        assert!(error.contains(KEY_NAME), "{error}");
    }
}
