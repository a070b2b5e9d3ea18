//! The `roomcast` command.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use roomcast::config::Config;
use roomcast::server::{Server, StartError};
use roomcast::shutdown::Shutdown;
use tracing_subscriber::filter::LevelFilter;

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
  roomcast serve --listen 0.0.0.0:443 --cert chain.pem --key key.pem
  roomcast serve --plain --listen 127.0.0.1:8080    behind a proxy
  curl --insecure --no-buffer https://localhost:8443/prime";

#[derive(Subcommand)]
enum Subcommands {
    /// Run the server (what `roomcast` alone does as well).
    #[command(after_help = EXAMPLES)]
    Serve(ServeOptions),
}

#[derive(clap::Args)]
struct ServeOptions {
    #[command(flatten)]
    config: Config,

    /// How much to tell on standard error: off, error, warn, info, debug or trace.
    #[arg(long, env = "ROOMCAST_LOG", value_name = "LEVEL", default_value_t = LevelFilter::INFO)]
    log: LevelFilter,
}

fn main() -> ExitCode {
    let command = Command::parse();
    let options = match command.subcommand {
        Some(Subcommands::Serve(options)) => options,
        None => command.serve,
    };
    tracing_subscriber::fmt()
        .with_max_level(options.log)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("roomcast: cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(serve(options.config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("roomcast: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> Result<(), StartError> {
    let shutdown = Shutdown::new();
    let server = Server::bind(config, shutdown.clone()).await?;
    // On standard output, so that a script can wait for it and read it.
    println!("Roomcast serves on {}", server.url());
    if let Some(fingerprint) = server.fingerprint() {
        println!("Certificate SHA-256 {fingerprint}");
    }
    tokio::spawn(stop_on_signal(shutdown));
    server.run().await;
    Ok(())
}

/// The first signal ends the server gracefully, the second one at once.
async fn stop_on_signal(shutdown: Shutdown) {
    signal().await;
    shutdown.request();
    signal().await;
    std::process::exit(EXIT_INTERRUPTED);
}

/// Waits for Ctrl-C or SIGTERM.
#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(error) => {
            tracing::warn!(%error, "cannot listen for SIGTERM");
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
