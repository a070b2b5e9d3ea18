//! The subcommands besides `serve`.

use clap::Subcommand;

use crate::chat::ChatOptions;
use crate::events::EventsOptions;
use crate::failure::Failure;
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
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`] has the sentence to print and the exit code.
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Probe(options) => crate::probe::run(options).await,
            Self::Load(options) => crate::load::run(options).await,
            Self::Events(options) => crate::events::run(options).await,
            Self::Ws(options) => crate::ws::run(options).await,
            Self::Chat(options) => crate::chat::run(options).await,
        }
    }
}
