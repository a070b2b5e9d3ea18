//! The driver over a pipe instead of a socket: what is left of a connection when it ends, and what
//! a client can make it hold.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task;

use axum::Router;
use axum::body::Body;
use axum::extract::Request as RouterRequest;
use axum::response::Response;
use axum::routing::get;
use h2::RecvStream;
use h2::client::{self, ResponseFuture, SendRequest};
use http_body::Frame;
use tokio::task::JoinHandle;

use super::push::{PushError, Pusher};
use super::*;
use crate::shutdown::Shutdown;

/// For what must come; no test asserts how fast it does.
const PATIENCE: Duration = Duration::from_mins(1);

/// The field in which a page says how many of its promises were refused.
const REFUSED: &str = "refused-pushes";

fn context(router: Router) -> Context {
    Context {
        router,
        remote: ([127, 0, 0, 1], 1).into(),
        limits: Arc::new(Limits::default()),
        shutdown: Shutdown::new(),
    }
}

/// A client of h2's. Aborting its task ends the connection without a word.
struct Client {
    requests: SendRequest<Bytes>,
    connection: JoinHandle<()>,
}

impl Client {
    async fn connect(context: &Context, settings: &client::Builder) -> Self {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        tokio::spawn(serve(ours, context.clone(), uri::Scheme::HTTPS));
        let (requests, connection) = settings.handshake(theirs).await.unwrap();
        let connection = tokio::spawn(async move { drop(connection.await) });
        Self {
            requests,
            connection,
        }
    }

    async fn begin(&self) -> ResponseFuture {
        let mut requests = self.requests.clone().ready().await.unwrap();
        let request = Request::get("https://localhost/").body(()).unwrap();
        requests.send_request(request, true).unwrap().0
    }

    /// How many promises the page says were refused. Takes what is pushed with it.
    async fn refused_pushes(&self) -> String {
        let mut response = self.begin().await;
        let mut promises = response.push_promises();
        let refused = refused(&response.await.unwrap());
        while let Some(promise) = promises.push_promise().await {
            let (_, response) = promise.unwrap().into_parts();
            assert_eq!(text(response.await.unwrap().into_body()).await, "a file");
        }
        refused
    }
}

fn refused(page: &http::Response<RecvStream>) -> String {
    page.headers()[REFUSED].to_str().unwrap().to_owned()
}

async fn text(mut stream: RecvStream) -> String {
    let mut text = Vec::new();
    while let Some(data) = timeout(PATIENCE, stream.data()).await.unwrap() {
        let data = data.unwrap();
        stream.flow_control().release_capacity(data.len()).unwrap();
        text.extend_from_slice(&data);
    }
    String::from_utf8(text).unwrap()
}

/// A page that promises so many files, others each time, and says how many of them were refused.
fn page_with_pushes(count: usize) -> Router {
    let files = Arc::new(AtomicUsize::new(0));
    let page = async move |request: RouterRequest| {
        let pusher = request.extensions().get::<Pusher>().unwrap();
        let results = (0..count).map(|_| {
            let number = files.fetch_add(1, Ordering::Relaxed);
            pusher.push(&format!("/file?{number}"))
        });
        let refused = results.filter(|result| {
            matches!(
                result,
                Err(PushError::TooMany {
                    max: defaults::MAX_OUTSTANDING_PUSHES
                })
            )
        });
        [(REFUSED, refused.count().to_string())]
    };
    Router::new()
        .route("/", get(page))
        .route("/file", get(async || "a file"))
}

#[tokio::test]
async fn no_task_is_left_of_a_connection_that_ends_while_its_page_is_made() {
    let page = async |request: RouterRequest| -> Response {
        let pusher = request.extensions().get::<Pusher>().unwrap();
        pusher.push("/file").unwrap();
        std::future::pending().await
    };
    let router = Router::new().route("/", get(page));
    let context = context(router.route("/file", get(async || "a file")));
    for _ in 0..100 {
        let client = Client::connect(&context, &client::Builder::new()).await;
        let mut response = client.begin().await;
        let promise = response.push_promises().push_promise().await;
        assert!(promise.unwrap().is_ok());
        client.connection.abort();
    }
    let all_ended = async {
        // Each task of a connection holds its limits.
        while Arc::strong_count(&context.limits) > 1 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, all_ended).await.unwrap();
}

#[tokio::test]
async fn a_client_that_takes_no_push_is_promised_so_many_and_no_more() {
    let context = context(page_with_pushes(defaults::MAX_OUTSTANDING_PUSHES + 1));
    let no_window = client::Builder::new().initial_window_size(0).clone();
    let client = Client::connect(&context, &no_window).await;
    let mut first = client.begin().await;
    // Dropped, they would be refused.
    let _promises = first.push_promises();
    assert_eq!(refused(&first.await.unwrap()), "1");
    let second = client.begin().await.await.unwrap();
    let all = (defaults::MAX_OUTSTANDING_PUSHES + 1).to_string();
    assert_eq!(refused(&second), all);
}

#[tokio::test]
async fn a_client_that_takes_its_pushes_is_promised_more_for_ever() {
    let context = context(page_with_pushes(defaults::MAX_OUTSTANDING_PUSHES));
    let client = Client::connect(&context, &client::Builder::new()).await;
    for _ in 0..3 {
        assert_eq!(client.refused_pushes().await, "0");
    }
}

#[tokio::test]
async fn pages_that_push_at_the_same_time_promise_one_after_the_other() {
    for _ in 0..20 {
        let context = context(page_with_pushes(3));
        let client = Client::connect(&context, &client::Builder::new()).await;
        let pages = [
            client.begin().await,
            client.begin().await,
            client.begin().await,
        ];
        // Promised streams whose numbers fall would be an error of the connection.
        for page in pages {
            assert_eq!(page.await.unwrap().status(), 200);
        }
        assert_eq!(client.begin().await.await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_file_is_promised_once_on_a_connection() {
    let page = async |request: RouterRequest| {
        let pusher = request.extensions().get::<Pusher>().unwrap();
        let again = matches!(pusher.push("/file"), Err(PushError::Already));
        [(REFUSED, again.to_string())]
    };
    let router = Router::new().route("/", get(page));
    let context = context(router.route("/file", get(async || "a file")));
    for _ in 0..2 {
        let client = Client::connect(&context, &client::Builder::new()).await;
        assert_eq!(client.refused_pushes().await, "false");
        assert_eq!(client.refused_pushes().await, "true");
    }
}

/// A body of parts that knows its end only together with the last one.
struct Parts(VecDeque<&'static str>);

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let part = self.0.pop_front();
        task::Poll::Ready(part.map(|part| Ok(Frame::data(Bytes::from(part)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

#[tokio::test]
async fn a_body_whose_last_part_is_empty_ends_its_stream() {
    for parts in [&["whole"][..], &["in ", "parts"], &["ends ", ""], &[""]] {
        let page = async move || Response::new(Body::new(Parts(parts.iter().copied().collect())));
        let context = context(Router::new().route("/", get(page)));
        let client = Client::connect(&context, &client::Builder::new()).await;
        let response = client.begin().await.await.unwrap();
        assert_eq!(text(response.into_body()).await, parts.concat());
    }
}
