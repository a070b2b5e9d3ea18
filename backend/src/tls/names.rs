//! The names and addresses that a certificate for this machine is for.

use std::net::{IpAddr, SocketAddr};

use super::self_signed::NAMES;
use crate::config::listen::{ListenAddress, ListenHost};
use crate::network::{Machine, name_in_url};

/// Names and addresses without doubles: those of the machine for itself, those that the operator `gave`, the
/// host name, and those of `listen`, which is bound to `bound`.
pub(crate) fn wanted_names(
    given: &[String],
    machine: &Machine,
    listen: &ListenAddress,
    bound: &[SocketAddr],
) -> Vec<String> {
    let own = NAMES.map(str::to_owned).into_iter();
    let listen_name = match &listen.host {
        ListenHost::Name(name) => name_in_url(name).ok(),
        ListenHost::All | ListenHost::Ip(_) => None,
    };
    // Loopback has more addresses than the two that everybody uses.
    let loopback = bound.iter().map(SocketAddr::ip).filter(IpAddr::is_loopback);
    let reached = machine.reached_at(bound).into_iter().chain(loopback);
    let mut names = Vec::new();
    for name in own
        .chain(given.iter().cloned())
        .chain(machine.host_name.clone())
        .chain(listen_name)
        .chain(reached.map(|ip| ip.to_string()))
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(listen: &str, bound: &str, given: &[&str]) -> Vec<String> {
        let machine = Machine {
            host_name: Some("laptop".to_owned()),
            addresses: vec![[192, 168, 1, 5].into(), "2001:db8::5".parse().unwrap()],
        };
        let given: Vec<_> = given.iter().map(|name| (*name).to_owned()).collect();
        let bound = [bound.parse().unwrap()];
        wanted_names(&given, &machine, &listen.parse().unwrap(), &bound)
    }

    #[test]
    fn a_server_of_this_machine_alone_is_for_it_and_its_host_name() {
        let expected = ["localhost", "127.0.0.1", "::1", "laptop"];
        assert_eq!(names("8443", "127.0.0.1:8443", &[]), expected);
        let names = names("127.0.0.2:1", "127.0.0.2:1", &["localhost", "chat.lan"]);
        let expected = [
            "localhost",
            "127.0.0.1",
            "::1",
            "chat.lan",
            "laptop",
            "127.0.0.2",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_server_on_all_addresses_is_for_each_of_them() {
        let names = names(":1", "[::]:1", &[]);
        assert_eq!(names[4..], ["192.168.1.5", "2001:db8::5"]);
    }

    #[test]
    fn the_name_to_listen_on_is_among_them() {
        let names = names("Chat.lan:1", "192.168.1.5:1", &[]);
        assert_eq!(names[4..], ["chat.lan", "192.168.1.5"]);
    }
}
