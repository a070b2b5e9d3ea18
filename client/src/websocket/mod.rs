//! WebSockets over HTTP/1.1 (RFC 6455) and HTTP/2 (RFC 8441).

use ::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version, header};
use roomcast_websocket::handshake::{self, RandomnessUnavailable};
use roomcast_websocket::{Config, Role};

use crate::http::problem::{self, because};
use crate::http::redirect::{self, TooManyRedirects, Trail};
use crate::http::{ByteStream, Connection, Error, Options, Upgrade, Versions};

/// The protocol's name in `Upgrade` and `:protocol`.
const WEBSOCKET: &str = "websocket";

/// A WebSocket at the client's end.
pub type WebSocket = roomcast_websocket::WebSocket<ByteStream>;

/// What to ask for besides the WebSocket.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Limits and timeouts.
    pub config: Config,
    /// Header fields of the request, such as `Origin`.
    pub headers: HeaderMap,
    /// The subprotocols to offer, the best first.
    pub protocols: Vec<String>,
    /// Whether [`open`] goes where a redirect leads. Browsers do not; RFC 6455, section 4.1, allows it.
    pub follow_redirects: bool,
}

/// A WebSocket that was opened.
#[derive(Debug)]
pub struct Opened {
    /// It.
    pub socket: WebSocket,
    /// The head of the response that opened it.
    pub response: Response<()>,
    /// The address that answered, after redirects.
    pub url: Uri,
    /// The version of HTTP that carries it.
    pub version: Version,
    /// The subprotocol that the server chose.
    pub protocol: Option<String>,
}

/// Why a WebSocket was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The connection was not opened or failed.
    #[error(transparent)]
    Http(#[from] Error),
    /// The server answered something else.
    #[error(
        "the server opens no WebSocket here: it answered {status}{}{}",
        to(.redirect.as_ref()),
        because(.detail.as_ref())
    )]
    Refused {
        /// Its status.
        status: StatusCode,
        /// Why, in the server's words.
        detail: Option<String>,
        /// Where it sends the client instead.
        redirect: Option<Uri>,
    },
    /// The server sends the client from one address to the next.
    #[error(transparent)]
    Redirects(#[from] TooManyRedirects),
    /// The server's answer does not fit the request.
    #[error("the server's {field} does not fit the request")]
    Handshake {
        /// The header field at fault.
        field: &'static str,
    },
    /// There are no random numbers to make a key of.
    #[error(transparent)]
    Key(#[from] RandomnessUnavailable),
}

/// Opens a WebSocket on a connection of its own. `ws` and `wss` are understood like `http` and
/// `https`. When both versions of HTTP are allowed, a server that opens no WebSockets over HTTP/2
/// is asked over HTTP/1.1. Redirects are followed if the options say so; secrets among the header
/// fields stay with their origin.
///
/// # Errors
/// [`OpenError`] says which step failed.
pub async fn open(url: &Uri, http: &Options, options: &OpenOptions) -> Result<Opened, OpenError> {
    let mut trail = Trail::new(url.clone());
    let mut options = options.clone();
    loop {
        match open_at(trail.url(), http, &options).await {
            Err(OpenError::Refused {
                redirect: Some(next),
                ..
            }) if options.follow_redirects => trail.follow(next, &mut options.headers)?,
            result => return result,
        }
    }
}

async fn open_at(url: &Uri, http: &Options, options: &OpenOptions) -> Result<Opened, OpenError> {
    let mut connection = Connection::open(url, http).await?;
    match open_on(&mut connection, url, options).await {
        Err(OpenError::Http(Error::NoExtendedConnect)) if http.versions == Versions::Both => {
            let http1 = Options {
                versions: Versions::Http1,
                ..http.clone()
            };
            let mut connection = Connection::open(url, &http1).await?;
            open_on(&mut connection, url, options).await
        }
        result => result,
    }
}

/// Opens a WebSocket on a connection that is open, which on HTTP/1.1 it then has for itself.
///
/// # Errors
/// [`OpenError`] says which step failed.
pub async fn open_on(
    connection: &mut Connection,
    url: &Uri,
    options: &OpenOptions,
) -> Result<Opened, OpenError> {
    let version = connection.version();
    let key = match version {
        Version::HTTP_2 => None,
        _ => Some(handshake::generate_key()?),
    };
    let request = request(url, key.as_deref(), options)?;
    let (response, stream) = match connection.upgrade(request, WEBSOCKET).await? {
        Upgrade::Accepted(response, stream) => (response, stream),
        Upgrade::Refused(response) => {
            let status = response.status();
            let redirect = redirect::web_socket_target(url, &response);
            return Err(OpenError::Refused {
                status,
                detail: problem::detail(response).await,
                redirect,
            });
        }
    };
    if let Some(key) = key {
        check_upgrade(response.headers())?;
        check_accept(response.headers(), &key)?;
    }
    // None are offered here.
    if response
        .headers()
        .contains_key(header::SEC_WEBSOCKET_EXTENSIONS)
    {
        return Err(OpenError::Handshake {
            field: "Sec-WebSocket-Extensions",
        });
    }
    let protocol = chosen_protocol(response.headers(), &options.protocols)?;
    Ok(Opened {
        socket: WebSocket::new(stream, Role::Client, options.config),
        response,
        url: url.clone(),
        version,
        protocol,
    })
}

fn request(url: &Uri, key: Option<&str>, options: &OpenOptions) -> Result<Request<()>, OpenError> {
    let mut request = Request::new(());
    *request.uri_mut() = url.clone();
    let headers = request.headers_mut();
    headers.clone_from(&options.headers);
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static(handshake::VERSION),
    );
    if let Some(key) = key {
        let key = HeaderValue::try_from(key).map_err(Error::protocol)?;
        headers.insert(header::SEC_WEBSOCKET_KEY, key);
    }
    if !options.protocols.is_empty() {
        let protocols =
            HeaderValue::try_from(options.protocols.join(", ")).map_err(Error::protocol)?;
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocols);
    }
    Ok(request)
}

/// Where a redirect leads that is not followed.
fn to(redirect: Option<&Uri>) -> String {
    redirect.map_or_else(String::new, |url| format!(" to {url}"))
}

/// The fields that HTTP/1.1 leaves itself by (RFC 6455, section 4.1).
fn check_upgrade(headers: &HeaderMap) -> Result<(), OpenError> {
    for (field, name, token) in [
        ("Upgrade", header::UPGRADE, WEBSOCKET),
        ("Connection", header::CONNECTION, "upgrade"),
    ] {
        let values = headers.get_all(name).iter();
        let mut tokens = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        if !tokens.any(|found| found.trim().eq_ignore_ascii_case(token)) {
            return Err(OpenError::Handshake { field });
        }
    }
    Ok(())
}

fn check_accept(headers: &HeaderMap, key: &str) -> Result<(), OpenError> {
    let expected = handshake::accept_key(key.as_bytes());
    match headers.get(header::SEC_WEBSOCKET_ACCEPT) {
        Some(accept) if *accept == expected => Ok(()),
        _ => Err(OpenError::Handshake {
            field: "Sec-WebSocket-Accept",
        }),
    }
}

fn chosen_protocol(headers: &HeaderMap, offered: &[String]) -> Result<Option<String>, OpenError> {
    let Some(chosen) = headers.get(header::SEC_WEBSOCKET_PROTOCOL) else {
        return Ok(None);
    };
    let offered = offered.iter().find(|offered| chosen == offered.as_str());
    offered.cloned().map(Some).ok_or(OpenError::Handshake {
        field: "Sec-WebSocket-Protocol",
    })
}

#[cfg(test)]
mod tests;
