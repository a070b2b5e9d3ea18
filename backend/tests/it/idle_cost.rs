//! What somebody who does nothing costs: a measurement, printed by
//! `cargo test --test it idle_cost -- --ignored --nocapture`, best with `--release`.

use crate::support::frame::{Frame, request};
use crate::support::peer::Peer;
use crate::support::process::ServerProcess;
use crate::support::web_socket::{self, Road};

const COUNT: u64 = 500;

fn print(what: &str, server: &ServerProcess, before: u64) {
    let kib = server.resident_kib().saturating_sub(before);
    println!("{what}: {} bytes each", kib * 1024 / COUNT);
}

#[tokio::test]
#[ignore = "a measurement, not a promise"]
async fn of_connections_streams_and_web_sockets() {
    let server = ServerProcess::start(&["--max-concurrent-streams", "1000"]).await;
    drop(Peer::connect(server.address).await);

    let before = server.resident_kib();
    let mut peers = vec![];
    for _ in 0..COUNT {
        peers.push(Peer::connect(server.address).await);
    }
    print("idle HTTP/2 connections over TLS", &server, before);

    let mut fields = request("CONNECT", "/api/echo").to_vec();
    fields.extend([(":protocol", "websocket"), ("sec-websocket-version", "13")]);
    let before = server.resident_kib();
    for peer in &mut peers {
        peer.send(Frame::headers(1, 0, &fields)).await;
        peer.expect_response(1).await;
    }
    print("WebSockets, one on each of them", &server, before);

    let mut one = Peer::connect(server.address).await;
    let before = server.resident_kib();
    for number in 0..u32::try_from(COUNT).unwrap() {
        one.send(Frame::headers(2 * number + 1, 0, &fields)).await;
        one.expect_response(2 * number + 1).await;
    }
    print("WebSockets, all on one connection", &server, before);

    let mut one = Peer::connect(server.address).await;
    let before = server.resident_kib();
    for number in 0..u32::try_from(COUNT).unwrap() {
        one.send(Frame::post(2 * number + 1, "/api/echo")).await;
    }
    one.expect_alive().await;
    print("open requests on one connection", &server, before);

    let before = server.resident_kib();
    let mut sockets = vec![];
    for _ in 0..COUNT {
        sockets.push(web_socket::open_raw(server.address, Road::Http1).await);
    }
    print("WebSockets over HTTP/1.1 and TLS", &server, before);
}
