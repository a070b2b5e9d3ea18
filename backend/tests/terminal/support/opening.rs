//! The opening handshake of a WebSocket, by hand.

use roomcast_websocket::handshake;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// The head of a request with its letters as they are.
pub(crate) async fn raw_head(io: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// The accept key that is right for a request.
pub(crate) fn accept_key(head: &str) -> String {
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("sec-websocket-key: "))
        .unwrap();
    handshake::accept_key(key.as_bytes())
}

/// The response that opens a WebSocket.
pub(crate) fn switching_protocols(accept: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\n\r\n"
    )
}
