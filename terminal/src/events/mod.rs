//! `roomcast events`: reads an event stream.

mod line;

use std::future::Future as _;
use std::io::{BufWriter, Write};
use std::num::NonZeroU64;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use roomcast_client::events::{Change, EventStream, Loss, ReadError, ReadOptions};
use roomcast_shared::duration::parse_duration;
use roomcast_shared::whole_number::whole_number;

use crate::address::Address;
use crate::connection::{ConnectionOptions, HeaderOptions, needs_tls};
use crate::failure::Failure;
use crate::output::{self, Notes};

/// How much is gathered before it is printed while events come faster than that, in bytes.
const OUTPUT_BYTES: usize = 64 * 1024;

const EXAMPLES: &str = "\
Each event is one line, its further lines indented:
  Event(Id=17, Event=message): hello

A lost connection is opened again with the id of the last event, so that nothing is missed: after the time that \
the server asked for by 'retry' (1s unless it did, at most 5m) and a random time of up to as much again, which doubles with \
each attempt that brings no event, up to 30s. The statuses 429, 500, 502, 503 and 504 are tried \
again as well, not before the seconds of Retry-After (at most 5m). Reading ends when the server answers 204, \
or with an error that would come again, such as 404. Redirects are followed, at most 20. Streams in gzip and \
brotli are decoded. The data of an event may have 1 MiB, and so may its id and its name; more ends \
reading.

The exit code is 0 when the server said that there is no more, or after --count events, 1 when reading \
failed for good, 2 for wrong arguments, and 130 after Ctrl-C. TIME is a whole number with a unit: 500ms, 90s, \
5m, 1h. No proxy is used: HTTP_PROXY is ignored.

Examples:
  roomcast events https://localhost:8443/prime --insecure --count 10
  roomcast events https://host/api/rooms/ops/events --json | jq -r .data
  roomcast events https://host/feed --last-event-id 41 -H 'Cookie: a=b'";

/// The options of `roomcast events`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct EventsOptions {
    /// Address of the stream; https:// may be left out.
    #[arg(value_name = "URL", value_parser = crate::address::parse)]
    address: Address,

    /// Print one JSON object a line, with "id", "event" and "data".
    #[arg(long)]
    json: bool,

    /// End after so many events. Default: read on.
    #[arg(long, short = 'n', value_name = "N", value_parser = whole_number::<NonZeroU64>(1..=u64::MAX))]
    count: Option<NonZeroU64>,

    /// End when the connection is lost: with exit code 0 if the server ended the stream, 1 if it broke.
    #[arg(long)]
    no_reconnect: bool,

    /// Resume after the event with this id. Default: where the server begins.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    last_event_id: String,

    /// Silence after which the connection counts as lost, such as 90s or 5m. It is opened again then, so
    /// a server that sends no comments between rare events wants more.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "2m")]
    silence_timeout: Duration,

    /// Say nothing about the connection on standard error.
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    headers: HeaderOptions,

    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Prints events until there are no more, or as many as were wanted.
///
/// # Errors
/// [`Failure`] when the stream ends otherwise.
pub async fn run(options: EventsOptions) -> Result<(), Failure> {
    let read_options = ReadOptions {
        headers: options.headers.map_for(&options.address),
        last_event_id: options.last_event_id,
        max_failures: None,
        silence_timeout: options.silence_timeout,
    };
    let url = options.address.url;
    let http = options.connection.client_options(needs_tls(&url))?;
    let connecting = format!("connects to {url}");
    let mut stream = EventStream::new(url, http, read_options);
    let notes = Notes::new(options.quiet);
    let format = line::Format::new(options.json);
    let mut output = BufWriter::with_capacity(OUTPUT_BYTES, std::io::stdout().lock());
    let mut left = options.count.map(NonZeroU64::get);
    let first = next_change(&mut stream, &mut output);
    let mut next = output::with_progress(notes, &connecting, first).await?;
    while let Some(change) = next {
        match change {
            Change::Event(event) => {
                format.write(&mut output, &event)?;
                left = left.map(|left| left - 1);
                if left == Some(0) {
                    break;
                }
            }
            Change::Opened { url, version } => {
                let version = output::version(version);
                notes.say(&format!("reads {url} over {version}"));
            }
            Change::Lost { loss, .. } if options.no_reconnect => {
                output.flush()?;
                return match loss {
                    Loss::Ended => Ok(()),
                    loss => Err(Failure::Remote(loss.to_string())),
                };
            }
            Change::Lost { loss, retry_in } => {
                let after = match stream.last_event_id() {
                    "" => String::new(),
                    id => format!(", resumes after {}", output::harmless(id)),
                };
                let seconds = output::seconds(retry_in);
                notes.say(&format!("{loss}; connects again in {seconds}{after}"));
            }
        }
        next = next_change(&mut stream, &mut output).await?;
    }
    output.flush()?;
    Ok(())
}

/// The next change. Whenever it has to be waited for, everything before it is printed.
async fn next_change(
    stream: &mut EventStream,
    output: &mut impl Write,
) -> Result<Option<Change>, Failure> {
    let mut next = pin!(stream.next_change());
    std::future::poll_fn(|cx| match next.as_mut().poll(cx) {
        Poll::Ready(change) => Poll::Ready(change.map_err(Failure::from)),
        Poll::Pending => match output.flush() {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error.into())),
        },
    })
    .await
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Connect(error) => error.into(),
            error => Self::Remote(error.to_string()),
        }
    }
}
