//! A room on the whole screen of a terminal.

mod editor;
mod job_control;
mod keys;
mod state;
mod view;
mod window;

use std::pin::Pin;
use std::time::Duration;

use jiff::tz::TimeZone;
use ratatui::crossterm::event::Event;
use roomcast_client::room::{Change, HistoryError, HistoryPage, Room, read_before};
use roomcast_shared::message_text::MessageText;
use roomcast_shared::person::PersonName;
use tokio::time::{Instant, sleep_until};

use super::identity::Identity;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output;
use job_control::{JobChange, JobControl};
use keys::Action;
use state::{Connection, Older, State};
use view::Window;
use window::TerminalWindow;

/// The shortest time between two pictures: a terminal shows no more.
const FRAME_INTERVAL: Duration = Duration::from_millis(16);

/// How often others are told that one is still writing.
const TYPING_INTERVAL: Duration = Duration::from_secs(3);

type Fetching = Pin<Box<dyn Future<Output = Result<HistoryPage, HistoryError>> + Send>>;

/// Shows the room until one leaves.
pub(super) async fn run(
    room: Room,
    identity: &Identity,
    mut interrupt: Interrupt,
) -> Result<(), Failure> {
    let mut terminal = TerminalWindow::open()?;
    let state = State::new(room.address().room(), TimeZone::system());
    let mut screen = Screen {
        room,
        state,
        window: Window::default(),
        fetching: None,
        typed_at: None,
    };
    let result = tokio::select! {
        result = screen.show(&mut terminal, identity) => result,
        () = interrupt.requested() => Err(Failure::Interrupted),
    };
    // What is said from here on belongs on the terminal as it was.
    drop(terminal);
    match result {
        Ok(()) => super::leave(&mut screen.room).await,
        Err(Failure::Interrupted) => return Err(super::interrupted(&mut screen.room).await),
        Err(failure) => return Err(failure),
    }
    super::unsent_sentence(&screen.room).map_or(Ok(()), |unsent| Err(Failure::Remote(unsent)))
}

struct Screen {
    room: Room,
    state: State,
    /// As it was drawn last.
    window: Window,
    /// Older messages on their way.
    fetching: Option<Fetching>,
    /// When others were last told that we are writing.
    typed_at: Option<Instant>,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Continue,
    Leave,
}

impl Screen {
    async fn show(
        &mut self,
        terminal: &mut TerminalWindow,
        identity: &Identity,
    ) -> Result<(), Failure> {
        let mut draw_at = Some(Instant::now());
        let mut jobs = JobControl::listen()?;
        loop {
            let flow = tokio::select! {
                () = sleep_until(draw_at.unwrap_or_else(Instant::now)), if draw_at.is_some() => {
                    self.state.unsent = self.room.session().unsent().cloned().collect();
                    self.window = terminal.draw(&self.state)?;
                    draw_at = None;
                    continue;
                }
                change = self.room.next() => match change {
                    Some(change) => self.change(change, identity)?,
                    None => Flow::Leave,
                },
                page = wait_for(&mut self.fetching) => {
                    self.fetched(page);
                    Flow::Continue
                }
                change = jobs.next() => {
                    match change {
                        JobChange::Stop => terminal.stop_process(&mut jobs).await?,
                        JobChange::Continued => terminal.reopen()?,
                    }
                    Flow::Continue
                }
                event = terminal.next_event() => match event {
                    Some(event) => self.event(&event)?,
                    None => Flow::Leave,
                },
            };
            if flow == Flow::Leave {
                return Ok(());
            }
            draw_at.get_or_insert(Instant::now() + FRAME_INTERVAL);
        }
    }

    fn change(&mut self, change: Change, identity: &Identity) -> Result<Flow, Failure> {
        match change {
            Change::Connected { .. } => {}
            Change::Cookie(cookie) => {
                if let Err(error) = identity.store(&cookie) {
                    let notice = format!("cannot keep who you are for the next time: {error}");
                    self.state.notice = Some(notice);
                }
            }
            Change::Update(update) => {
                // Who has scrolled up goes on seeing the same lines when there are more below.
                let lines_before = self.lines_if_scrolled();
                self.state.update(update);
                let lines = self.lines_if_scrolled();
                self.state.scroll += lines.saturating_sub(lines_before);
            }
            Change::Lost { loss, retry_in } => {
                let Some(retry_in) = retry_in else {
                    return Err(loss.into());
                };
                let seconds = output::seconds(retry_in);
                self.state.connection = Connection::Lost(format!("{loss}; again in {seconds}"));
                self.state.typing.clear();
            }
        }
        Ok(Flow::Continue)
    }

    /// How many lines the conversation has; asked only where it matters.
    fn lines_if_scrolled(&self) -> usize {
        if self.state.scroll == 0 {
            return 0;
        }
        view::count_lines(&self.state, self.window.width)
    }

    fn fetched(&mut self, page: Result<HistoryPage, HistoryError>) {
        self.fetching = None;
        match page {
            // Scrolling counts from below: what is seen stays where it is.
            Ok(page) => self.state.prepend(page),
            Err(error) => {
                if let Older::Loading(before) = self.state.older {
                    self.state.older = Older::Before(before);
                }
                self.state.notice = Some(format!("no older messages: {error}"));
            }
        }
    }

    fn event(&mut self, event: &Event) -> Result<Flow, Failure> {
        self.state.notice = None;
        match keys::action(event, &mut self.state) {
            Action::None => {}
            Action::Interrupt => return Err(Failure::Interrupted),
            Action::Leave => return Ok(Flow::Leave),
            Action::Stop => {
                if !job_control::request_stop() {
                    let notice = "cannot stop: no shell is there to continue; Ctrl-C leaves";
                    self.state.notice = Some(notice.to_owned());
                }
            }
            Action::Typed => self.typed(),
            Action::Scroll(lines) => self.scroll(lines),
            Action::ScrollPage { up } => {
                let page = self.window.height.saturating_sub(1).max(1);
                let page = isize::try_from(page).unwrap_or(isize::MAX);
                self.scroll(if up { page } else { -page });
            }
            Action::Send => return self.send(),
        }
        Ok(Flow::Continue)
    }

    fn typed(&mut self) {
        let now = Instant::now();
        let is_command = self.state.editor.text().starts_with('/');
        let is_due = self.typed_at.is_none_or(|at| now - at >= TYPING_INTERVAL);
        if is_due && !is_command && !self.state.editor.is_empty() {
            self.typed_at = Some(now);
            self.room.typing();
        }
    }

    /// Scrolls up, or down with a negative number; at the top older messages are fetched.
    fn scroll(&mut self, lines: isize) {
        let top = self.window.max_scroll();
        self.state.scroll = self.state.scroll.saturating_add_signed(lines).min(top);
        if lines > 0
            && self.state.scroll == top
            && let Older::Before(before) = self.state.older
        {
            self.state.older = Older::Loading(before);
            let address = self.room.address().clone();
            let options = self.room.options().clone();
            self.fetching = Some(Box::pin(async move {
                read_before(&address, &options, before).await
            }));
        }
    }

    fn send(&mut self) -> Result<Flow, Failure> {
        let written = self.state.editor.text().to_owned();
        if let Some(command) = written.strip_prefix('/')
            && !command.starts_with('/')
        {
            return Ok(self.command(command));
        }
        // Two slashes are one that begins no command.
        let text = written.strip_prefix('/').unwrap_or(&written);
        match MessageText::parse(text, self.room.session().max_text_chars()) {
            Ok(text) => {
                let said = self.room.say(text);
                said.map_err(|error| Failure::Remote(error.to_string()))?;
                self.state.editor.take();
                self.state.scroll = 0;
                self.state.unread = None;
                self.typed_at = None;
                // Who says something does not want to wait.
                self.room.retry_now();
            }
            Err(error) => self.state.notice = Some(error.to_string()),
        }
        Ok(Flow::Continue)
    }

    fn command(&mut self, command: &str) -> Flow {
        let (word, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        match word {
            "quit" | "q" => return Flow::Leave,
            "name" => match PersonName::parse(rest) {
                Ok(name) => {
                    self.room.rename(name);
                    self.state.editor.take();
                }
                Err(error) => self.state.notice = Some(error.to_string()),
            },
            _ => {
                self.state.notice =
                    Some("/name NAME, /quit; // begins a message with a slash".to_owned());
            }
        }
        Flow::Continue
    }
}

async fn wait_for(fetching: &mut Option<Fetching>) -> Result<HistoryPage, HistoryError> {
    match fetching {
        Some(fetching) => fetching.await,
        None => std::future::pending().await,
    }
}
