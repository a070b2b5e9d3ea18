//! Text that goes to many connections, written without a queue where that can be.

use std::future::poll_fn;
use std::task::Poll;

use super::*;
use crate::frame::EncodedFrames;

fn frames(texts: &[&str]) -> EncodedFrames {
    let mut bytes = BytesMut::new();
    for text in texts {
        EncodedFrames::put_text(&mut bytes, text);
    }
    EncodedFrames::new(bytes.freeze())
}

async fn write_through(socket: &mut WebSocket<DuplexStream>, frames: &EncodedFrames) {
    poll_fn(|cx| Poll::Ready(socket.write_through(cx, frames)))
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_the_stream_takes_at_once_is_queued_nowhere() {
    let (mut peer, mut server) = server_with_raw_peer(4096);
    let frames = frames(&["one", "two"]);
    write_through(&mut server, &frames).await;
    assert_eq!(server.heap_bytes(), 0);
    server.flush().await.unwrap();
    assert!(server.is_idle());
    let mut bytes = vec![0; frames.as_bytes().len()];
    peer.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes, frames.as_bytes()[..]);
}

#[tokio::test(start_paused = true)]
async fn what_the_stream_does_not_take_follows_in_order() {
    for pipe_bytes in 1..20 {
        let (mut client, mut server) = pair(pipe_bytes);
        let server = tokio::spawn(async move {
            for texts in [["a", "longer than the pipe"], ["b", "c"]] {
                write_through(&mut server, &frames(&texts)).await;
                assert!(!server.is_idle());
            }
            server.recv().await
        });
        for expected in ["a", "longer than the pipe", "b", "c"] {
            let message = client.recv().await.unwrap();
            assert_eq!(message, Some(Message::Text(expected.into())));
        }
        client.close(CloseCode::NORMAL, "").await.unwrap();
        assert_eq!(server.await.unwrap().unwrap(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_masks_what_it_writes_through() {
    let (mut client, mut server) = pair(4096);
    write_through(&mut client, &frames(&["masked"])).await;
    client.flush().await.unwrap();
    let message = server.recv().await.unwrap();
    assert_eq!(message, Some(Message::Text("masked".into())));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_closes_is_not_idle() {
    let (mut peer, mut server) = server_with_raw_peer(4096);
    assert!(server.is_idle());
    peer.write_all(&client_frame(0x88, b"")).await.unwrap();
    assert_eq!(server.recv().await.unwrap(), None);
    assert!(!server.is_idle());
}
