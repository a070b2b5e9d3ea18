//! From an address to a connection: resolve, connect, TLS, the first bytes of HTTP.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::http::uri::{Authority, Scheme};
use ::http::{Uri, Version};
use roomcast_http2_debug::{Depth, Direction, Frame, Observe, Printer, Switches, Tap};
use rustls::KeyLog;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::byte_stream::ByteStream;
use super::details::{Details, FrameObserver, Times, TlsDetails};
use super::error::Error;
use super::happy_eyeballs::connect_first;
use super::heard::Heard;
use super::link::Link;
use super::tls::{self, Trust};
use super::{Connection, Origin, Sender, http1, http2};

/// How long opening a connection may take by default, all steps together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a server may take from a request to the head of its response, by default. Answers that
/// take longer are asked for again sooner than they come.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// The name of HTTP/2 in ALPN.
const ALPN_HTTP2: &[u8] = b"h2";

/// The name of HTTP/1.1 in ALPN.
const ALPN_HTTP1: &[u8] = b"http/1.1";

/// Which versions of HTTP a client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only; without TLS with prior knowledge (RFC 9113, section 3.3).
    Http2,
    /// HTTP/2 if the server wants it, otherwise HTTP/1.1; without TLS the latter.
    #[default]
    Both,
}

/// How to open a connection.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which certificates to accept.
    pub trust: Trust,
    /// Which versions of HTTP to speak.
    pub versions: Versions,
    /// Whether the server may push on HTTP/2.
    pub accept_push: bool,
    /// How long opening may take, all steps together. Default [`CONNECT_TIMEOUT`].
    pub connect_timeout: Duration,
    /// How long the server may take from a request to the head of its response. Default
    /// [`ANSWER_TIMEOUT`]. Requests that [`Connection::begin`] sends have no such limit.
    pub answer_timeout: Duration,
    /// A log of the keys of TLS connections, for tools such as Wireshark; none by default.
    pub key_log: Option<Arc<dyn KeyLog>>,
    /// An emulated link that connections go over; none by default.
    pub link: Option<Link>,
    /// Whether HTTP/2 is spoken at all, and whether its frames are printed.
    pub debug: Switches,
    /// Who is shown the frames of HTTP/2.
    pub observer: Option<FrameObserver>,
}

impl Options {
    /// Options with defaults for all but the trust: both versions, no push.
    pub fn new(trust: Trust) -> Self {
        Self {
            trust,
            versions: Versions::default(),
            accept_push: false,
            connect_timeout: CONNECT_TIMEOUT,
            answer_timeout: ANSWER_TIMEOUT,
            key_log: None,
            link: None,
            debug: Switches::default(),
            observer: None,
        }
    }

    /// The versions to speak, after what is switched off.
    fn spoken_versions(&self) -> Result<Versions, Error> {
        match self.versions {
            Versions::Both if !self.debug.http2_client => Ok(Versions::Http1),
            Versions::Http2 if !self.debug.http2_client => Err(Error::Http2SwitchedOff),
            versions => Ok(versions),
        }
    }

    /// A connection whose frames are shown to whoever wants to see them. Most have nobody, and are
    /// left alone.
    fn watch(&self, io: ByteStream) -> ByteStream {
        let mut observers = Vec::<Box<dyn Observe>>::new();
        let depth = self.debug.frame_log.depth();
        if depth.is_some() {
            observers.push(Box::new(Printer::for_next_connection()));
        }
        if let Some(observer) = self.observer.clone() {
            let observe =
                move |direction: Direction, frame: &Frame| observer.observe(direction, frame);
            observers.push(Box::new(observe));
        }
        if observers.is_empty() {
            return io;
        }
        ByteStream::new(Tap::client(io, depth.unwrap_or(Depth::Control), observers))
    }
}

impl Versions {
    fn alpn(self) -> &'static [&'static [u8]] {
        match self {
            Self::Http1 => &[ALPN_HTTP1],
            Self::Http2 => &[ALPN_HTTP2],
            Self::Both => &[ALPN_HTTP2, ALPN_HTTP1],
        }
    }

    /// The server took nothing of what was offered.
    fn no_alpn(self) -> Error {
        let offered = self.alpn().iter().map(|name| String::from_utf8_lossy(name));
        Error::Alpn {
            offered: offered.collect::<Vec<_>>().join(", "),
        }
    }
}

/// A step on the way to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Looking the name up.
    Resolve,
    /// Connecting over TCP.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The first bytes of HTTP.
    Protocol,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "look up the name",
            Self::Connect => "connect",
            Self::Tls => "agree on TLS",
            Self::Protocol => "begin HTTP",
        })
    }
}

/// Watches one deadline over all steps.
struct Deadline {
    at: Instant,
    after: Duration,
}

impl Deadline {
    async fn within<T>(&self, step: Step, work: impl Future<Output = T>) -> Result<T, Error> {
        let timeout = |_| Error::Timeout {
            step,
            after: self.after,
        };
        timeout_at(self.at, work).await.map_err(timeout)
    }
}

pub(super) async fn open(url: &Uri, options: &Options) -> Result<Connection, Error> {
    let (origin, tls) = origin(url)?;
    let versions = options.spoken_versions()?;
    let deadline = Deadline {
        at: Instant::now() + options.connect_timeout,
        after: options.connect_timeout,
    };
    let (tcp, remote, mut times) = connect_tcp(&origin, tls, &deadline).await?;
    let begin = Instant::now();
    let tcp = match &options.link {
        Some(link) => deadline.within(Step::Connect, link.attach(tcp)).await?,
        None => ByteStream::new(tcp),
    };
    times.connect += begin.elapsed();
    let (io, http2, tls) = if tls {
        let begin = Instant::now();
        let (io, http2, tls) = connect_tls(tcp, &origin, options, versions, &deadline).await?;
        times.tls = Some(begin.elapsed());
        (io, http2, Some(tls))
    } else {
        (tcp, versions == Versions::Http2, None)
    };
    let version = if http2 {
        Version::HTTP_2
    } else {
        Version::HTTP_11
    };
    let is_agreed = tls.as_ref().is_some_and(|tls| tls.alpn.is_some());
    let heard = Heard::new(version, is_agreed, host(&origin.authority));
    let handshake = async {
        Ok(if http2 {
            Sender::Http2(http2::Sender::open(options.watch(io), options.accept_push, heard).await?)
        } else {
            Sender::Http1(http1::Sender::open(io, heard).await?)
        })
    };
    let sender = deadline.within(Step::Protocol, handshake).await??;
    Ok(Connection {
        origin,
        sender,
        answer_timeout: options.answer_timeout,
        details: Details { remote, times, tls },
    })
}

/// Scheme and authority of a URL, and whether it wants TLS.
fn origin(url: &Uri) -> Result<(Origin, bool), Error> {
    let (scheme, tls) = match url.scheme_str() {
        Some("https" | "wss") => (Scheme::HTTPS, true),
        Some("http" | "ws") => (Scheme::HTTP, false),
        _ => return Err(Error::url(url)),
    };
    let authority = url.authority().ok_or_else(|| Error::url(url))?;
    // A name and a password are nobody else's business (RFC 9110, section 4.2.4).
    let (_, place) = authority
        .as_str()
        .rsplit_once('@')
        .unwrap_or(("", authority.as_str()));
    let authority = place.parse().map_err(|_| Error::url(place))?;
    Ok((Origin { scheme, authority }, tls))
}

/// The host as names and addresses are looked up: an IPv6 address without its brackets.
fn host(authority: &Authority) -> &str {
    authority.host().trim_matches(['[', ']'])
}

/// A TCP connection, whom it leads to, and how long the steps to it took.
async fn connect_tcp(
    origin: &Origin,
    tls: bool,
    deadline: &Deadline,
) -> Result<(TcpStream, SocketAddr, Times), Error> {
    let begin = Instant::now();
    let host = host(&origin.authority);
    let port = origin
        .authority
        .port_u16()
        .unwrap_or(if tls { 443 } else { 80 });
    let addresses = deadline
        .within(Step::Resolve, tokio::net::lookup_host((host, port)))
        .await?
        .map_err(|source| Error::Resolve {
            host: host.to_owned(),
            source,
        })?;
    let addresses: Vec<_> = addresses.collect();
    let resolve = begin.elapsed();
    let connect = async |address| {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let remote = tcp.peer_addr()?;
        Ok((tcp, remote))
    };
    let (tcp, remote) = deadline
        .within(Step::Connect, connect_first(addresses, connect))
        .await?
        .map_err(|source| Error::Connect {
            host: format!("{host}:{port}"),
            source,
        })?;
    let times = Times {
        resolve,
        connect: begin.elapsed().saturating_sub(resolve),
        tls: None,
    };
    Ok((tcp, remote, times))
}

/// A stream over TLS, whether HTTP/2 was agreed on, and what else was.
async fn connect_tls(
    tcp: ByteStream,
    origin: &Origin,
    options: &Options,
    versions: Versions,
    deadline: &Deadline,
) -> Result<(ByteStream, bool, TlsDetails), Error> {
    let host = host(&origin.authority);
    let unable = |source| Error::Tls {
        host: host.to_owned(),
        source,
    };
    let mut config = tls::client_config(&options.trust, versions.alpn())
        .map_err(|error| unable(std::io::Error::other(error)))?;
    if let Some(key_log) = &options.key_log {
        config.key_log = key_log.clone();
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Error::url(host))?;
    let handshake = TlsConnector::from(Arc::new(config)).connect(name, tcp);
    let stream = match deadline.within(Step::Tls, handshake).await? {
        Ok(stream) => stream,
        Err(error) if is_alpn_refusal(&error) => return Err(versions.no_alpn()),
        Err(error) => return Err(unable(error)),
    };
    let http2 = match (stream.get_ref().1.alpn_protocol(), versions) {
        (Some(ALPN_HTTP2), _) => true,
        (None, Versions::Http2) => return Err(versions.no_alpn()),
        _ => false,
    };
    let details = TlsDetails::of(stream.get_ref().1);
    Ok((ByteStream::new(stream), http2, details))
}

fn is_alpn_refusal(error: &std::io::Error) -> bool {
    let alert = rustls::Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol);
    error
        .get_ref()
        .and_then(|error| error.downcast_ref::<rustls::Error>())
        .is_some_and(|error| *error == alert)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_no_part_of_the_origin() {
        let (origin, tls) = origin(&"https://user:p@w@host:1/".parse().unwrap()).unwrap();
        assert_eq!((origin.authority.as_str(), tls), ("host:1", true));
    }

    /// Whether a connection with these options has a tap around it.
    fn is_watched(options: &Options) -> bool {
        let io = ByteStream::new(tokio::io::duplex(1).0);
        let place = io.place();
        options.watch(io).place() != place
    }

    #[test]
    fn a_connection_has_a_tap_only_while_somebody_watches_its_frames() {
        let mut options = Options::new(Trust::Anyone);
        assert!(!is_watched(&options));
        options.debug = "http2debug=1".parse().unwrap();
        assert!(is_watched(&options));
        options.debug = Switches::default();
        options.observer = Some(FrameObserver::new(|_, _| {}));
        assert!(is_watched(&options));
    }
}
