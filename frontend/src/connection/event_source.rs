//! An event stream of the browser, heard as one row of signs.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_util::Stream as _;
use gloo_net::eventsource::EventSourceError;
use gloo_net::eventsource::futures::{EventSource as Source, EventSourceSubscription};
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

/// What an event stream says.
#[derive(Debug)]
pub enum Sign {
    /// The server has answered.
    Opened,
    /// An event of the kind that was asked for has arrived, with this data.
    Event(String),
    /// It cannot be read, or has come to its end.
    Broken,
}

/// An event stream that is open for as long as it is held.
pub struct EventSource {
    /// While it is there, signs are heard. It goes first of the fields: closing the source tells its
    /// subscriptions of an error.
    _is_held: Rc<()>,
    _source: Source,
}

impl EventSource {
    /// Opens the stream at `url` and hears its events of one kind; `None` where that is no address.
    pub fn open(url: &str, kind: &'static str, hear: impl Fn(Sign) + 'static) -> Option<Self> {
        let mut source = Source::new(url).ok()?;
        // In this order: the events that came before the end of the stream are heard before it. The
        // subscription to `error` hears also of the errors after which the browser would try again by
        // itself, but all clients at the same time after a server's restart, and without saying so.
        let mut subscriptions = [
            source.subscribe("open").ok()?,
            source.subscribe(kind).ok()?,
            source.subscribe("error").ok()?,
        ];
        let is_held = Rc::new(());
        let holder = Rc::downgrade(&is_held);
        spawn_local(async move {
            loop {
                let sign = std::future::poll_fn(|cx| next(&mut subscriptions, cx)).await;
                if holder.strong_count() == 0 {
                    break;
                }
                hear(sign);
            }
        });
        Some(Self {
            _is_held: is_held,
            _source: source,
        })
    }
}

/// The next sign of the first subscription that has one.
fn next(subscriptions: &mut [EventSourceSubscription], cx: &mut Context<'_>) -> Poll<Sign> {
    for subscription in subscriptions {
        if let Poll::Ready(heard) = Pin::new(subscription).poll_next(cx) {
            return Poll::Ready(sign(heard));
        }
    }
    Poll::Pending
}

fn sign(heard: Option<Result<(String, MessageEvent), EventSourceError>>) -> Sign {
    let Some(Ok((kind, event))) = heard else {
        return Sign::Broken;
    };
    match kind.as_str() {
        "open" => Sign::Opened,
        "error" => Sign::Broken,
        _ => event.data().as_string().map_or(Sign::Broken, Sign::Event),
    }
}
