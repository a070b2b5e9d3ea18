//! What the person who runs the server can choose.

pub mod base_path;
pub mod limits;
pub mod listen;
pub mod rooms;
pub mod value;

use std::path::PathBuf;

use clap::Args;
use roomcast_http2_debug::Switches;

use crate::defaults;
use crate::network::name_in_url;
pub use base_path::BasePath;
pub use limits::Limits;
pub use listen::ListenAddress;
pub use rooms::RoomOptions;
use value::switch;

const LISTEN_HELP: &str = "\
Address and port to listen on, such as 127.0.0.1:8443, [::1]:8443 or localhost:8443. :8443 listens on all addresses, \
8443 on this machine only; port 0 takes a free one";

/// The options of `roomcast serve`. Each is also a variable `ROOMCAST_…`, but for `--tls-key-log`, which is
/// never on by an inherited environment.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Where to listen.
    #[arg(long, env = "ROOMCAST_LISTEN", value_name = "ADDRESS:PORT", help = LISTEN_HELP,
          default_value_t = defaults::LISTEN.into())]
    pub listen: ListenAddress,

    /// Name or address by which others reach this server, such as chat.example.org; may be given several
    /// times. The certificate that the server makes for itself is for them too.
    #[arg(
        long = "name",
        env = "ROOMCAST_NAME",
        value_name = "HOST",
        value_delimiter = ',',
        value_parser = name_in_url
    )]
    pub names: Vec<String>,

    /// Path under which a proxy serves this server, such as /chat or /tools/chat; all addresses in pages and answers
    /// begin with it. Requests may come with it or without it.
    #[arg(long, env = "ROOMCAST_BASE_PATH", value_name = "PATH", default_value_t)]
    pub base_path: BasePath,

    /// Folder for what the server keeps, such as the certificate that it makes for itself.
    #[arg(long, env = "ROOMCAST_DATA", value_name = "DIR",
          default_value = defaults::DATA_DIRECTORY)]
    pub data: PathBuf,

    /// Certificate chain in PEM; re-read when the file changes.
    #[arg(long, env = "ROOMCAST_CERT", value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,

    /// Private key of that certificate in PEM.
    #[arg(long, env = "ROOMCAST_KEY", value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,

    /// Serve without TLS, behind a proxy: HTTP/1.1, and HTTP/2 with prior knowledge.
    #[arg(long, env = "ROOMCAST_PLAIN", value_parser = switch,
          conflicts_with_all = ["cert", "key", "tls_key_log"])]
    pub plain: bool,

    /// Write the keys of TLS connections to this file, with which Wireshark reads them. Whoever has the file
    /// can read all that is sent.
    #[arg(long, value_name = "FILE")]
    pub tls_key_log: Option<PathBuf>,

    /// Serve the browser client from this folder instead of the one inside the program. The
    /// folder is read when the server starts: restart it to serve another build.
    #[arg(long, env = "ROOMCAST_ASSETS", value_name = "DIR")]
    pub assets: Option<PathBuf>,

    /// Switches for debugging, joined by commas: http2server=0 serves HTTP/1.1 alone, http2debug=1
    /// prints a line for each HTTP/2 frame to standard error, http2debug=2 also header fields and the
    /// beginnings of bodies.
    #[arg(
        long,
        env = "ROOMCAST_DEBUG",
        value_name = "SWITCHES",
        default_value = "",
        hide_default_value = true
    )]
    pub debug: Switches,

    /// What rooms keep and allow.
    #[command(flatten)]
    pub rooms: RoomOptions,

    /// What strangers may use up.
    #[command(flatten)]
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: defaults::LISTEN.into(),
            names: Vec::new(),
            base_path: BasePath::default(),
            data: PathBuf::from(defaults::DATA_DIRECTORY),
            cert: None,
            key: None,
            plain: false,
            tls_key_log: None,
            assets: None,
            debug: Switches::default(),
            rooms: RoomOptions::default(),
            limits: Limits::default(),
        }
    }
}
