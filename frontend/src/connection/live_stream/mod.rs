//! An event stream that comes back: drives the state machine with the browser's `EventSource`,
//! timers and events.

mod refusal;
mod watch;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::window;

use super::event_source::{EventSource, Sign};
use super::liveness::Liveness;
use super::{Action, Connection, Input, State};
use crate::dom::{after, is_in_sight, listen, milliseconds};

/// One stream, whose connections follow each other. It is there as long as the page.
#[derive(Clone)]
pub struct LiveStream(Rc<Driver>);

/// What a stream is for.
pub trait Reader {
    /// The kind of its events.
    fn kind(&self) -> &'static str;

    /// The address of the next connection.
    fn url(&self) -> String;

    /// Takes in an event, and says what it means: [`Input::Received`], [`Input::Completed`], or
    /// [`Input::Lost`] if it is of no use.
    fn receive(&self, stream: &LiveStream, data: &str) -> Input;

    /// How long the stream may rightly be silent between two events.
    fn interval(&self) -> Duration {
        Duration::ZERO
    }

    /// Shows where the connection stands.
    fn show(&self, state: State);

    /// Tells why there is no connection; empty when there is nothing to tell.
    fn tell(&self, why: String);
}

struct Driver {
    reader: Box<dyn Reader>,
    connection: RefCell<Connection>,
    source: RefCell<Option<EventSource>>,
    /// The timer that runs, or one that has run already.
    timer: Cell<i32>,
    /// Counts the times that a connection was opened, or was not to be open any more.
    attempt: Cell<u64>,
    liveness: Cell<Liveness>,
    /// The timer of the next look at it, or one that has run already.
    look: Cell<i32>,
}

impl LiveStream {
    /// Opens the stream of a reader.
    pub fn open(reader: impl Reader + 'static) -> Self {
        let stream = Self(Rc::new(Driver {
            reader: Box::new(reader),
            connection: RefCell::new(Connection::default()),
            source: RefCell::new(None),
            timer: Cell::new(0),
            attempt: Cell::new(0),
            liveness: Cell::default(),
            look: Cell::new(0),
        }));
        stream.listen();
        stream.handle(Input::Open);
        stream
    }

    /// Takes in what happened.
    pub fn handle(&self, input: Input) {
        let (before, action, state) = {
            let mut connection = self.0.connection.borrow_mut();
            let before = connection.state();
            let action = connection.handle(input, js_sys::Math::random());
            (before, action, connection.state())
        };
        if before != state {
            self.0.reader.show(state);
            if !matches!(state, State::Waiting | State::Reconnecting) {
                self.0.reader.tell(String::new());
            }
        }
        match action {
            Action::None => {}
            Action::Close => self.close(),
            Action::Open => self.connect(),
            Action::OpenAfter(wait) => {
                let stream = self.clone();
                self.after(wait, Box::new(move || stream.handle(Input::RetryDue)));
            }
        }
    }

    /// Connects anew, after the browser had a moment for everything else.
    pub fn connect_soon(&self) {
        let stream = self.clone();
        self.after(Duration::ZERO, Box::new(move || stream.connect()));
    }

    /// Listens for the moments at which a try is worth making at once, and at which a connection may be lost.
    fn listen(&self) {
        let stream = self.clone();
        listen(&window(), "online", Box::new(move |_| stream.wake()));
        let stream = self.clone();
        // A connection that is open stays so, silent, until somebody asks.
        let lose = move |_| stream.handle(Input::Lost);
        listen(&window(), "offline", Box::new(lose));
        let stream = self.clone();
        // It bubbles from the document.
        listen(
            &window(),
            "visibilitychange",
            Box::new(move |_| {
                if is_in_sight() {
                    stream.wake();
                }
            }),
        );
    }

    fn wake(&self) {
        self.handle(Input::Wake);
        self.watch(true);
    }

    fn after(&self, wait: Duration, act: Box<dyn FnOnce()>) {
        self.close();
        self.0.timer.set(after(milliseconds(wait), act));
    }

    fn close(&self) {
        window().clear_timeout_with_handle(self.0.timer.take());
        self.0.source.take();
        self.0.attempt.update(|attempt| attempt + 1);
        self.end_watch();
    }

    fn connect(&self) {
        self.close();
        let reader = &self.0.reader;
        let stream = self.clone();
        let hear = move |sign| stream.hear(&sign);
        // A source that was closed hears nothing more.
        match EventSource::open(&reader.url(), reader.kind(), hear) {
            Some(source) => {
                self.0.source.replace(Some(source));
                self.begin_watch();
            }
            None => self.handle(Input::Lost),
        }
    }

    fn hear(&self, sign: &Sign) {
        let input = match sign {
            Sign::Opened => return self.opened(),
            Sign::Broken => return self.broken(),
            Sign::Event(data) => self.0.reader.receive(self, data),
        };
        self.heard();
        self.handle(input);
    }

    fn opened(&self) {
        self.heard();
        self.handle(Input::Opened);
        // The next look was to come when opening would have taken too long.
        self.watch(false);
    }

    fn broken(&self) {
        let was_open = !matches!(self.0.liveness.get(), Liveness::Opening(_));
        self.handle(Input::Lost);
        if !was_open {
            self.ask_what_is_wrong();
        }
    }
}
