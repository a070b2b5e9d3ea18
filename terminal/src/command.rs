//! The subcommands besides `serve`.

use clap::Subcommand;

use crate::chat::ChatOptions;
use crate::events::EventsOptions;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::load::LoadOptions;
use crate::probe::ProbeOptions;
use crate::ws::WsOptions;

/// What a client is to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Print which HTTP a server speaks, and everything else that a first request shows.
    Probe(ProbeOptions),
    /// Load a page as a browser would, and show when each of its files came.
    Load(LoadOptions),
    /// Read an event stream (SSE), for as long as it takes.
    Events(EventsOptions),
    /// Open a WebSocket between standard input and output.
    Ws(WsOptions),
    /// Take part in a room of Roomcast: on the whole screen, or as lines in a pipe.
    Chat(ChatOptions),
}

impl Command {
    /// Does it, until it is interrupted.
    ///
    /// # Errors
    /// [`Failure`] has the sentence to print and the exit code.
    pub async fn run(self, mut interrupt: Interrupt) -> Result<(), Failure> {
        let stops_by_itself = matches!(self, Self::Chat(_));
        let chat_interrupt = interrupt.clone();
        let work = async {
            match self {
                Self::Probe(options) => crate::probe::run(options).await,
                Self::Load(options) => crate::load::run(options).await,
                Self::Events(options) => crate::events::run(options).await,
                Self::Ws(options) => crate::ws::run(options).await,
                // It stops by itself: it has something to say before.
                Self::Chat(options) => crate::chat::run(options, chat_interrupt).await,
            }
        };
        tokio::select! {
            result = work => result,
            () = interrupt.requested(), if !stops_by_itself => Err(Failure::Interrupted),
        }
    }
}
