//! The options about connections that all clients share.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use roomcast_client::http::{Options, Trust, Versions};
use roomcast_http2_debug::Switches;
use rustls::RootCertStore;

use crate::address::Address;
use crate::failure::Failure;
use crate::key_log;

const INSECURE: &str = "\
Accept any certificate, also one that nobody vouches for, such as Roomcast's own on a new machine. Trusted \
otherwise are the authorities of the system, or those in the file that SSL_CERT_FILE names";

/// How to connect.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ConnectionOptions {
    /// Accept any certificate.
    #[arg(long, short = 'k', help = INSECURE)]
    pub insecure: bool,

    /// Speak HTTP/1.1 only. Without --http1 and --http2 the server chooses, and most choose HTTP/2.
    #[arg(long, conflicts_with = "http2")]
    pub http1: bool,

    /// Speak HTTP/2 only; to an http:// address without asking first (prior knowledge).
    #[arg(long)]
    pub http2: bool,

    /// Switches for debugging, joined by commas: http2client=0 does without HTTP/2, http2debug=1
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
}

/// Header fields of the request.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct HeaderOptions {
    /// A header field to send, as 'Name: value'; may be given several times. It replaces what is sent
    /// by default, such as User-Agent; Host names the server also over HTTP/2.
    #[arg(long = "header", short = 'H', value_name = "FIELD", value_parser = parse_field)]
    pub fields: Vec<(HeaderName, HeaderValue)>,
}

impl ConnectionOptions {
    /// The client's options, with the system's certificate authorities unless any will do.
    ///
    /// # Errors
    /// [`Failure::Remote`] when the system has no certificate authorities although TLS is needed.
    pub fn client_options(&self, needs_tls: bool) -> Result<Options, Failure> {
        let trust = if self.insecure {
            Trust::Anyone
        } else {
            Trust::Roots(Arc::new(roots(needs_tls)?))
        };
        let versions = match (self.http1, self.http2) {
            (true, _) => Versions::Http1,
            (false, true) => Versions::Http2,
            (false, false) => Versions::Both,
        };
        Ok(Options {
            key_log: key_log::from_environment()?,
            versions,
            debug: self.debug,
            ..Options::new(trust)
        })
    }
}

impl HeaderOptions {
    /// The fields in their order for the origin of an address, with the credentials in it unless a field
    /// has others.
    pub fn map_for(&self, address: &Address) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in &self.fields {
            map.append(name.clone(), value.clone());
        }
        if let Some(authorization) = &address.authorization {
            map.entry(header::AUTHORIZATION)
                .or_insert_with(|| authorization.clone());
        }
        map
    }
}

/// Whether the way to an address is over TLS.
pub fn needs_tls(url: &Uri) -> bool {
    matches!(url.scheme_str(), Some("https" | "wss"))
}

/// The roots of the system. Whoever needs none is not stopped by their lack, unless a redirect leads
/// to where they are needed.
fn roots(needs_tls: bool) -> Result<RootCertStore, Failure> {
    let roots = system_roots();
    if needs_tls {
        return roots;
    }
    Ok(roots.unwrap_or_else(|_| RootCertStore::empty()))
}

fn system_roots() -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found
            .errors
            .first()
            .map_or_else(String::new, |error| format!(": {error}"));
        let variable = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
            .into_iter()
            .find(|name| std::env::var_os(name).is_some());
        return Err(Failure::Remote(match variable {
            Some(name) => format!(
                "the environment variable {name} names no certificate authorities to trust{why}; correct it, \
                 unset it, or give --insecure"
            ),
            None => format!(
                "this system has no certificate authorities to trust{why}; install ca-certificates, or give \
                 --insecure"
            ),
        }));
    }
    Ok(roots)
}

fn parse_field(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("write it as 'Name: value', with a colon")?;
    let name = name
        .trim()
        .parse::<HeaderName>()
        .map_err(|_| format!("'{name}' is no name of a header field"))?;
    let value = HeaderValue::from_str(value.trim())
        .map_err(|_| "its value has characters that no header field may have".to_owned())?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_an_address_are_sent_unless_a_field_has_others() {
        let address = crate::address::parse("https://ada:secret@host/").unwrap();
        let mut options = HeaderOptions::default();
        let map = options.map_for(&address);
        assert_eq!(map[header::AUTHORIZATION], "Basic YWRhOnNlY3JldA==");
        let mine = HeaderValue::from_static("Bearer mine");
        options.fields.push((header::AUTHORIZATION, mine));
        let map = options.map_for(&address);
        assert_eq!(map.get_all(header::AUTHORIZATION).iter().count(), 1);
        assert_eq!(map[header::AUTHORIZATION], "Bearer mine");
    }

    #[test]
    fn a_field_is_a_name_a_colon_and_a_value() {
        let (name, value) = parse_field("X-Name:  Ada: again ").unwrap();
        assert_eq!(name, "x-name");
        assert_eq!(value, "Ada: again");
        assert!(parse_field("no colon").is_err());
        assert!(parse_field("no name: x").is_err());
        assert!(parse_field("x: a\nb").is_err());
    }
}
