//! The sockets on which connections come in: one for each address of `--listen`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use roomcast_shared::io_reason::io_reason;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use crate::config::listen::{ListenAddress, ListenHost};

/// Connections that the system accepts while the server is busy.
const BACKLOG: i32 = 1024;

/// How often a free port is looked for that all addresses of a name have.
const FREE_PORT_ATTEMPTS: usize = 10;

/// The reason why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The name has no address.
    #[error(
        "cannot listen on {listen}: its name was not found ({}); write a name that this machine knows, or an \
         address",
        io_reason(source)
    )]
    Resolve {
        /// The option's value.
        listen: ListenAddress,
        /// What the system says.
        source: io::Error,
    },
    /// The system refuses an address.
    #[error("cannot listen on {address}: {}", reason(listen, source))]
    Bind {
        /// The option's value.
        listen: ListenAddress,
        /// The address that is refused.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// The reason why the system refuses an address, and what to do.
fn reason(listen: &ListenAddress, source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::AddrInUse => format!(
            "another program listens there already; end it, or choose another port with --listen, such as {}",
            another(listen)
        ),
        io::ErrorKind::PermissionDenied => format!(
            "this user may not listen there, as ports below 1024 are reserved; choose a higher one with --listen, \
             or allow the program to: setcap cap_net_bind_service=+ep {}",
            std::env::current_exe()
                .map_or_else(|_| "roomcast".to_owned(), |path| path.display().to_string())
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "this machine does not have that address; choose one that it has, or all with --listen :{}",
            listen.port
        ),
        _ => format!(
            "{}; choose another address with --listen",
            io_reason(source)
        ),
    }
}

/// The same host with a free port, as an option.
fn another(listen: &ListenAddress) -> String {
    let free = ListenAddress {
        port: 0,
        ..listen.clone()
    };
    format!("--listen {free} for a free one")
}

/// Sockets that listen. Never empty.
#[derive(Debug)]
pub(crate) struct ListenSockets {
    sockets: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
    /// The socket that is asked first the next time, so that a busy one does not keep the others waiting.
    first: AtomicUsize,
}

impl ListenSockets {
    /// Listens on every address that is meant, all with the same port.
    ///
    /// # Errors
    /// [`ListenError`] says which address is refused and what to do.
    pub(crate) async fn bind(listen: &ListenAddress) -> Result<Self, ListenError> {
        let mut attempts_left = FREE_PORT_ATTEMPTS;
        loop {
            attempts_left -= 1;
            match Self::bind_once(listen).await {
                // A free port of one address may be taken at another.
                Err(ListenError::Bind { source, .. })
                    if listen.port == 0
                        && source.kind() == io::ErrorKind::AddrInUse
                        && attempts_left > 0 => {}
                bound => return bound,
            }
        }
    }

    async fn bind_once(listen: &ListenAddress) -> Result<Self, ListenError> {
        let mut sockets = Vec::new();
        let mut port = listen.port;
        let mut refused = None;
        for mut address in addresses(listen).await? {
            address.set_port(port);
            match listen_on(address) {
                Ok((socket, address)) => {
                    port = address.port();
                    sockets.push((socket, address));
                    if listen.host == ListenHost::All {
                        // The first of them takes both families.
                        break;
                    }
                }
                // `localhost` has an IPv6 address also where the system has no IPv6.
                Err(source) if is_lacking(&source) => refused = Some((address, source)),
                Err(source) => return Err(ListenError::bind(listen, address, source)),
            }
        }
        match refused {
            Some((address, source)) if sockets.is_empty() => {
                Err(ListenError::bind(listen, address, source))
            }
            _ => {
                let (sockets, addresses) = sockets.into_iter().unzip();
                Ok(Self {
                    sockets,
                    addresses,
                    first: AtomicUsize::new(0),
                })
            }
        }
    }

    /// The addresses, with the port that they really have. Never empty.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The next connection, and who opened it: an IPv4 address as one, also on a socket of IPv6.
    ///
    /// # Errors
    /// What the system says.
    ///
    /// # Cancel safety
    /// Safe.
    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, remote) = std::future::poll_fn(|cx| {
            let first = self.first.load(Ordering::Relaxed);
            for nth in 0..self.sockets.len() {
                let index = (first + nth) % self.sockets.len();
                if let Poll::Ready(accepted) = self.sockets[index].poll_accept(cx) {
                    self.first.store(index + 1, Ordering::Relaxed);
                    return Poll::Ready(accepted);
                }
            }
            Poll::Pending
        })
        .await?;
        Ok((
            stream,
            SocketAddr::new(remote.ip().to_canonical(), remote.port()),
        ))
    }
}

impl ListenError {
    fn bind(listen: &ListenAddress, address: SocketAddr, source: io::Error) -> Self {
        Self::Bind {
            listen: listen.clone(),
            address,
            source,
        }
    }
}

/// Whether the machine lacks the address or its whole family.
fn is_lacking(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
    )
}

/// The addresses that are meant, without doubles. Never empty.
async fn addresses(listen: &ListenAddress) -> Result<Vec<SocketAddr>, ListenError> {
    let port = listen.port;
    let with_port = |ip| SocketAddr::new(ip, port);
    let name = match &listen.host {
        ListenHost::All => {
            let all: [IpAddr; 2] = [Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()];
            return Ok(all.map(with_port).to_vec());
        }
        ListenHost::Ip(ip) => return Ok(vec![with_port(*ip)]),
        ListenHost::Name(name) => name,
    };
    let unknown = |source| ListenError::Resolve {
        listen: listen.clone(),
        source,
    };
    let found = tokio::net::lookup_host((name.as_str(), port)).await;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found.map_err(unknown)? {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(unknown(io::ErrorKind::NotFound.into()));
    }
    Ok(addresses)
}

/// Listens on one address. The unspecified one of IPv6 takes IPv4 as well, whatever the system's default.
fn listen_on(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    // A server that starts again does not wait for connections of the one before it to be forgotten.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let socket = TcpListener::from_std(socket.into())?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn bind(text: &str) -> Result<ListenSockets, ListenError> {
        ListenSockets::bind(&text.parse().unwrap()).await
    }

    /// Connects to a server that listens on `listen`; the address that it sees.
    async fn seen(sockets: &ListenSockets, to: &str) -> IpAddr {
        let to = SocketAddr::new(to.parse().unwrap(), sockets.addresses()[0].port());
        let (connected, accepted) = tokio::join!(TcpStream::connect(to), sockets.accept());
        connected.unwrap();
        accepted.unwrap().1.ip()
    }

    #[tokio::test]
    async fn a_port_alone_takes_connections_of_both_families() {
        let sockets = bind(":0").await.unwrap();
        let v4: IpAddr = Ipv4Addr::LOCALHOST.into();
        assert_eq!(seen(&sockets, "127.0.0.1").await, v4);
        if sockets.addresses()[0].is_ipv6() && TcpListener::bind("[::1]:0").await.is_ok() {
            let v6: IpAddr = Ipv6Addr::LOCALHOST.into();
            assert_eq!(seen(&sockets, "::1").await, v6);
        }
    }

    #[tokio::test]
    async fn a_name_is_listened_on_at_each_of_its_addresses_with_one_port() {
        let sockets = bind("localhost:0").await.unwrap();
        let port = sockets.addresses()[0].port();
        assert!(port != 0);
        for address in sockets.addresses() {
            assert!(address.ip().is_loopback() && address.port() == port);
            let ip = address.ip().to_string();
            assert_eq!(seen(&sockets, &ip).await, address.ip());
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_called_so_and_another_one_is_offered() {
        let taken = bind("127.0.0.1:0").await.unwrap();
        let listen = taken.addresses()[0].to_string();
        let error = bind(&listen).await.unwrap_err().to_string();
        let start = format!("cannot listen on {listen}: another program listens there already");
        assert!(error.starts_with(&start), "{error}");
        assert!(
            error.ends_with("such as --listen 127.0.0.1:0 for a free one"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_called_so() {
        let error = bind("192.0.2.1:8443").await.unwrap_err().to_string();
        assert!(error.contains("does not have that address"), "{error}");
        assert!(error.contains("--listen :8443"), "{error}");
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_called_so() {
        let error = bind("nobody.invalid:8443").await.unwrap_err().to_string();
        assert!(error.contains("its name was not found"), "{error}");
        assert!(!error.contains("os error"), "{error}");
    }
}
