//! Where the server listens, as people write it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// An address to listen on: a host, all addresses of the machine, or this machine only, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// The host.
    pub host: ListenHost,
    /// The port; 0 takes a free one.
    pub port: u16,
}

/// The host of a [`ListenAddress`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenHost {
    /// All addresses of the machine, IPv6 and IPv4.
    All,
    /// One address, or all of one family if it is unspecified.
    Ip(IpAddr),
    /// All addresses that a name has, such as both of `localhost`.
    Name(String),
}

/// The reason why a text is no address to listen on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{reason}; write ADDRESS:PORT or a port, such as 127.0.0.1:8443, [::1]:8443, localhost:8443, :8443 (all \
     addresses) or 8443 (this machine only)"
)]
pub struct ListenAddressError {
    reason: Reason,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("it has no port")]
    NoPort,
    #[error("`{0}` is no port from 0 to 65535")]
    Port(String),
    #[error("`{0}` is no name or address of a host")]
    Host(String),
    #[error("an IPv6 address stands in brackets before its port")]
    Brackets,
    #[error("a server listens on an address without a scheme and a path")]
    Url,
}

impl From<Reason> for ListenAddressError {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: ListenHost::Ip(address.ip()),
            port: address.port(),
        }
    }
}

impl FromStr for ListenAddress {
    type Err = ListenAddressError;

    /// Reads `HOST:PORT`, `:PORT` (all addresses) or `PORT` (this machine only).
    fn from_str(text: &str) -> Result<Self, ListenAddressError> {
        let text = text.trim();
        if text.contains('/') {
            return Err(Reason::Url.into());
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self {
                host: ListenHost::Ip(Ipv4Addr::LOCALHOST.into()),
                port: port(text)?,
            });
        }
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(Reason::Brackets.into());
        }
        if text.starts_with(['+', '-']) {
            return Err(Reason::Port(text.to_owned()).into());
        }
        let (host, digits) = text.rsplit_once(':').ok_or(Reason::NoPort)?;
        if digits.is_empty() || text.ends_with(']') {
            return Err(Reason::NoPort.into());
        }
        Ok(Self {
            host: self::host(host)?,
            port: port(digits)?,
        })
    }
}

fn port(text: &str) -> Result<u16, Reason> {
    // A sign is no part of a port, though it is one of a number.
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::Port(text.to_owned()));
    }
    text.parse().map_err(|_| Reason::Port(text.to_owned()))
}

fn host(text: &str) -> Result<ListenHost, Reason> {
    if text.is_empty() || text == "*" {
        return Ok(ListenHost::All);
    }
    if let Ok(ip) = text.parse::<Ipv4Addr>() {
        return Ok(ListenHost::Ip(ip.into()));
    }
    let wrong = || Reason::Host(text.to_owned());
    if let Some(ip) = text.strip_prefix('[') {
        let ip = ip.strip_suffix(']').ok_or_else(wrong)?;
        let (address, zone) = ip.split_once('%').unwrap_or((ip, ""));
        let address = address.parse::<Ipv6Addr>().map_err(|_| wrong())?;
        return Ok(if zone.is_empty() {
            ListenHost::Ip(address.into())
        } else {
            // The system knows what its interfaces are called.
            ListenHost::Name(ip.to_owned())
        });
    }
    if text.contains(':') {
        return Err(Reason::Brackets);
    }
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
    // What has digits and dots alone is an address with a mistake in it, and never a name.
    let is_number = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_number || !text.chars().all(is_name) {
        return Err(wrong());
    }
    Ok(ListenHost::Name(text.to_owned()))
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.host {
            ListenHost::All => write!(f, ":{port}"),
            ListenHost::Ip(ip) => SocketAddr::new(*ip, port).fmt(f),
            ListenHost::Name(name) if name.contains(':') => write!(f, "[{name}]:{port}"),
            ListenHost::Name(name) => write!(f, "{name}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (ListenHost, u16) {
        let address: ListenAddress = text.parse().unwrap();
        (address.host, address.port)
    }

    fn ip(text: &str) -> ListenHost {
        ListenHost::Ip(text.parse().unwrap())
    }

    fn name(text: &str) -> ListenHost {
        ListenHost::Name(text.to_owned())
    }

    #[test]
    fn each_form_that_people_write_is_understood() {
        assert_eq!(read("127.0.0.1:8443"), (ip("127.0.0.1"), 8443));
        assert_eq!(read("0.0.0.0:0"), (ip("0.0.0.0"), 0));
        assert_eq!(read("[::1]:8443"), (ip("::1"), 8443));
        assert_eq!(read("[::]:8443"), (ip("::"), 8443));
        assert_eq!(read(":8443"), (ListenHost::All, 8443));
        assert_eq!(read("*:8443"), (ListenHost::All, 8443));
        assert_eq!(read("localhost:8443"), (name("localhost"), 8443));
        assert_eq!(
            read("chat.example.org:443"),
            (name("chat.example.org"), 443)
        );
        assert_eq!(read("[fe80::1%eth0]:8443"), (name("fe80::1%eth0"), 8443));
    }

    #[test]
    fn a_port_alone_stays_on_this_machine() {
        assert_eq!(read("8443"), (ip("127.0.0.1"), 8443));
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason_and_examples() {
        for (text, reason) in [
            ("banana", "it has no port"),
            ("", "it has no port"),
            ("localhost", "it has no port"),
            ("[::1]", "it has no port"),
            ("localhost:", "it has no port"),
            ("+8443", "`+8443` is no port"),
            (":", "it has no port"),
            ("99999", "`99999` is no port"),
            (":-1", "`-1` is no port"),
            (":+1", "`+1` is no port"),
            ("localhost:https", "`https` is no port"),
            ("::1", "in brackets"),
            ("::1:8443", "in brackets"),
            ("fe80::1%eth0:8443", "in brackets"),
            ("[::g]:8443", "`[::g]` is no name"),
            ("[::1:8443", "`[::1` is no name"),
            ("256.0.0.1:8443", "`256.0.0.1` is no name"),
            ("a b:8443", "`a b` is no name"),
            ("https://localhost:8443", "without a scheme"),
            ("localhost:8443/", "without a scheme"),
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err().to_string();
            assert!(
                error.starts_with(reason) || error.contains(reason),
                "{text}: {error}"
            );
            assert!(error.contains("such as 127.0.0.1:8443"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn an_address_that_was_read_is_shown_so_that_it_is_read_again(text in "[\\[\\]:a.%*0-9]{0,12}") {
            if let Ok(address) = text.parse::<ListenAddress>() {
                prop_assert_eq!(address.to_string().parse(), Ok(address));
            }
        }
    }
}
