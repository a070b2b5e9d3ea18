//! Streams over HTTP/2 that end in ways of its own.

use bytes::Bytes;
use h2::Reason;

use super::*;
use crate::http::Versions;

/// How a server ends a stream in the middle of an event.
#[derive(Clone, Copy)]
enum End {
    ResetStream,
    GoAway,
}

/// Answers one connection after the other: the first ones with events up to the middle of one and these
/// ends, the last one with 204; and yields what each was asked to resume after.
async fn serve_http2(ends: &'static [End]) -> (Uri, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (ids, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for end in ends.iter().copied().map(Some).chain([None]) {
            let (io, _) = listener.accept().await.unwrap();
            let mut connection = h2::server::handshake(io).await.unwrap();
            let (request, mut respond) = connection.accept().await.unwrap().unwrap();
            let id = request.headers().get("last-event-id");
            let id = id.map_or("", |id| id.to_str().unwrap()).to_owned();
            ids.send(id.clone()).unwrap();
            let Some(end) = end else {
                let status = StatusCode::NO_CONTENT;
                let response = ::http::Response::builder().status(status).body(()).unwrap();
                respond.send_response(response, true).unwrap();
                while connection.accept().await.is_some() {}
                return;
            };
            let response = ::http::Response::builder().header("content-type", "text/event-stream");
            let response = response.body(()).unwrap();
            let mut body = respond.send_response(response, false).unwrap();
            let next = id.parse().unwrap_or(0) + 1;
            let text = format!("retry: 1\nid: {next}\ndata: {next}\n\ndata: unfini");
            body.send_data(Bytes::from(text), false).unwrap();
            // Being polled once, the connection writes what was said; then comes the end.
            tokio::select! {
                biased;
                _ = connection.accept() => {}
                () = std::future::ready(()) => {}
            }
            match end {
                End::ResetStream => body.send_reset(Reason::INTERNAL_ERROR),
                End::GoAway => connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM),
            }
            while connection.accept().await.is_some() {}
        }
    });
    (url.parse().unwrap(), receiver)
}

#[tokio::test]
async fn a_stream_that_is_reset_or_sent_away_in_an_event_resumes_after_the_last_whole_one() {
    let (url, mut ids) = serve_http2(&[End::ResetStream, End::GoAway]).await;
    let http = Options {
        versions: Versions::Http2,
        ..Options::new(Trust::Anyone)
    };
    let mut stream = EventStream::new(url, http, ReadOptions::default());
    for data in ["1", "2"] {
        assert_eq!(next_data(&mut stream).await.as_deref(), Some(data));
        let change = stream.next_change().await.unwrap();
        assert!(
            matches!(
                change,
                Some(Change::Lost {
                    loss: Loss::Failed(Error::Protocol(_)),
                    ..
                })
            ),
            "{change:?}"
        );
    }
    assert_eq!(next_data(&mut stream).await, None);
    for id in ["", "1", "2"] {
        assert_eq!(ids.recv().await.unwrap(), id);
    }
}
