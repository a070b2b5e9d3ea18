//! `roomcast ws`: a bare WebSocket, between standard input and output.

mod input;

use std::io::{IsTerminal as _, Write as _};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, header};
use roomcast_client::websocket::{self, OpenError, OpenOptions, Opened, WebSocket};
use roomcast_shared::duration::parse_duration;
use roomcast_shared::whole_number::whole_number;
use roomcast_websocket::close::MAX_REASON_BYTES;
use roomcast_websocket::{CloseCode, Config, Error, Limits, Message, Timeouts};
use tokio::time::{Instant, sleep_until, timeout};

use crate::address::Address;
use crate::connection::{ConnectionOptions, HeaderOptions, needs_tls};
use crate::failure::Failure;
use crate::interrupt::FAREWELL_TIMEOUT;
use crate::output::{self, Notes, harmless};
use crate::text_lines::InputError;
use input::Input;

const EXAMPLES: &str = "\
Each line of input is sent as a text message; each text message is printed as a line. When the input ends, \
the connection stays open for as long as messages come, and is closed with code 1000 (--close-code) after a \
second of silence (--linger). A message of several lines is printed as several. A line of the input that is no \
UTF-8 is not sent, and ends the command with exit code 2 after the others; --binary sends all bytes as they are. Redirects are followed, at most 20.

The exit code is 0 when the connection was closed with 1000 or 1001, or without a code, or by us, 1 when it \
broke or was closed for another reason, which is named, 2 for wrong arguments, and 130 after Ctrl-C. TIME is a \
whole number with a unit: 500ms, 10s, 2m, 1h. No proxy is used: HTTP_PROXY is ignored.

Examples:
  roomcast ws wss://localhost:8443/api/echo --insecure
  echo hello | roomcast ws wss://host/echo --one
  roomcast ws wss://host/feed --linger 1h < /dev/null | head -20
  roomcast ws wss://host/upload --binary < picture.png";

/// The options of `roomcast ws`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct WsOptions {
    /// Address of the WebSocket: wss:// or ws://, also written https:// or http://; wss:// may be left out.
    #[arg(value_name = "URL", value_parser = crate::address::parse)]
    address: Address,

    /// Send the input as binary messages, one for each piece as it comes (at most 64 KiB), and write
    /// what is received as it is, without line breaks.
    #[arg(long, short)]
    binary: bool,

    /// Subprotocol to offer; may be given several times, the best first.
    #[arg(long, value_name = "NAME")]
    subprotocol: Vec<String>,

    /// The Origin to name, as a page of that site would.
    #[arg(long, value_name = "URL")]
    origin: Option<HeaderValue>,

    /// Close after the first message that is received.
    #[arg(long)]
    one: bool,

    /// After the end of the input, close when nothing came for so long, such as 500ms or 1h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1s")]
    linger: Duration,

    /// The code to close with: 1000, 1001 or another that RFC 6455 lets a client send, such as 3000 to 4999.
    #[arg(long, value_name = "CODE", value_parser = parse_close_code, default_value = "1000")]
    close_code: CloseCode,

    /// The reason to close with, at most 123 bytes.
    #[arg(long, value_name = "TEXT", value_parser = parse_close_reason, default_value = "", hide_default_value = true)]
    close_reason: String,

    /// Ping the server after so long a silence; it has 20s to answer.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "30s")]
    ping_interval: Duration,

    /// The longest message to accept, in bytes; the default is 16 MiB.
    #[arg(long, value_name = "BYTES", value_parser = whole_number::<usize>(0..=u64::MAX),
          default_value_t = roomcast_websocket::config::MAX_MESSAGE_BYTES)]
    max_message_bytes: usize,

    /// Say nothing about the connection on standard error.
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten)]
    headers: HeaderOptions,

    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Carries messages both ways until either side closes.
///
/// # Errors
/// [`Failure`] when the WebSocket is not opened, breaks, or is closed for a bad reason.
pub async fn run(options: WsOptions) -> Result<(), Failure> {
    let notes = Notes::new(options.quiet);
    let target = &options.address.url;
    let http = options.connection.client_options(needs_tls(target))?;
    let Opened {
        socket,
        url,
        version,
        protocol,
        ..
    } = output::with_progress(
        notes,
        &format!("connects to {target}"),
        websocket::open(target, &http, &options.open_options()),
    )
    .await?;
    let version = output::version(version);
    let protocol = protocol.map_or_else(String::new, |name| format!(", subprotocol {name}"));
    notes.say(&format!("connected to {url} over {version}{protocol}"));
    let mut session = Session {
        socket,
        notes,
        input: Input::of_stdin(options.binary),
        pending: None,
        close_at: None,
        linger: options.linger,
        binary: options.binary,
        close: (options.close_code, options.close_reason),
        refused: None,
        is_closed_by_us: false,
        is_terminal: std::io::stdout().is_terminal(),
    };
    session.carry(options.one).await?;
    session.closed()?;
    let refused = session
        .refused
        .map(|error| Failure::Usage(error.to_string()));
    refused.map_or(Ok(()), Err)
}

impl WsOptions {
    fn open_options(&self) -> OpenOptions {
        let mut headers = self.headers.map_for(&self.address);
        if let Some(origin) = &self.origin {
            headers.insert(header::ORIGIN, origin.clone());
        }
        OpenOptions {
            config: Config {
                limits: Limits {
                    max_message_bytes: self.max_message_bytes,
                    ..Limits::default()
                },
                timeouts: Timeouts {
                    ping_interval: self.ping_interval,
                    ..Timeouts::default()
                },
            },
            headers,
            protocols: self.subprotocol.clone(),
            follow_redirects: true,
        }
    }
}

/// A WebSocket and what is carried over it.
struct Session {
    socket: WebSocket,
    notes: Notes,
    input: Input,
    /// Read and not yet sent: the socket has no room.
    pending: Option<Message>,
    /// When to close, once the input has ended.
    close_at: Option<Instant>,
    linger: Duration,
    binary: bool,
    /// Code and reason to close with.
    close: (CloseCode, String),
    /// The first line that was no text.
    refused: Option<InputError>,
    is_closed_by_us: bool,
    is_terminal: bool,
}

/// What happens next on the socket.
enum Step {
    HasRoom,
    Received(Option<Message>),
    /// The peer broke the protocol, and does not end the connection.
    Failing,
}

impl Session {
    /// Carries messages until the connection is closed.
    async fn carry(&mut self, one: bool) -> Result<(), Failure> {
        loop {
            let has_pending = self.pending.is_some();
            let close_at = self.close_at;
            tokio::select! {
                step = next_step(&mut self.socket, has_pending) => match step? {
                    Step::HasRoom => {
                        if let Some(message) = self.pending.take() {
                            self.socket.feed(message).await?;
                            self.is_alive();
                        }
                    }
                    Step::Received(None) => return Ok(()),
                    Step::Failing => return self.failing().await,
                    Step::Received(Some(message)) => {
                        self.print(&message)?;
                        self.is_alive();
                        if one {
                            break;
                        }
                    }
                },
                message = self.input.next(), if !has_pending && close_at.is_none() => match message {
                    Ok(Some(message)) => self.pending = Some(message),
                    Ok(None) => self.close_at = Some(Instant::now() + self.linger),
                    Err(error @ InputError::NotUtf8 { .. }) => {
                        self.refused.get_or_insert(error);
                    }
                    Err(error) => return Err(Failure::Usage(error.to_string())),
                },
                () = sleep_until(close_at.unwrap_or_else(Instant::now)), if close_at.is_some() && !has_pending => break,
            }
        }
        self.is_closed_by_us = true;
        let (code, reason) = &self.close;
        match self.socket.close(*code, reason).await {
            // We were done: whether the server says good-bye does not matter.
            Ok(()) | Err(Error::Lost | Error::Io(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends with what the peer broke. Who breaks the protocol may never answer a Close frame: it gets no
    /// more time than a farewell has.
    async fn failing(&mut self) -> Result<(), Failure> {
        let failure = self.socket.failure().map(ToString::to_string);
        let _ = timeout(FAREWELL_TIMEOUT, self.socket.recv()).await;
        failure.map_or(Ok(()), |failure| Err(Failure::Remote(failure)))
    }

    /// Something was carried: wait again for the end of it.
    fn is_alive(&mut self) {
        if self.close_at.is_some() {
            self.close_at = Some(Instant::now() + self.linger);
        }
    }

    fn print(&self, message: &Message) -> Result<(), Failure> {
        let mut output = std::io::stdout().lock();
        match message {
            Message::Text(text) if self.binary => output.write_all(text.as_bytes())?,
            Message::Binary(bytes) if self.binary => output.write_all(bytes)?,
            Message::Text(text) if self.is_terminal => {
                for line in text.split('\n') {
                    writeln!(output, "{}", harmless(line))?;
                }
            }
            Message::Text(text) => writeln!(output, "{text}")?,
            Message::Binary(bytes) => self.notes.say(&format!(
                "a binary message of {} bytes is not printed; --binary writes it out",
                bytes.len()
            )),
        }
        output.flush()?;
        Ok(())
    }

    /// What the server's close means.
    fn closed(&self) -> Result<(), Failure> {
        let Some(close) = self.socket.peer_close() else {
            self.notes.say("closed without a code");
            return Ok(());
        };
        let mut sentence = format!("closed with code {}", close.code());
        if !close.reason().is_empty() {
            sentence = format!("{sentence}: {}", close.reason());
        }
        match close.code() {
            CloseCode::NORMAL | CloseCode::GOING_AWAY => {
                self.notes.say(&sentence);
                Ok(())
            }
            // A server answers with the code that it got.
            code if self.is_closed_by_us && code == self.close.0 => {
                self.notes.say(&sentence);
                Ok(())
            }
            _ => Err(Failure::Remote(harmless(&sentence))),
        }
    }
}

/// Waits for a message, and for room for one if there `is_pending` one. A full socket must go on
/// reading: its peer may wait for that before it reads itself.
async fn next_step(socket: &mut WebSocket, is_pending: bool) -> Result<Step, Failure> {
    std::future::poll_fn(|cx| {
        if is_pending && let Poll::Ready(ready) = pin!(socket.ready()).poll(cx) {
            match ready {
                Ok(()) => return Poll::Ready(Ok(Step::HasRoom)),
                // Reading says why there will never be room.
                Err(Error::Closed) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        match socket.poll_recv(cx) {
            Poll::Ready(received) => {
                Poll::Ready(received.map(Step::Received).map_err(Failure::from))
            }
            Poll::Pending if socket.failure().is_some() => Poll::Ready(Ok(Step::Failing)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Http(error) => error.into(),
            error => Self::Remote(error.to_string()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Remote(error.to_string())
    }
}

fn parse_close_code(text: &str) -> Result<CloseCode, String> {
    let code = text.parse::<u16>().map_err(|_| "it is a number")?;
    CloseCode::try_from(code).map_err(|error| error.to_string())
}

fn parse_close_reason(text: &str) -> Result<String, String> {
    if text.len() > MAX_REASON_BYTES {
        return Err(format!("it is longer than {MAX_REASON_BYTES} bytes"));
    }
    Ok(text.to_owned())
}

/// A piece of binary input as a message.
fn binary_message(piece: &[u8]) -> Message {
    Message::Binary(Bytes::copy_from_slice(piece))
}
