//! Why a TLS handshake failed, in plain words.

use std::fmt::Write as _;
use std::io;
use std::time::{Duration, SystemTime};

use roomcast_shared::io_reason::io_reason;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

/// How many names of a certificate are listed.
const MAX_NAMES: usize = 5;

/// One clause about the server, such as 'its certificate ended on …'.
pub(super) fn tls_reason(error: &io::Error) -> String {
    let source = error.get_ref();
    match source.and_then(|error| error.downcast_ref::<Error>()) {
        Some(error) => reason(error),
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                "it closed the connection in the middle of the handshake".to_owned()
            }
            io::ErrorKind::ConnectionReset => {
                "it broke the connection off in the middle of the handshake".to_owned()
            }
            _ => io_reason(error),
        },
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate_reason(error),
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => "it does not speak TLS; maybe its address begins with http://".to_owned(),
        Error::PeerIncompatible(why) => {
            format!("it speaks no version or cipher suite of TLS that is still safe ({why:?})")
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "it asks for a client certificate, and this client has none to show".to_owned()
        }
        Error::AlertReceived(alert) => format!("it refused with the alert {alert:?}"),
        // What this client itself has to say.
        Error::General(why) => why.clone(),
        error => error.to_string(),
    }
}

fn certificate_reason(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired => "its certificate has ended".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("its certificate ended on {}", date(*not_after))
        }
        CertificateError::NotValidYet => "its certificate has not begun yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("its certificate begins only on {}", date(*not_before))
        }
        CertificateError::NotValidForName => "its certificate is for another name".to_owned(),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "its certificate is for {} and not for {}",
            names(presented),
            expected.to_str()
        ),
        CertificateError::UnknownIssuer => "nobody that this system trusts vouches for its \
            certificate: it is self-signed or of an unknown authority"
            .to_owned(),
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        // The form of the certificates that most guides tell people to make for themselves.
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is self-signed, as an authority's".to_owned()
        }
        error => format!("its certificate is not valid ({error:?})"),
    }
}

/// Names as rustls writes them, such as `DnsName("localhost")`, without their kind.
fn names(presented: &[String]) -> String {
    if presented.is_empty() {
        return "no name".to_owned();
    }
    let name = |name: &String| match name.split_once(['"', '(']) {
        Some((_, name)) => name.trim_matches(['"', '(', ')']).to_owned(),
        None => name.clone(),
    };
    let shown = presented.iter().take(MAX_NAMES).map(name);
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = presented.len().checked_sub(MAX_NAMES) {
        // Writing to a string cannot fail.
        let _ = write!(text, " and {more} more");
    }
    text
}

fn date(time: UnixTime) -> String {
    match SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs())) {
        // Beyond the year 9999 there is no such date.
        Some(time) if time.elapsed().is_ok() || is_near(time) => httpdate::fmt_http_date(time),
        _ => "a day very far away".to_owned(),
    }
}

/// Within a century from now.
fn is_near(time: SystemTime) -> bool {
    let now = SystemTime::now();
    time.duration_since(now)
        .is_ok_and(|wait| wait < Duration::from_hours(100 * 365 * 24))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    }

    #[test]
    fn dates_and_names_are_told() {
        let expired = CertificateError::ExpiredContext {
            time: at(2),
            not_after: at(1),
        };
        assert_eq!(
            certificate_reason(&expired),
            "its certificate ended on Thu, 01 Jan 1970 00:00:01 GMT"
        );
        let far = CertificateError::NotValidYetContext {
            time: at(2),
            not_before: at(u64::MAX),
        };
        assert_eq!(
            certificate_reason(&far),
            "its certificate begins only on a day very far away"
        );
        let name = CertificateError::NotValidForNameContext {
            expected: "example.com".try_into().unwrap(),
            presented: (0..7)
                .map(|n| format!("DnsName(\"{n}.example\")"))
                .collect(),
        };
        assert_eq!(
            certificate_reason(&name),
            "its certificate is for 0.example, 1.example, 2.example, 3.example, 4.example and 2 more \
             and not for example.com"
        );
    }

    #[test]
    fn what_is_no_error_of_tls_is_told_as_well() {
        let closed = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert!(tls_reason(&closed).contains("closed the connection"));
        let message = Error::InvalidMessage(InvalidMessage::InvalidContentType);
        assert!(tls_reason(&io::Error::other(message)).contains("does not speak TLS"));
    }
}
