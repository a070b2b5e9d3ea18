//! The `roomcast` command.

mod stop_signals;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use roomcast::config::Config;
use roomcast::server::{Server, StartError};
use roomcast::shutdown::Shutdown;
use roomcast_shared::terminal_text::harmless;
use roomcast_terminal::Failure;
use roomcast_terminal::manual::{self, CompletionsOptions, ManOptions};
use roomcast_terminal::output::Colours;
use stop_signals::StopSignals;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Exit code after a second signal, as a shell shows it for Ctrl-C.
const EXIT_INTERRUPTED: i32 = 130;

/// A real-time web server: live streams and rooms over TLS and HTTP/2.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
struct Command {
    #[command(subcommand)]
    subcommand: Option<Subcommands>,

    #[command(flatten)]
    serve: ServeOptions,
}

const EXAMPLES: &str = "\
Examples:
  roomcast                                  serve on https://localhost:8443/
  roomcast help serve                       what a server can be told
  roomcast probe -k https://localhost:8443/
  roomcast load -k --compare --rtt 60ms https://localhost:8443/
  roomcast events -k https://localhost:8443/prime
  roomcast chat -k https://localhost:8443/rooms/lobby
  roomcast ws -k wss://localhost:8443/api/echo

-k (--insecure) accepts the certificate that a server makes for itself when it has no other.";

const SERVE_EXAMPLES: &str = "\
Without --cert the server makes a certificate for itself, keeps it in the data folder and prints its \
fingerprint: browsers warn once, clients want --insecure. Ctrl-C or SIGTERM ends it gracefully, a second one at \
once.

TIME is a whole number with a unit: 250ms, 10s, 2m, 1h.

Examples:
  roomcast serve                                    on https://localhost:8443/
  roomcast serve --listen 0.0.0.0:443 --cert chain.pem --key key.pem
  roomcast serve --plain --listen 127.0.0.1:8080    behind a proxy
  roomcast serve --ephemeral --log debug            nothing is kept
  ROOMCAST_DEBUG=http2debug=1 roomcast serve        with every HTTP/2 frame";

#[derive(Subcommand)]
enum Subcommands {
    /// Run the server (what `roomcast` alone does as well).
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeOptions),
    #[command(flatten)]
    Client(roomcast_terminal::Command),
    /// Print a script with which a shell completes arguments.
    Completions(CompletionsOptions),
    /// Print a page of the manual.
    Man(ManOptions),
}

#[derive(clap::Args)]
struct ServeOptions {
    #[command(flatten)]
    config: Config,

    /// How much to tell on standard error: off, error, warn, info, debug or trace.
    #[arg(long, env = "ROOMCAST_LOG", value_name = "LEVEL", default_value_t = LevelFilter::INFO,
          help_heading = "Options")]
    log: LevelFilter,
}

fn main() -> ExitCode {
    let command = Command::parse();
    match command.subcommand {
        Some(Subcommands::Serve(options)) => run_server(options),
        Some(Subcommands::Client(command)) => run_client(command),
        Some(Subcommands::Completions(options)) => {
            exit_code(manual::completions(Command::command(), &options))
        }
        Some(Subcommands::Man(options)) => exit_code(manual::man(Command::command(), &options)),
        None => run_server(command.serve),
    }
}

fn run_server(options: ServeOptions) -> ExitCode {
    start_tracing(options.log);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return cannot_start(&error),
    };
    match runtime.block_on(serve(options.config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// A signal drops what the client was doing, which sets the terminal right again.
fn run_client(command: roomcast_terminal::Command) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let (runtime, interrupt) = match (runtime, stop_signals::interrupt_on_signal()) {
        (Ok(runtime), Ok(interrupt)) => (runtime, interrupt),
        (Err(error), _) | (_, Err(error)) => return cannot_start(&error),
    };
    let result = runtime.block_on(command.run(interrupt));
    // A thread that waits for the terminal's next line would be waited for.
    runtime.shutdown_background();
    exit_code(result)
}

fn exit_code(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure.is_worth_saying() {
                complain(&failure);
            }
            failure.exit_code()
        }
    }
}

fn cannot_start(error: &std::io::Error) -> ExitCode {
    complain(&format_args!("cannot start its threads: {error}"));
    ExitCode::FAILURE
}

/// Prints on standard error what went wrong, safe for a terminal: parts of it may come from a peer. Ignores a
/// closed standard error.
fn complain(sentence: &dyn std::fmt::Display) {
    let sentence = sentence.to_string();
    let lines: Vec<_> = sentence.split('\n').map(harmless).collect();
    let _ = writeln!(std::io::stderr(), "roomcast: {}", lines.join("\n"));
}

/// Tells on standard error what happens; of libraries only errors, as some of
/// their warnings repeat for as long as a stranger likes.
fn start_tracing(level: LevelFilter) {
    let colours = Colours::of(&std::io::stderr()) == Colours::On;
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(colours)
        // They would go where the lines cannot go either, and end the program.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let targets = Targets::new()
        .with_target("roomcast", level)
        .with_default(level.min(LevelFilter::ERROR));
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .init();
}

async fn serve(config: Config) -> Result<(), StartError> {
    let signals = StopSignals::listen();
    let shutdown = Shutdown::new();
    let server = Server::bind(config, shutdown.clone()).await?;
    // On standard output, so that a script can wait for it and read it.
    let mut lines = format!("Roomcast serves on {}\n", server.url());
    if let Some(fingerprint) = server.fingerprint() {
        lines = format!("{lines}Certificate SHA-256 {fingerprint}\n");
    }
    // Who has read enough (`roomcast serve | head -1`) does not end the server.
    let mut output = std::io::stdout();
    let _ = output
        .write_all(lines.as_bytes())
        .and_then(|()| output.flush());
    tokio::spawn(stop_on_signal(signals, shutdown));
    server.run().await;
    Ok(())
}

/// The first signal ends the server gracefully, the second one at once.
async fn stop_on_signal(mut signals: StopSignals, shutdown: Shutdown) {
    signals.next().await;
    shutdown.request();
    signals.next().await;
    std::process::exit(EXIT_INTERRUPTED);
}
