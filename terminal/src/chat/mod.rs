//! `roomcast chat`: a room, on the whole screen or as lines in a pipe.

mod identity;
mod lines;
mod screen;

use std::io::IsTerminal as _;

use roomcast_client::room::{EnterOptions, Loss, Room, RoomAddress};
use roomcast_client::websocket::OpenError;
use roomcast_shared::limits::DEFAULT_HISTORY_EVENTS;
use roomcast_shared::person::PersonName;
use roomcast_shared::server_message::RefusalCode;
use tokio::time::timeout;

use crate::connection::ConnectionOptions;
use crate::failure::Failure;
use crate::interrupt::{FAREWELL_TIMEOUT, Interrupt};
use crate::output::Notes;
use identity::{Caller, Identity};

const EXAMPLES: &str = "\
On the screen: Enter sends, Alt-Enter begins a new line, Page Up and Page Down scroll (older messages are \
fetched), and so do Up and Down beyond the first and last line of what is written; Esc goes back to the newest \
message. Ctrl-A and Ctrl-E go to the beginning and the end of a line, Ctrl-W deletes a word, Ctrl-U the line \
before the cursor. Ctrl-Z stops the program until fg. Ctrl-C, /quit, or Ctrl-D when nothing is written, leaves. /name NAME takes another name; // \
begins a message with a slash.

When input or output is no terminal it is a tool for lines: each line of input is sent as a message, each \
message is printed as 'Name: text'. It ends when the input has ended and the server keeps all messages: \
exit code 0, or 1 if it refused one, or if there was no connection to begin with. Messages that a lost \
connection interrupts are sent again, and arrive once. With --follow it stays after the end of the input. \
A line of the input that is no UTF-8 is not sent, and named at the end; \
input in UTF-16 is refused.

The exit code is 2 for wrong arguments, and 130 after Ctrl-C, which says how many messages were not sent, if \
any. No proxy is used: HTTP_PROXY is ignored.

The same person each time: the server's cookie is kept in $XDG_STATE_HOME/roomcast/people (by default \
~/.local/state/roomcast/people), readable for you alone. What is piped has an identity of its own, one for \
each --name: a script never renames the person who chats from the same account.

Examples:
  roomcast chat https://localhost:8443/rooms/lobby --insecure --name Ada
  echo 'deploy finished' | roomcast chat https://host/rooms/ops --name ci
  roomcast chat https://host/rooms/ops --follow < /dev/null | grep -i error";

/// The options of `roomcast chat`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ChatOptions {
    /// Address of the room, as a browser opens it.
    #[arg(value_name = "URL", value_parser = RoomAddress::parse,
          help = "Address of the room, as a browser opens it: https://host/rooms/name; https:// may be left out")]
    url: RoomAddress,

    /// The name to go by. Default: the one that the server knows you by, or gives you.
    #[arg(long, short, value_parser = PersonName::parse)]
    name: Option<PersonName>,

    /// How many older messages to begin with. Default: 50 on the screen, none in a pipe.
    #[arg(long, value_name = "N")]
    history: Option<u64>,

    /// In a pipe, go on reading after the end of the input.
    #[arg(long, short)]
    follow: bool,

    /// In a pipe, say nothing about the connection on standard error.
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Takes part in a room until one leaves.
///
/// # Errors
/// [`Failure`] when the server lets nobody in, or messages were not sent.
pub async fn run(options: ChatOptions, interrupt: Interrupt) -> Result<(), Failure> {
    let full_screen = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let default_history = if full_screen {
        DEFAULT_HISTORY_EVENTS
    } else {
        0
    };
    let caller = if full_screen {
        Caller::Person
    } else {
        Caller::Script(options.name.as_ref())
    };
    let identity = Identity::of(&options.url, caller);
    let enter = EnterOptions {
        http: options.connection.client_options(options.url.needs_tls())?,
        cookie: identity.load(),
        name: options.name,
        history: options.history.unwrap_or(default_history),
    };
    let room = Room::enter(options.url, enter);
    if full_screen {
        screen::run(room, &identity, interrupt).await
    } else {
        let notes = Notes::new(options.quiet);
        lines::run(room, &identity, notes, options.follow, interrupt).await
    }
}

/// Closes the connection, so that others see at once that we left. What is kept is kept, whether or not
/// the server says good-bye.
async fn leave(room: &mut Room) {
    let _ = timeout(FAREWELL_TIMEOUT, room.leave()).await;
}

/// What the server's refusal for now means. Its own sentence says that the message was not sent, which
/// is only half of it.
fn delay_sentence(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::TooFast => {
            "the server slows you down: what is not sent yet goes out by itself"
        }
        _ => "the server keeps no messages now: what is not sent yet goes out when it does again",
    }
}

/// How many messages were not sent, if any.
fn unsent_sentence(room: &Room) -> Option<String> {
    match room.session().unsent().len() {
        0 => None,
        1 => Some("one message was not sent".to_owned()),
        count => Some(format!("{count} messages were not sent")),
    }
}

/// Leaves because somebody asked for it, and says what was not said.
async fn interrupted(room: &mut Room) -> Failure {
    leave(room).await;
    if let Some(sentence) = unsent_sentence(room) {
        Notes::new(false).say(&sentence);
    }
    Failure::Interrupted
}

impl From<Loss> for Failure {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::NotOpened(OpenError::Http(error)) => error.into(),
            loss => Self::Remote(crate::output::harmless(&loss.to_string())),
        }
    }
}
