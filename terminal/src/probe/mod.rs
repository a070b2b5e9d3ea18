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

use http::Uri;
use roomcast_shared::duration::parse_duration;
use tokio::time::timeout;

use crate::connection::{ConnectionOptions, HeaderOptions};
use crate::failure::Failure;
use crate::output::{Colours, Notes};
use failure::ProbeFailure;
use report::Report;

/// After this long a person wants to know that something is still going on.
const PATIENCE: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
The exit code is 0 if every server answered, whatever the status (--fail looks at it), and 1 otherwise. An \
error says which step failed: the name, the connection, TLS, or HTTP. Redirects are shown and not followed.

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
    #[arg(required = true, value_name = "URL", value_parser = parse_url)]
    pub urls: Vec<Uri>,

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
    let client = roomcast_client::http::Options {
        accept_push: !options.no_push,
        connect_timeout: options.timeout,
        ..options.connection.client_options()?
    };
    let headers = options.headers.map();
    let colours = Colours::of(&std::io::stdout());
    let mut failures = Vec::new();
    for (nth, url) in options.urls.iter().enumerate() {
        let mut result = answer(url, ask::ask(url, &client, &headers, options.timeout)).await;
        if options.fail {
            result = result.and_then(ProbeFailure::by_status);
        }
        print(&options, url, &result, nth > 0, colours)?;
        failures.extend(result.err());
    }
    match (failures.len(), options.urls.len()) {
        (0, _) => Ok(()),
        (_, 1) => Err(Failure::Remote(failures.remove(0).to_string())),
        (failed, all) => Err(Failure::Remote(format!(
            "{failed} of {all} servers did not answer as they should"
        ))),
    }
}

/// Waits for the report, and says on a terminal that it takes its time.
async fn answer(
    url: &Uri,
    report: impl Future<Output = Result<Report, ProbeFailure>>,
) -> Result<Report, ProbeFailure> {
    let mut report = pin!(report);
    if let Ok(report) = timeout(PATIENCE, &mut report).await {
        return report;
    }
    let quiet = !std::io::stderr().is_terminal();
    Notes::new(quiet).say(&format!("waiting for {url}"));
    report.await
}

fn print(
    options: &ProbeOptions,
    url: &Uri,
    result: &Result<Report, ProbeFailure>,
    is_later: bool,
    colours: Colours,
) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match result {
        _ if options.json => writeln!(stdout, "{}", json::line(url, result))?,
        Ok(report) => {
            let gap = if is_later { "\n" } else { "" };
            write!(stdout, "{gap}{}", text::describe(url, report, colours))?;
        }
        // A single one ends the command with its sentence.
        Err(failure) if options.urls.len() > 1 => {
            Notes::new(false).say(&format!("{url}: {failure}"));
        }
        Err(_) => {}
    }
    stdout.flush()?;
    Ok(())
}

fn parse_url(text: &str) -> Result<Uri, String> {
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let url: Uri = whole
        .parse()
        .map_err(|_| "write it as https://example.com/ or example.com".to_owned())?;
    match url.scheme_str() {
        Some("http" | "https") => Ok(url),
        _ => Err("only http:// and https:// can be asked".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_scheme_is_a_secure_one() {
        assert_eq!(
            parse_url("localhost:8443").unwrap(),
            "https://localhost:8443/"
        );
        assert_eq!(parse_url("http://a/b?c").unwrap(), "http://a/b?c");
        assert!(parse_url("ftp://a/").is_err());
        assert!(parse_url("https://").is_err());
        assert!(parse_url("two words").is_err());
    }
}
