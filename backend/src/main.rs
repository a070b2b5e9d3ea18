//! The `roomcast` command.

mod command_line;
mod log_writer;
mod stop_signals;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::CommandFactory as _;
use command_line::{Command, ServeOptions, Subcommands};
use log_writer::LogWriter;
use roomcast::config::Config;
use roomcast::server::{Server, StartError};
use roomcast::shutdown::Shutdown;
use roomcast_shared::io_reason::without_os_codes;
use roomcast_shared::terminal_text::harmless;
use roomcast_terminal::Failure;
use roomcast_terminal::manual;
use roomcast_terminal::output::{Colours, terminal_columns};
use stop_signals::StopSignals;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Exit code after a second signal, as a shell shows it for Ctrl-C.
const EXIT_INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    match command_line::parse().subcommand {
        Subcommands::Serve(options) => run_server(*options),
        Subcommands::Client(command) => run_client(*command),
        Subcommands::Completions(options) => {
            exit_code(manual::completions(Command::command(), &options))
        }
        Subcommands::Man(options) => exit_code(manual::man(Command::command(), &options)),
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
            let origins = command_line::origins(error.options());
            if origins.is_empty() {
                complain(&error);
            } else {
                complain(&format_args!("{error} (see {})", origins.join(", ")));
            }
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
    let sentence = without_os_codes(&sentence);
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
        .with_writer(|| LogWriter);
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
    let mut output = std::io::stdout();
    let message = server.start_message();
    let text = if output.is_terminal() {
        message.for_terminal(Colours::of(&output) == Colours::On, terminal_columns())
    } else {
        message.to_string()
    };
    // Who has read enough (`roomcast serve | head -1`) does not end the server.
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
    if let Some(file) = &message.tls_key_log {
        tracing::warn!(
            file = %file.display(),
            "the keys of TLS connections are written to a file: whoever has it can read all that is sent"
        );
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
