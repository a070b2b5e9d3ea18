//! The addresses of the server as people open them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::config::Config;
use crate::config::listen::ListenHost;
use crate::network::Machine;

/// Where to point a browser on this machine.
pub(crate) fn own_url(config: &Config, address: SocketAddr) -> String {
    let scheme = if config.plain { "http" } else { "https" };
    let path = config.base_path.join("/");
    let port = address.port();
    match &config.listen.host {
        ListenHost::Name(name) if !name.contains(':') => format!("{scheme}://{name}:{port}{path}"),
        _ if is_localhost(address.ip()) || address.ip().is_unspecified() => {
            format!("{scheme}://localhost:{port}{path}")
        }
        _ => format!("{scheme}://{address}{path}"),
    }
}

/// `true` for the two addresses that every machine has for `localhost`. Loopback has more, which are no others' names.
fn is_localhost(ip: IpAddr) -> bool {
    ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST
}

/// The addresses that others can open, those with names first. None if this machine alone reaches the server.
pub(crate) fn others_open(config: &Config, machine: &Machine, bound: &[SocketAddr]) -> Vec<String> {
    let scheme = if config.plain { "http" } else { "https" };
    let reached = machine.reached_at(bound);
    if reached.is_empty() {
        return Vec::new();
    }
    let port = bound[0].port();
    let is_default = port == if config.plain { 80 } else { 443 };
    let port = if is_default {
        String::new()
    } else {
        format!(":{port}")
    };
    let names = config.names.iter().filter(|name| !name.contains('*'));
    let names = names.map(|name| match name.parse() {
        Ok(ip) => host_of(ip),
        Err(_) => name.clone(),
    });
    let mut urls = Vec::new();
    for host in names.chain(reached.into_iter().map(host_of)) {
        let url = format!("{scheme}://{host}{port}{}/", config.base_path.as_str());
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// An address as a URL has it.
fn host_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(listen: &str, bound: &str, choose: impl FnOnce(&mut Config)) -> Vec<String> {
        let mut config = Config {
            listen: listen.parse().unwrap(),
            ..Config::default()
        };
        choose(&mut config);
        let machine = Machine {
            host_name: None,
            addresses: vec![[192, 168, 1, 5].into(), "2001:db8::5".parse().unwrap()],
        };
        others_open(&config, &machine, &[bound.parse().unwrap()])
    }

    #[test]
    fn this_machine_reaches_its_server_by_the_name_it_knows() {
        for (listen, bound, url) in [
            (":8443", "[::]:8443", "https://localhost:8443/"),
            ("8443", "127.0.0.1:8443", "https://localhost:8443/"),
            ("[::1]:8443", "[::1]:8443", "https://localhost:8443/"),
            ("127.0.0.2:0", "127.0.0.2:1", "https://127.0.0.2:1/"),
            ("192.0.2.7:0", "192.0.2.7:1", "https://192.0.2.7:1/"),
            (
                "[2001:db8::7]:0",
                "[2001:db8::7]:1",
                "https://[2001:db8::7]:1/",
            ),
            ("chat.lan:1", "192.0.2.7:1", "https://chat.lan:1/"),
        ] {
            let mut config = Config {
                listen: listen.parse().unwrap(),
                ..Config::default()
            };
            let bound = bound.parse().unwrap();
            assert_eq!(own_url(&config, bound), url);
            config.base_path = "/chat".parse().unwrap();
            assert_eq!(own_url(&config, bound), format!("{url}chat/"));
        }
    }

    #[test]
    fn others_open_each_address_and_names_before_them() {
        assert_eq!(
            others(":8443", "[::]:8443", |_| {}),
            ["https://192.168.1.5:8443/", "https://[2001:db8::5]:8443/"]
        );
        let named = |config: &mut Config| {
            config.names = ["chat.lan", "*.example.org", "192.168.1.5"]
                .map(str::to_owned)
                .to_vec();
        };
        assert_eq!(
            others(":443", "0.0.0.0:443", named),
            ["https://chat.lan/", "https://192.168.1.5/"]
        );
        assert_eq!(
            others(":80", "0.0.0.0:80", |config| config.plain = true),
            ["http://192.168.1.5/"]
        );
        let under_chat = |config: &mut Config| config.base_path = "/chat".parse().unwrap();
        assert_eq!(
            others(":443", "0.0.0.0:443", under_chat),
            ["https://192.168.1.5/chat/"]
        );
    }

    #[test]
    fn nobody_else_opens_a_server_on_loopback() {
        let named = |config: &mut Config| config.names = vec!["chat.lan".to_owned()];
        assert!(others("8443", "127.0.0.1:8443", named).is_empty());
    }
}
