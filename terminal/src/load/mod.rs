//! `roomcast load`: loads a page as a browser without a cache would, and shows when each file came.

mod comparison;
mod cookies;
mod document;
mod failed;
mod fetch;
mod json;
mod limits;
mod link;
mod link_field;
mod loader;
mod media_types;
mod page;
mod pool;
mod progress;
mod recording;
mod reference;
#[cfg(test)]
mod sample;
mod settings;
mod sniff;
mod style;
mod svg;
mod units;
mod viewport;
mod waterfall;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use roomcast_client::http::{Options, Versions};
use roomcast_shared::duration::parse_duration;
use roomcast_shared::whole_number::whole_number;
use url::Url;

use crate::address::Address;
use crate::connection::{ConnectionOptions, HeaderOptions, needs_tls};
use crate::failure::Failure;
use crate::output::{Colours, harmless, harmless_json};
use comparison::{Load, MODES, Mode, Way, loads};
use link::LinkOptions;
use progress::ProgressLine;
use recording::Recording;
use settings::Settings;
use viewport::{Viewport, WindowSize, parse_density};

/// Columns of the picture where there is no terminal that says how many it has.
const DEFAULT_COLUMNS: usize = 80;

const EXAMPLES: &str = "\
Loaded is what Chromium would load for the window of --viewport without running scripts: images by srcset, sizes and \
picture, style sheets with what they import, backgrounds and fonts that displayed elements use, scripts and the \
modules that they import, media, frames, and what links, 103 and push bring, as far as the page's own policy \
allows. Redirects, immediate refreshes and cookies lead on as in a browser. docs/load.md has the rules and what is \
left out. Each file has a line: who named it, how it came, its size on the wire and decoded, when it was whole, \
and a bar from the moment when it was known. On a terminal there is progress until then.

--http2 and --compare insist on HTTP/2 for the server of the page alone; others speak what they can. Fields \
given by -H go to the origin of the address only. With --compare a load that lacks more files than that over \
HTTP/1.1 is not called faster. A version of HTTP that the server does not speak is marked, and the others are \
compared.

The exit code is 0 if the page itself came as a whole, also if one of its files did not, 1 if it did not, 2 for \
wrong arguments, and 130 after Ctrl-C. TIME is a whole number with a unit: 500ms, 30s, 2m. No proxy is used: \
HTTP_PROXY is ignored.

Examples:
  roomcast load -k https://localhost:8443/
  roomcast load -k --compare --rtt 60ms https://localhost:8443/
  roomcast load --http1 --svg page.svg https://example.org/
  roomcast load --viewport 390x844 --dpr 3 https://example.org/
  roomcast load --json https://example.org/ | jq '.files[].url'";

/// Options of `roomcast load`.
#[derive(Clone, Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[command(after_help = EXAMPLES)]
pub struct LoadOptions {
    /// Address of the page; https:// may be left out.
    #[arg(value_name = "URL", value_parser = crate::address::parse_http)]
    address: Address,

    /// Accept no server push over HTTP/2.
    #[arg(long)]
    no_push: bool,

    /// Ask for nothing because of a 103 response or a Link field.
    #[arg(long)]
    no_hints: bool,

    /// Load the page over HTTP/1.1, over HTTP/2 without hints and push, with hints, and with push, and
    /// compare.
    #[arg(long, conflicts_with_all = ["http1", "http2", "no_push", "no_hints"])]
    compare: bool,

    /// With --compare: how often to load the page by each way; the median counts.
    #[arg(long, value_name = "N", default_value_t = limits::ROUNDS, requires = "compare",
          value_parser = whole_number::<usize>(1..=100))]
    rounds: usize,

    /// The window for which files are chosen, in CSS pixels.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = WindowSize::DEFAULT)]
    viewport: WindowSize,

    /// Device pixels for each CSS pixel of the window; telephones have 2 or 3.
    #[arg(long, value_name = "RATIO", default_value = "1", value_parser = parse_density)]
    dpr: f64,

    #[command(flatten)]
    link: LinkOptions,

    /// Print JSON instead of a picture; docs/load.md has the fields.
    #[arg(long)]
    json: bool,

    /// Also write the picture to this file, as SVG; it is light or dark as its viewer is.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    #[command(flatten)]
    connection: ConnectionOptions,

    #[command(flatten)]
    headers: HeaderOptions,

    /// How long a load may take, such as 30s or 2m; what has not come by then is shown as such.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_duration)]
    timeout: Duration,

    /// How many files a page may have.
    #[arg(long, value_name = "N", default_value_t = limits::MAX_FILES,
          value_parser = whole_number::<usize>(1..=100_000))]
    max_files: usize,

    /// How large a page may be, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = limits::MAX_MEBIBYTES,
          value_parser = whole_number::<u64>(1..=65_536))]
    max_mebibytes: u64,
}

/// Loads the page and prints what came.
///
/// # Errors
/// [`Failure::Remote`] when the page itself did not come as a whole; a file of it that did not come is
/// shown as such.
pub async fn run(options: LoadOptions) -> Result<(), Failure> {
    let url = &options.address.url;
    let url =
        Url::parse(&url.to_string()).map_err(|error| Failure::Usage(format!("{url}: {error}")))?;
    let is_tls_needed = needs_tls(&options.address.url);
    let page = Page {
        client: options.connection.client_options(is_tls_needed)?,
        url,
        options,
    };
    if page.options.compare {
        page.compare().await
    } else {
        page.show().await
    }
}

/// What to load, and how.
struct Page {
    url: Url,
    options: LoadOptions,
    client: Options,
}

impl Page {
    async fn show(&self) -> Result<(), Failure> {
        let accept_push = !self.options.no_push;
        let mut line = ProgressLine::on_stderr();
        let recording = self.load(
            &mut line,
            self.client.versions,
            accept_push,
            !self.options.no_hints,
        );
        let recording = recording.await;
        line.clear();
        let came = outcome(&recording);
        if recording
            .document()
            .is_none_or(|document| document.status.is_none())
        {
            return came;
        }
        let version = recording.document().and_then(|document| document.version);
        let protocol = waterfall::protocol(version);
        let label = self.label(protocol);
        if let Some(file) = &self.options.svg {
            write_svg(file, &[(label.as_str(), &recording)])?;
        }
        if self.options.json {
            print(&harmless_json(&json::load(
                &recording,
                protocol,
                self.link(),
            )))?;
        } else {
            print(&waterfall::waterfall(
                &recording,
                &label,
                columns(),
                colours(),
            ))?;
        }
        came
    }

    async fn compare(&self) -> Result<(), Failure> {
        if !self.client.debug.http2_client {
            return Err(Failure::Usage(
                "HTTP/2 is switched off by ROOMCAST_DEBUG, so there is nothing to compare"
                    .to_owned(),
            ));
        }
        let mut line = ProgressLine::on_stderr();
        let mut ways = Vec::new();
        let mut refused: Option<(Versions, String)> = None;
        for mode in MODES {
            let median = match &refused {
                Some((versions, why)) if *versions == mode.versions => Err(why.clone()),
                _ => self.median(mode, &mut line).await?,
            };
            if let Err(why) = &median {
                refused = Some((mode.versions, why.clone()));
            }
            ways.push(Way::new(mode.label, median));
        }
        line.clear();
        if loads(&ways).next().is_none() {
            let sentences = comparison::not_spoken(&ways).join("; ");
            return Err(Failure::Remote(harmless(&sentences)));
        }
        if let Some(file) = &self.options.svg {
            let labels: Vec<_> = loads(&ways)
                .map(|load| self.label(load.row.label))
                .collect();
            let recordings = loads(&ways).map(|load| &load.recording);
            let pictures: Vec<_> = labels.iter().map(String::as_str).zip(recordings).collect();
            write_svg(file, &pictures)?;
        }
        if self.options.json {
            let json = json::comparison(self.url.as_str(), &ways, self.options.rounds, self.link());
            return print(&harmless_json(&json));
        }
        for Load { row, recording } in loads(&ways) {
            let label = self.label(row.label);
            print(&waterfall::waterfall(
                recording,
                &label,
                columns(),
                colours(),
            ))?;
            print("\n")?;
        }
        print(&comparison::table(&ways, colours()))
    }

    /// The median load by a way, or why the server does not speak it.
    async fn median(
        &self,
        mode: Mode,
        line: &mut ProgressLine,
    ) -> Result<Result<Recording, String>, Failure> {
        let mut recordings = Vec::new();
        let rounds = self.options.rounds;
        for round in 1..=rounds {
            line.begin(format!("{}, round {round} of {rounds}", mode.label));
            let recording = self
                .load(&mut *line, mode.versions, mode.accept_push, mode.use_hints)
                .await;
            if let Some(why) = refusal(&recording) {
                return Ok(Err(why));
            }
            outcome(&recording)
                .map_err(|failure| Failure::Remote(format!("{}: {failure}", mode.label)))?;
            recordings.push(recording);
        }
        comparison::median(recordings)
            .map(Ok)
            .ok_or_else(|| Failure::Usage("--rounds must be at least 1".to_owned()))
    }

    async fn load(
        &self,
        line: &mut ProgressLine,
        versions: Versions,
        accept_push: bool,
        use_hints: bool,
    ) -> Recording {
        let settings = Settings {
            options: Options {
                versions,
                accept_push,
                link: self.options.link.link(),
                ..self.client.clone()
            },
            use_hints,
            fields: self.options.headers.map_for(&self.options.address),
            timeout: self.options.timeout,
            viewport: Viewport {
                width: self.options.viewport.width.into(),
                height: self.options.viewport.height.into(),
                density: self.options.dpr,
            },
            max_files: self.options.max_files,
            max_mebibytes: self.options.max_mebibytes,
        };
        loader::load(&self.url, &settings, line).await
    }

    fn link(&self) -> Option<&LinkOptions> {
        Some(&self.options.link).filter(|link| link.is_emulated())
    }

    /// How it was loaded, in words.
    fn label(&self, protocol: &str) -> String {
        match self.link() {
            Some(link) => format!("{protocol} ({})", link.words()),
            None => protocol.to_owned(),
        }
    }
}

/// Why the page did not come, if its server does not speak the version of HTTP that was asked for.
fn refusal(recording: &Recording) -> Option<String> {
    let document = recording.document()?;
    document
        .error
        .clone()
        .filter(|_| document.is_version_refused)
}

/// Whether the page itself came as a whole.
fn outcome(recording: &Recording) -> Result<(), Failure> {
    let error = recording
        .document()
        .and_then(|document| document.error.clone());
    error.map_or(Ok(()), |error| Err(Failure::Remote(harmless(&error))))
}

fn write_svg(file: &PathBuf, loads: &[(&str, &Recording)]) -> Result<(), Failure> {
    std::fs::write(file, svg::picture(loads))
        .map_err(|error| Failure::Remote(format!("cannot write {}: {error}", file.display())))
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn colours() -> Colours {
    Colours::of(&std::io::stdout())
}

fn columns() -> usize {
    if !std::io::stdout().is_terminal() {
        return DEFAULT_COLUMNS;
    }
    ratatui::crossterm::terminal::size().map_or(DEFAULT_COLUMNS, |(width, _)| usize::from(width))
}
