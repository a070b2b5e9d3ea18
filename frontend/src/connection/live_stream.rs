//! An event stream that comes back: drives the state machine with the browser's `EventSource`,
//! timers and events.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::window;

use super::event_source::{EventSource, Sign};
use super::{Action, Connection, Input, State};
use crate::dom::{after, is_in_sight, listen};

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

    /// Shows where the connection stands.
    fn show(&self, state: State);
}

struct Driver {
    reader: Box<dyn Reader>,
    connection: RefCell<Connection>,
    source: RefCell<Option<EventSource>>,
    /// The timer that runs, or one that has run already.
    timer: Cell<i32>,
}

impl LiveStream {
    /// Opens the stream of a reader.
    pub fn open(reader: impl Reader + 'static) -> Self {
        let stream = Self(Rc::new(Driver {
            reader: Box::new(reader),
            connection: RefCell::new(Connection::default()),
            source: RefCell::new(None),
            timer: Cell::new(0),
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

    /// Listens for the moments at which a try is worth making at once.
    fn listen(&self) {
        let stream = self.clone();
        listen(
            &window(),
            "online",
            Box::new(move |_| stream.handle(Input::Wake)),
        );
        let stream = self.clone();
        // It bubbles from the document.
        listen(
            &window(),
            "visibilitychange",
            Box::new(move |_| {
                if is_in_sight() {
                    stream.handle(Input::Wake);
                }
            }),
        );
    }

    fn after(&self, wait: Duration, act: Box<dyn FnOnce()>) {
        self.close();
        let milliseconds = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        self.0.timer.set(after(milliseconds, act));
    }

    fn close(&self) {
        window().clear_timeout_with_handle(self.0.timer.take());
        self.0.source.take();
    }

    fn connect(&self) {
        self.close();
        let reader = &self.0.reader;
        let stream = self.clone();
        let hear = move |sign| stream.hear(&sign);
        // A source that was closed hears nothing more.
        match EventSource::open(&reader.url(), reader.kind(), hear) {
            Some(source) => drop(self.0.source.replace(Some(source))),
            None => self.handle(Input::Lost),
        }
    }

    fn hear(&self, sign: &Sign) {
        let input = match sign {
            Sign::Opened => Input::Opened,
            Sign::Broken => Input::Lost,
            Sign::Event(data) => self.0.reader.receive(self, data),
        };
        self.handle(input);
    }
}
