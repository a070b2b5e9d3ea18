//! What the person who runs the server can choose.

pub mod limits;
pub mod rooms;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use roomcast_http2_debug::Switches;

use crate::defaults;
pub use limits::Limits;
pub use rooms::RoomOptions;

/// The options of `roomcast serve`. Each is also a variable `ROOMCAST_…`.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "ROOMCAST_LISTEN", value_name = "ADDRESS:PORT",
          default_value_t = defaults::LISTEN)]
    pub listen: SocketAddr,

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
    #[arg(long, env = "ROOMCAST_PLAIN", conflicts_with_all = ["cert", "key"])]
    pub plain: bool,

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
            listen: defaults::LISTEN,
            data: PathBuf::from(defaults::DATA_DIRECTORY),
            cert: None,
            key: None,
            plain: false,
            assets: None,
            debug: Switches::default(),
            rooms: RoomOptions::default(),
            limits: Limits::default(),
        }
    }
}
