//! A room in a pipe: lines in are messages, messages are lines out.

use std::io::{IsTerminal as _, Write as _};

use roomcast_client::room::{Change, Room, Update};
use roomcast_shared::message_text::{MessageText, MessageTextError};
use roomcast_shared::position::Position;
use roomcast_shared::server_message::{MessageEvent, RefusalCode};

use super::identity::Identity;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{self, Notes, harmless};
use crate::text_lines::{InputError, TextLines};

/// While so many messages wait to be sent, no more lines are read.
const MAX_UNSENT: usize = 100;

/// What stands before each further line of a message, so that none looks like another message.
const INDENT: &str = "    ";

/// Carries lines until the input has ended and everything is kept, or for ever.
pub(super) async fn run(
    room: Room,
    identity: &Identity,
    notes: Notes,
    follow: bool,
    mut interrupt: Interrupt,
) -> Result<(), Failure> {
    let mut pipe = Pipe {
        room,
        notes,
        guard_terminal: std::io::stdout().is_terminal(),
        has_connected: false,
        input_ended: false,
        last_said: None,
        told_delay: None,
        refused: Vec::new(),
    };
    let carried = tokio::select! {
        carried = pipe.carry(identity, follow) => Some(carried),
        () = interrupt.requested() => None,
    };
    let Some(carried) = carried else {
        return Err(super::interrupted(&mut pipe.room).await);
    };
    carried?;
    super::leave(&mut pipe.room).await;
    match &pipe.refused[..] {
        [] => Ok(()),
        [only] => Err(Failure::Remote(format!("a message was not sent: {only}"))),
        [first, ..] => Err(Failure::Remote(format!(
            "{} messages were not sent, the first one because: {first}",
            pipe.refused.len()
        ))),
    }
}

struct Pipe {
    room: Room,
    notes: Notes,
    guard_terminal: bool,
    /// Whether it was ever connected: a script wants to know at once when that fails.
    has_connected: bool,
    input_ended: bool,
    /// The position of the newest message of ours.
    last_said: Option<Position>,
    /// Which delay was told last: once is enough.
    told_delay: Option<RefusalCode>,
    /// Why messages of ours were not taken.
    refused: Vec<String>,
}

impl Pipe {
    /// Whether everything that was to be said is kept, and was printed.
    fn is_done(&self) -> bool {
        let session = self.room.session();
        let is_printed = match (self.last_said, session.position()) {
            (Some(said), Some(seen)) => said.epoch != seen.epoch || said.offset <= seen.offset,
            (said, _) => said.is_none(),
        };
        self.input_ended && is_printed && session.unsent().len() == 0
    }

    async fn carry(&mut self, identity: &Identity, follow: bool) -> Result<(), Failure> {
        let connecting = format!("connects to {}", self.room.address());
        let first = output::with_progress(self.notes, &connecting, self.room.next()).await;
        self.changed(first, identity)?;
        let mut lines = TextLines::of_stdin();
        // Something else than a room may open a WebSocket, and say nothing.
        let notes = self.notes;
        let waiting = format!("waits for the welcome of {}", self.room.address());
        let welcome = async {
            while !self.room.session().is_welcome() {
                self.step(&mut lines, identity).await?;
            }
            Ok::<_, Failure>(())
        };
        output::with_progress(notes, &waiting, welcome).await?;
        while follow || !self.is_done() {
            self.step(&mut lines, identity).await?;
        }
        Ok(())
    }

    async fn step(&mut self, lines: &mut TextLines, identity: &Identity) -> Result<(), Failure> {
        let takes_more = !self.input_ended && self.room.session().unsent().len() < MAX_UNSENT;
        tokio::select! {
            change = self.room.next() => self.changed(change, identity),
            line = lines.next(), if takes_more => match line {
                Ok(Some(line)) => self.say(&line),
                Ok(None) => {
                    self.input_ended = true;
                    Ok(())
                }
                Err(error @ InputError::NotUtf8 { .. }) => {
                    self.refused.push(error.to_string());
                    Ok(())
                }
                Err(error) => Err(Failure::Usage(error.to_string())),
            },
        }
    }

    fn say(&mut self, line: &str) -> Result<(), Failure> {
        match MessageText::parse(line, self.room.session().max_text_chars()) {
            Ok(text) => {
                let said = self.room.say(text);
                said.map_err(|error| Failure::Remote(error.to_string()))?;
            }
            // An empty line says nothing.
            Err(MessageTextError::Empty) => {}
            Err(error) => self.refused.push(error.to_string()),
        }
        Ok(())
    }

    fn changed(&mut self, change: Option<Change>, identity: &Identity) -> Result<(), Failure> {
        let change = change.ok_or_else(|| Failure::Remote("the visit has ended".to_owned()))?;
        match change {
            Change::Connected { version } => {
                self.has_connected = true;
                let version = output::version(version);
                self.notes.say(&format!(
                    "connected to {} over {version}",
                    self.room.address()
                ));
            }
            Change::Cookie(cookie) => {
                if let Err(error) = identity.store(&cookie) {
                    self.notes.say(&format!(
                        "cannot keep who you are for the next time: {error}"
                    ));
                }
            }
            Change::Lost { loss, retry_in } => {
                let Some(retry_in) = retry_in.filter(|_| self.has_connected) else {
                    return Err(loss.into());
                };
                let seconds = output::seconds(retry_in);
                self.notes
                    .say(&format!("{loss}; connects again in {seconds}"));
            }
            Change::Update(update) => self.update(update)?,
        }
        Ok(())
    }

    fn update(&mut self, update: Update) -> Result<(), Failure> {
        match update {
            Update::Message(message) => self.print(&message)?,
            Update::Said { position, .. } => {
                self.last_said = Some(position);
                // Being too fast comes and goes with every message; an outage that is over may come again.
                self.told_delay = self.told_delay.filter(|code| *code == RefusalCode::TooFast);
            }
            Update::Delayed(refusal) => {
                if self.told_delay.replace(refusal.code) != Some(refusal.code) {
                    self.notes.say(super::delay_sentence(refusal.code));
                }
            }
            Update::NotSaid { detail, .. } => self.refused.push(harmless(&detail)),
            Update::Refused(refusal) => self.notes.say(&refusal.detail),
            Update::RenamedElsewhere { now, .. } => self
                .notes
                .say(&format!("you are now called {now} (renamed elsewhere)")),
            Update::Gap(gap) => self.notes.say(&format!(
                "messages are missing between {} and {}",
                gap.after, gap.position
            )),
            Update::Hole { after, before } => self.notes.say(&format!(
                "messages between {after} and {before} were not sent"
            )),
            Update::Welcome(_) | Update::CaughtUp(_) | Update::People(_) | Update::Typing(_) => {}
        }
        Ok(())
    }

    fn print(&self, message: &MessageEvent) -> Result<(), Failure> {
        let mut output = std::io::stdout().lock();
        let shown = |text: &str| {
            if self.guard_terminal {
                harmless(text)
            } else {
                text.to_owned()
            }
        };
        let name = shown(message.person.name.as_str());
        for (index, line) in message.text.as_str().split('\n').enumerate() {
            let line = shown(line);
            if index == 0 {
                writeln!(output, "{name}: {line}")?;
            } else {
                writeln!(output, "{INDENT}{line}")?;
            }
        }
        output.flush()?;
        Ok(())
    }
}
