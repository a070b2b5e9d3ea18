//! The addresses and the name by which others reach this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses of documentation (RFC 5737, RFC 3849): a route to them is the route to anywhere.
const ANYWHERE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// The most addresses that are told and certified: some machines have one for each of a thousand containers.
const MAX_ADDRESSES: usize = 32;

/// The longest label of a name in DNS, in bytes (RFC 1035, section 2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// The longest name, without the dot of the root.
const MAX_NAME_BYTES: usize = 253;

/// The machine as others see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Its host name, if it can be one in a URL.
    pub(crate) host_name: Option<String>,
    /// Addresses of its networks, those by which it reaches others first: without loopback, and without
    /// IPv6 addresses of one link, which no URL can hold.
    pub(crate) addresses: Vec<IpAddr>,
}

impl Machine {
    /// This machine, now. What the system does not tell is left out.
    pub(crate) fn this() -> Self {
        let host_name = hostname::get().ok();
        let host_name = host_name.and_then(|name| name_in_url(&name.to_string_lossy()).ok());
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let found = interfaces.iter().map(if_addrs::Interface::ip);
        let addresses = ANYWHERE.into_iter().filter_map(source_address).chain(found);
        let mut addresses = reachable(addresses);
        addresses.truncate(MAX_ADDRESSES);
        Self {
            host_name,
            addresses,
        }
    }

    /// The addresses at which others reach a server that listens on `bound`. None for a server that this
    /// machine alone reaches.
    pub(crate) fn reached_at(&self, bound: &[SocketAddr]) -> Vec<IpAddr> {
        let addresses = bound.iter().flat_map(|address| match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => {
                let v4 = self.addresses.iter().filter(|ip| ip.is_ipv4());
                v4.copied().collect()
            }
            IpAddr::V6(ip) if ip.is_unspecified() => self.addresses.clone(),
            ip => vec![ip],
        });
        reachable(addresses)
    }
}

/// A host as it stands in a URL: a name in lower case and ASCII, or an address without brackets.
///
/// # Errors
/// A sentence that says what to write.
pub(crate) fn name_in_url(text: &str) -> Result<String, String> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(ip.to_string());
    }
    let wrong = || {
        format!(
            "`{text}` is no name or address of a host; write one without a scheme and a port, such as \
             chat.example.org or 192.0.2.7"
        )
    };
    match url::Host::parse(text) {
        Ok(url::Host::Domain(name)) => {
            // The dot of the root (RFC 1034, section 3.1) is in no certificate.
            let name = name.strip_suffix('.').unwrap_or(&name);
            is_host_name(name)
                .then(|| name.to_owned())
                .ok_or_else(wrong)
        }
        Ok(url::Host::Ipv6(ip)) => Ok(ip.to_string()),
        // A number that a browser takes for an address, such as `1`, is meant as something else.
        _ => Err(wrong()),
    }
}

/// `true` for a name that DNS has for hosts (RFC 1123, section 2.1), for those with underscores, which networks at
/// home have, and for all names of a domain, as in `*.example.org`: clients take no such pattern of a top-level domain.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let has_bytes = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=MAX_LABEL_BYTES).contains(&label.len())
            && label.bytes().all(has_bytes)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let domain = name
        .strip_prefix("*.")
        .filter(|domain| domain.contains('.'));
    name.len() <= MAX_NAME_BYTES && domain.unwrap_or(name).split('.').all(is_label)
}

/// Those addresses that others can use, without doubles.
fn reachable(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut kept = Vec::new();
    for address in addresses.map(|ip| ip.to_canonical()) {
        let is_of_one_link = match address {
            IpAddr::V4(_) => false,
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        };
        let is_used = !address.is_loopback() && !address.is_unspecified() && !is_of_one_link;
        if is_used && !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}

/// The address from which this machine reaches another one. Nothing is sent for that.
fn source_address(to: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match to {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // The port of the discard service (RFC 863).
    socket.connect((to, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn reached_at(bound: &[&str]) -> Vec<IpAddr> {
        let machine = Machine {
            host_name: None,
            addresses: ips(&["192.168.1.5", "2001:db8::5"]),
        };
        let bound: Vec<_> = bound.iter().map(|text| text.parse().unwrap()).collect();
        machine.reached_at(&bound)
    }

    #[test]
    fn a_server_on_all_addresses_is_reached_at_those_of_its_family() {
        assert_eq!(reached_at(&["0.0.0.0:1"]), ips(&["192.168.1.5"]));
        assert_eq!(
            reached_at(&["[::]:1"]),
            ips(&["192.168.1.5", "2001:db8::5"])
        );
    }

    #[test]
    fn a_server_on_one_address_is_reached_there_alone() {
        assert_eq!(reached_at(&["192.0.2.7:1"]), ips(&["192.0.2.7"]));
        assert!(reached_at(&["127.0.0.1:1", "[::1]:1"]).is_empty());
    }

    #[test]
    fn addresses_that_no_url_holds_and_doubles_are_left_out() {
        let found = ips(&[
            "127.0.0.1",
            "::1",
            "fe80::1",
            "10.0.0.1",
            "::ffff:10.0.0.1",
            "fd00::1",
            "10.0.0.1",
        ]);
        assert_eq!(reachable(found.into_iter()), ips(&["10.0.0.1", "fd00::1"]));
    }

    #[test]
    fn a_name_is_written_as_in_a_url() {
        for (text, name) in [
            ("Chat.Example.org", "chat.example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:DB8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("*.example.org", "*.example.org"),
            ("chat.lan.", "chat.lan"),
            ("my_host", "my_host"),
            (&"a".repeat(63), &"a".repeat(63)),
        ] {
            assert_eq!(name_in_url(text).as_deref(), Ok(name));
        }
        for text in [
            "",
            ".",
            "https://a",
            "a:8443",
            "a b",
            "a/b",
            "1",
            "*",
            "*.lan",
            "*.*.example.org",
            "x..y",
            "-a",
            "a-",
            "a..",
            &"a".repeat(64),
            &"a.".repeat(128),
        ] {
            let error = name_in_url(text).unwrap_err();
            assert!(error.contains("such as chat.example.org"), "{error}");
        }
    }
}
