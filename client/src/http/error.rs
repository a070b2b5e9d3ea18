//! Which step failed, and how.

use std::io;
use std::time::Duration;

use ::http::Version;
use roomcast_shared::io_reason::{io_reason, without_os_codes};
use rustls::{AlertDescription, InvalidMessage};

use super::body::BoxError;
use super::connect::Step;
use super::happy_eyeballs::ConnectFailures;
use super::heard::Answer;
use super::tls_reason::tls_reason;

/// How rustls begins to say that a connection ended without an end of TLS.
const RUSTLS_CUT: &str = "peer closed connection without sending TLS close_notify";

/// Why a connection was not opened or a request not answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none that can be asked.
    #[error("{url} is no address of a server; write http://… or https://…")]
    Url {
        /// What was given.
        url: String,
    },
    /// The name of the server has no address.
    #[error("the name {host} was not found: {}", io_reason(source))]
    Resolve {
        /// The name.
        host: String,
        /// What the system says.
        source: io::Error,
    },
    /// No address of the server took a connection.
    #[error("no connection to {host}: {source}")]
    Connect {
        /// Name and port.
        host: String,
        /// What the system says about each address that was tried.
        source: ConnectFailures,
    },
    /// The TLS handshake failed.
    #[error("no TLS with {host}: {}", tls_reason(source))]
    Tls {
        /// The name.
        host: String,
        /// Why, for example which certificate is not trusted.
        source: io::Error,
    },
    /// TLS stands, and the server speaks no version of HTTP that was asked for.
    #[error(
        "the server does not speak the version of HTTP that was asked for: ALPN took nothing of what was \
         offered ({offered})"
    )]
    Alpn {
        /// The names of the protocols that were offered, joined by commas.
        offered: String,
    },
    /// The server does not speak the version of HTTP in which it was asked, as its first bytes say.
    #[error("{}", not_spoken(*.version, *.answer))]
    NotSpoken {
        /// The version in which it was asked.
        version: Version,
        /// How it answered.
        answer: Answer,
    },
    /// HTTP/2 was asked for although a switch says to do without.
    #[error(
        "HTTP/2 is switched off by http2client=0 in ROOMCAST_DEBUG, and nothing else was asked for"
    )]
    Http2SwitchedOff,
    /// The connection or the request failed.
    #[error("HTTP failed: {}", with_causes(.0.as_ref()))]
    Protocol(#[source] BoxError),
    /// The server announces its answer again and again.
    #[error("the server sends informational responses (1xx) without an end and no answer")]
    TooManyInformational,
    /// The server does not allow extended CONNECT (RFC 8441) on HTTP/2.
    #[error("the server opens no WebSockets over HTTP/2; ask over HTTP/1.1")]
    NoExtendedConnect,
    /// The connection stands, and the server says nothing on it.
    #[error("the server did not answer the request within {after:?}")]
    NoAnswer {
        /// The time that was given.
        after: Duration,
    },
    /// A step took too long.
    #[error("no answer after {after:?} while the client had to {step}")]
    Timeout {
        /// What was being done.
        step: Step,
        /// The time that was given.
        after: Duration,
    },
}

impl Error {
    /// Whether trying again is no use: the address, the certificate or the server's versions of
    /// HTTP or TLS would have to change first.
    pub fn is_lasting(&self) -> bool {
        matches!(
            self,
            Self::Url { .. } | Self::Alpn { .. } | Self::NoExtendedConnect | Self::Http2SwitchedOff
        ) || self.is_untrusted_certificate()
            || self.tls_error().is_some_and(is_lasting_tls)
    }

    /// Whether the server's certificate is the reason.
    pub fn is_untrusted_certificate(&self) -> bool {
        matches!(self.tls_error(), Some(rustls::Error::InvalidCertificate(_)))
    }

    /// Whether the server does not speak the version of HTTP that was asked for, or seems not to: others
    /// may do.
    pub fn is_version_not_spoken(&self) -> bool {
        matches!(self, Self::Alpn { .. } | Self::NotSpoken { .. })
    }

    /// What rustls says, if it is the one who failed.
    fn tls_error(&self) -> Option<&rustls::Error> {
        let Self::Tls { source, .. } = self else {
            return None;
        };
        source.get_ref()?.downcast_ref()
    }

    pub(crate) fn url(url: &(impl ToString + ?Sized)) -> Self {
        Self::Url {
            url: url.to_string(),
        }
    }

    pub(crate) fn protocol(error: impl Into<BoxError>) -> Self {
        Self::Protocol(error.into())
    }
}

/// Whether the other side speaks no TLS, or none that both know.
fn is_lasting_tls(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion
        ) | rustls::Error::PeerIncompatible(_)
            | rustls::Error::General(_)
            | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
    )
}

/// What a server's first bytes say, and what to try instead.
fn not_spoken(version: Version, answer: Answer) -> String {
    let (version, other) = match version {
        Version::HTTP_2 => ("HTTP/2", "HTTP/1.1 (--http1)"),
        _ => ("HTTP/1.1", "HTTP/2 (--http2)"),
    };
    match answer {
        Answer::Nothing => format!(
            "HTTP failed: the server ended the connection without an answer; maybe it does not speak \
             {version}: try {other}"
        ),
        Answer::Http1 | Answer::Http2 | Answer::Other => {
            format!("HTTP failed: the server does not speak {version}; try {other}")
        }
        Answer::Tls => "HTTP failed: the server speaks TLS on this port; write https://".to_owned(),
    }
}

/// An error and what led to it, as far as each of them says something new.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = http2_end(error).unwrap_or_else(|| error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = http2_end(error).unwrap_or_else(|| error.to_string());
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    match text.split_once(RUSTLS_CUT) {
        // What follows is an address for programmers.
        Some((before, _)) => format!("{before}the connection was cut without a TLS close_notify"),
        None => without_os_codes(&text).into_owned(),
    }
}

/// A GOAWAY frame of the server in words: h2 shows its debug data (RFC 9113, section 6.8) as a literal of Rust.
fn http2_end(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let error = error.downcast_ref::<h2::Error>()?;
    if !error.is_go_away() || !error.is_remote() {
        return None;
    }
    let reason = error.reason()?;
    // `h2::Error` tells the debug data in its text alone: `…(b"this port…")`.
    let shown = error.to_string();
    let data = shown
        .split_once("(b\"")
        .and_then(|(_, rest)| rest.strip_suffix("\")"));
    Some(match data {
        Some(data) if !data.is_empty() => {
            format!("the server ended the connection: {data} ({reason})")
        }
        _ => format!("the server ended the connection: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    use rustls::PeerIncompatible;

    use super::*;

    #[test]
    fn a_server_that_speaks_no_tls_of_ours_is_not_asked_again_and_one_that_broke_off_is() {
        let is_lasting = |source| {
            let host = "host".to_owned();
            Error::Tls { host, source }.is_lasting()
        };
        for error in [
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType),
            PeerIncompatible::ServerDoesNotSupportTls12Or13.into(),
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
        ] {
            assert!(is_lasting(io::Error::other(error.clone())), "{error}");
        }
        assert!(!is_lasting(io::ErrorKind::UnexpectedEof.into()));
        let alert = rustls::Error::AlertReceived(AlertDescription::InternalError);
        assert!(!is_lasting(io::Error::other(alert)));
    }

    #[test]
    fn no_sentence_has_the_number_of_an_error_of_the_system() {
        let of_the_system = || io::Error::from_raw_os_error(104);
        for error in [
            Error::Resolve {
                host: "host".to_owned(),
                source: of_the_system(),
            },
            Error::Tls {
                host: "host".to_owned(),
                source: of_the_system(),
            },
            Error::Tls {
                host: "host".to_owned(),
                source: io::Error::from_raw_os_error(110),
            },
            Error::protocol(of_the_system()),
            Error::protocol(io::Error::other(of_the_system())),
        ] {
            assert!(!error.to_string().contains("os error"), "{error}");
        }
    }

    #[test]
    fn a_connection_that_was_cut_is_told_without_an_address_of_a_manual() {
        let cut = "peer closed connection without sending TLS close_notify: \
            https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof";
        let source = io::Error::new(io::ErrorKind::UnexpectedEof, cut);
        assert_eq!(
            Error::protocol(source).to_string(),
            "HTTP failed: the connection was cut without a TLS close_notify"
        );
    }
}
