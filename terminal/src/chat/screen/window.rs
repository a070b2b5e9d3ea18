//! The terminal, lent for a while.

use std::io;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange, Event,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::{DefaultTerminal, Terminal};
use tokio::sync::mpsc;

use super::job_control::JobControl;
use super::state::State;
use super::view::{self, Window};

/// How many keys may wait. A paste is one.
const MAX_WAITING_EVENTS: usize = 256;

/// The terminal in full-screen mode. Dropping it gives it back as it was; so does a panic.
pub(super) struct TerminalWindow {
    terminal: DefaultTerminal,
    events: mpsc::Receiver<Event>,
}

impl TerminalWindow {
    pub(super) fn open() -> io::Result<Self> {
        let (sender, events) = mpsc::channel(MAX_WAITING_EVENTS);
        restore_on_panic();
        // From here on dropping it gives the terminal back, whatever fails.
        let window = Self {
            terminal: take_terminal()?,
            events,
        };
        // The thread waits for keys until the program ends.
        std::thread::spawn(move || {
            while let Ok(event) = event::read() {
                if sender.blocking_send(event).is_err() {
                    break;
                }
            }
        });
        Ok(window)
    }

    /// Gives the terminal back, stops the process until the shell continues it, and takes the terminal again.
    pub(super) async fn stop_process(&mut self, jobs: &mut JobControl) -> io::Result<()> {
        restore();
        jobs.stop().await;
        self.reopen()
    }

    /// Takes the terminal again after the shell had it.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        // The shell has set the terminal to its own modes. Unless this process gave its modes back before, crossterm
        // believes that they are still set.
        let _ = disable_raw_mode();
        // Without leaving the alternate screen first: outside of it, that would move the cursor to where it was
        // before the last time.
        self.terminal = take_terminal()?;
        Ok(())
    }

    pub(super) fn draw(&mut self, state: &State) -> io::Result<Window> {
        let mut window = Window::default();
        self.terminal
            .draw(|frame| window = view::draw(frame, state))?;
        Ok(window)
    }

    /// What comes from the terminal next; `None` when it is gone.
    ///
    /// # Cancel safety
    /// Safe.
    pub(super) async fn next_event(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

impl Drop for TerminalWindow {
    fn drop(&mut self) {
        restore();
    }
}

/// Switches the terminal to full-screen mode. What is returned has drawn nothing yet, and so draws all of the next
/// picture.
fn take_terminal() -> io::Result<DefaultTerminal> {
    let take = || {
        enable_raw_mode()?;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableFocusChange
        )?;
        Terminal::new(CrosstermBackend::new(io::stdout()))
    };
    take().inspect_err(|_| restore())
}

/// Gives the terminal back before a panic is told.
fn restore_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        restore();
        tell(panic);
    }));
}

/// A terminal that is gone needs nothing.
fn restore() {
    let _ = execute!(io::stdout(), DisableFocusChange, DisableBracketedPaste);
    let _ = ratatui::try_restore();
}
