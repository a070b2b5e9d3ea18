//! The `roomcast` command.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, Parser, Subcommand};
use roomcast::config::Config;
use roomcast::server::{Server, StartError};
use roomcast::shutdown::Shutdown;
use roomcast_terminal::Failure;
use roomcast_terminal::manual::{self, CompletionsOptions, ManOptions};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Exit code after a second signal, as a shell shows it for Ctrl-C.
const EXIT_INTERRUPTED: i32 = 130;

/// How long a client may take to set the terminal right after a signal.
const CLEAN_UP_TIMEOUT: Duration = Duration::from_millis(500);

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
            eprintln!("roomcast: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A signal drops what the client was doing, which sets the terminal right again. A client that cannot be
/// dropped, because it waits for somebody to read what it prints, ends all the same: for that there is a
/// second thread.
fn run_client(command: roomcast_terminal::Command) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return cannot_start(&error),
    };
    let result = runtime.block_on(async {
        tokio::spawn(end_on_signal(StopSignals::listen()));
        let mut signals = StopSignals::listen();
        tokio::select! {
            result = command.run() => result,
            () = signals.next() => Err(Failure::Interrupted),
        }
    });
    // A thread that waits for the terminal's next line would be waited for.
    runtime.shutdown_background();
    exit_code(result)
}

/// Ends the program soon after a signal, whatever it is doing.
async fn end_on_signal(mut signals: StopSignals) {
    signals.next().await;
    tokio::time::sleep(CLEAN_UP_TIMEOUT).await;
    std::process::exit(EXIT_INTERRUPTED);
}

fn exit_code(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure.is_worth_saying() {
                eprintln!("roomcast: {failure}");
            }
            failure.exit_code()
        }
    }
}

fn cannot_start(error: &std::io::Error) -> ExitCode {
    eprintln!("roomcast: cannot start its threads: {error}");
    ExitCode::FAILURE
}

/// Tells on standard error what happens; of libraries only errors, as some of
/// their warnings repeat for as long as a stranger likes.
fn start_tracing(level: LevelFilter) {
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(colours)
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
    println!("Roomcast serves on {}", server.url());
    if let Some(fingerprint) = server.fingerprint() {
        println!("Certificate SHA-256 {fingerprint}");
    }
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

/// Ctrl-C and SIGTERM, listened to from the start, so that none is missed.
struct StopSignals {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    interrupt: Option<tokio::signal::unix::Signal>,
}

impl StopSignals {
    #[cfg(unix)]
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // Where a signal cannot be listened to, it ends the program as it always does.
        Self {
            terminate: signal(SignalKind::terminate()).ok(),
            interrupt: signal(SignalKind::interrupt()).ok(),
        }
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            Some(()) = receive(&mut self.terminate) => {}
            Some(()) = receive(&mut self.interrupt) => {}
            else => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    fn listen() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(unix)]
async fn receive(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    signal.as_mut()?.recv().await
}
