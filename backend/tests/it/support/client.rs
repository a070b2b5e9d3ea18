//! An HTTP/2 client of h2's, for tests that ask what is said and not how it is framed.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::Poll;

use bytes::Bytes;
use h2::client::{Builder, PushedResponseFuture, ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{Request, Response};

use super::{tls, within};

/// One connection.
pub(crate) struct Client {
    requests: SendRequest<Bytes>,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) head: Response<()>,
    pub(crate) body: Vec<u8>,
}

impl Whole {
    pub(crate) fn status(&self) -> u16 {
        self.head.status().as_u16()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        Some(self.head.headers().get(name)?.to_str().unwrap())
    }
}

impl Client {
    /// Connects and takes no pushes, as browsers do.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, Builder::new().enable_push(false)).await
    }

    /// Connects with settings of one's own.
    pub(crate) async fn connect_with(address: SocketAddr, builder: &Builder) -> Self {
        let io = tls::connect(address, tls::H2).await;
        let (requests, connection) = within("HTTP/2", builder.handshake(io)).await.unwrap();
        // Its failure shows in the requests.
        tokio::spawn(async move { drop(connection.await) });
        let requests = within("a free stream", requests.ready()).await.unwrap();
        Self { requests }
    }

    /// Sends the head of a request, and waits for nothing.
    pub(crate) async fn begin(
        &mut self,
        request: Request<()>,
        ends: bool,
    ) -> (ResponseFuture, SendStream<Bytes>) {
        let ready = within("a free stream", self.requests.clone().ready()).await;
        self.requests = ready.unwrap();
        self.requests.send_request(request, ends).unwrap()
    }

    /// Sends a GET with these fields and reads the whole response.
    pub(crate) async fn get(&mut self, path: &str, fields: &[(&str, &str)]) -> Whole {
        let (response, _) = self.begin(get(path, fields), true).await;
        whole(response).await
    }

    /// Sends a POST with a body and reads the whole response.
    pub(crate) async fn post(&mut self, path: &str, body: &[u8]) -> Whole {
        let mut request = get(path, &[]);
        *request.method_mut() = http::Method::POST;
        let (response, mut stream) = self.begin(request, false).await;
        // h2 keeps what the window does not take yet.
        stream
            .send_data(Bytes::copy_from_slice(body), true)
            .unwrap();
        whole(response).await
    }
}

/// Gets a path from a client that takes pushes; also what was pushed, by path.
pub(crate) async fn get_with_pushes(
    address: SocketAddr,
    path: &str,
    fields: &[(&str, &str)],
) -> (Whole, Vec<(String, Whole)>) {
    // Windows for everything at once: what is pushed is read one after the other.
    let mut settings = Builder::new();
    settings
        .initial_window_size(1_000_000)
        .initial_connection_window_size(10_000_000);
    let mut client = Client::connect_with(address, &settings).await;
    let (mut response, _) = client.begin(get(path, fields), true).await;
    let mut promises = response.push_promises();
    let page = whole(response).await;
    let mut pushed = Vec::new();
    while let Some(promise) = within("a promise", promises.push_promise()).await {
        let (request, response) = promise.unwrap().into_parts();
        assert_eq!(request.method(), http::Method::GET);
        assert_eq!(request.uri().authority().unwrap(), "localhost");
        let path = request.uri().path().to_owned();
        pushed.push((path, whole_pushed(response).await));
    }
    (page, pushed)
}

/// Reads one 103 and the response after it; the links of the 103.
pub(crate) async fn get_with_hints(address: SocketAddr, path: &str) -> (Whole, Vec<String>) {
    let mut client = Client::connect(address).await;
    let (mut response, _) = client.begin(get(path, &[]), true).await;
    let hint = informational(&mut response).await.unwrap();
    assert_eq!(hint.status(), 103);
    let links = hint.headers().get_all("link").iter();
    let links = links
        .map(|link| link.to_str().unwrap().to_owned())
        .collect();
    assert!(informational(&mut response).await.is_none());
    (whole(response).await, links)
}

/// A GET with these fields.
pub(crate) fn get(path: &str, fields: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::get(format!("https://localhost{path}"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

/// Reads a response to its end.
pub(crate) async fn whole(response: ResponseFuture) -> Whole {
    let response = within("a response", response).await.unwrap();
    read(response).await
}

/// Reads a pushed response to its end.
pub(crate) async fn whole_pushed(response: PushedResponseFuture) -> Whole {
    let response = within("a pushed response", response).await.unwrap();
    read(response).await
}

async fn read(response: Response<RecvStream>) -> Whole {
    let (head, mut stream) = response.into_parts();
    let mut body = Vec::new();
    while let Some(data) = within("data", stream.data()).await {
        let data = data.unwrap();
        stream.flow_control().release_capacity(data.len()).unwrap();
        body.extend_from_slice(&data);
    }
    Whole {
        head: Response::from_parts(head, ()),
        body,
    }
}

/// The next interim response; `None` when the final one comes first.
pub(crate) async fn informational(response: &mut ResponseFuture) -> Option<Response<()>> {
    let interim = poll_fn(|cx| match response.poll_informational(cx) {
        Poll::Ready(interim) => Poll::Ready(interim),
        Poll::Pending => Poll::Pending,
    });
    within("a response", interim).await.transpose().unwrap()
}
