//! `roomcast probe`: which HTTP a server speaks, and everything else that a first request shows.

mod ask;
mod certificate;
mod failure;
mod json;
mod report;
mod text;

use std::io::{IsTerminal as _, Write as _};
use std::pin::pin;
use std::time::Duration;

use roomcast_shared::duration::parse_duration;
use tokio::time::timeout;

use crate::address::Address;
use crate::connection::{ConnectionOptions, HeaderOptions, needs_tls};
use crate::failure::Failure;
use crate::output::{Colours, Notes, harmless_json};
use report::Outcome;

/// After this long a person wants to know that something is still going on.
const PATIENCE: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
The exit code is 0 if every server answered, whatever the status (--fail looks at it), 1 if one did not, 2 for \
wrong arguments, and 130 after Ctrl-C. An error says which step failed: the name, the connection, TLS, or HTTP; \
what is known by then is printed all the same. Redirects are shown and not followed. The body is read for at \
most 2s, that of an event stream not at all.

TIME is a whole number with a unit: 500ms, 10s, 2m. No proxy is used: HTTP_PROXY is ignored.

Examples:
  roomcast probe https://example.com/
  roomcast probe -k https://localhost:8443/            any certificate will do
  roomcast probe --http1 https://example.com/          and not HTTP/2
  roomcast probe -k --no-push https://localhost:8443/  hints instead of pushes
  roomcast probe --json example.com example.org | jq .protocol_version";

/// What to ask, and how to tell it.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ProbeOptions {
    /// Addresses to ask, one after the other; https:// may be left out.
    #[arg(required = true, value_name = "URL", value_parser = crate::address::parse_http)]
    pub addresses: Vec<Address>,

    /// Print a JSON object a line for each address.
    #[arg(long)]
    pub json: bool,

    /// Count a status of 400 or more as a failure.
    #[arg(long, short = 'f')]
    pub fail: bool,

    /// Take no pushes, as browsers do; some servers send early hints then.
    #[arg(long)]
    pub no_push: bool,

    /// Time for each address, all steps together, such as 500ms or 10s.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "10s")]
    pub timeout: Duration,

    /// How to connect.
    #[command(flatten)]
    pub connection: ConnectionOptions,

    /// Header fields of the request.
    #[command(flatten)]
    pub headers: HeaderOptions,
}

/// Asks each server and prints what it found out.
///
/// # Errors
/// [`Failure::Remote`] when a server did not answer; for a single one it says why.
pub async fn run(options: ProbeOptions) -> Result<(), Failure> {
    let is_tls_needed = options
        .addresses
        .iter()
        .any(|address| needs_tls(&address.url));
    let client = roomcast_client::http::Options {
        accept_push: !options.no_push,
        connect_timeout: options.timeout,
        ..options.connection.client_options(is_tls_needed)?
    };
    let colours = Colours::of(&std::io::stdout());
    let mut failures = Vec::new();
    for (nth, address) in options.addresses.iter().enumerate() {
        let headers = options.headers.map_for(address);
        let outcome = ask::ask(&address.url, &client, &headers, options.timeout);
        let mut outcome = answer(&address.url, outcome).await;
        if options.fail {
            outcome.fail_by_status();
        }
        print(&options, &address.url, &outcome, nth > 0, colours)?;
        failures.extend(outcome.failure);
    }
    match (failures.len(), options.addresses.len()) {
        (0, _) => Ok(()),
        (_, 1) => Err(Failure::Remote(failures.remove(0).to_string())),
        (failed, all) => Err(Failure::Remote(format!(
            "{failed} of {all} servers did not answer as they should"
        ))),
    }
}

/// Waits for the outcome, and says on a terminal that it takes its time.
async fn answer(url: &http::Uri, outcome: impl Future<Output = Outcome>) -> Outcome {
    let mut outcome = pin!(outcome);
    if let Ok(outcome) = timeout(PATIENCE, &mut outcome).await {
        return outcome;
    }
    let quiet = !std::io::stderr().is_terminal();
    Notes::new(quiet).say(&format!("waiting for {url}"));
    outcome.await
}

fn print(
    options: &ProbeOptions,
    url: &http::Uri,
    outcome: &Outcome,
    is_later: bool,
    colours: Colours,
) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    if options.json {
        writeln!(stdout, "{}", harmless_json(&json::line(url, outcome)))?;
    } else if let Some(report) = &outcome.report {
        let gap = if is_later { "\n" } else { "" };
        write!(stdout, "{gap}{}", text::describe(url, report, colours))?;
    }
    stdout.flush()?;
    // A single one ends the command with its sentence.
    if let Some(failure) = &outcome.failure
        && !options.json
        && options.addresses.len() > 1
    {
        Notes::new(false).say(&format!("{url}: {failure}"));
    }
    Ok(())
}
