//! A load as a picture: like the network tab of a browser. It needs nothing but itself, and follows
//! its viewer's choice of light or dark.

use std::fmt::Write as _;
use std::time::Duration;

use super::recording::{File, Initiator, Recording};
use super::units::{bytes, milliseconds};
use super::waterfall::{Phase, name, protocol, shortened, totals};
use crate::output::harmless;

/// Width of the picture, in its own units, which are pixels unless it is scaled.
const WIDTH: f64 = 1000.0;
/// Where the columns begin.
const INITIATOR_X: f64 = 268.0;
const STATUS_X: f64 = 322.0;
const PROTOCOL_X: f64 = 370.0;
const SIZE_X: f64 = 500.0;
const BARS_X: f64 = 520.0;
/// Where the bars end; behind them is room for the time of the last one.
const BARS_END: f64 = 930.0;
const ROW: f64 = 22.0;
const MARGIN: f64 = 16.0;
/// Height of a sentence about a file or a load, on a line of its own.
const REMARK: f64 = 18.0;
/// Heights of a load's title with its totals and the heads of the columns, and of the legend below
/// all.
const TITLE: f64 = 68.0;
const LEGEND: f64 = 40.0;
/// Letters of the longest name, address and sentence that there is room for.
const NAME_LETTERS: usize = 34;
const ADDRESS_LETTERS: usize = 64;
const REMARK_LETTERS: usize = 130;
/// Room for one letter of the legend: more than most take.
const LETTER: f64 = 6.6;
/// The most lines of time behind the bars, besides the one at their beginning.
const MAX_LINES: u32 = 6;
/// The narrowest bar that can be seen.
const MIN_BAR: f64 = 1.5;

const STYLE: &str = "\
:root{color-scheme:light dark;--back:#fff;--text:#1f2328;--quiet:#656d76;--line:#d8dee4;\
--queued:#c9d1d9;--waiting:#8fc8a9;--receiving:#2563c9;--pushed:#8250df;--bad:#cf222e}\
@media(prefers-color-scheme:dark){:root{--back:#0d1117;--text:#e6edf3;--quiet:#8d96a0;--line:#30363d;\
--queued:#484f58;--waiting:#3f7a58;--receiving:#58a6ff;--pushed:#bc8cff;--bad:#ff7b72}}\
text{font:12px system-ui,sans-serif;fill:var(--text)}.title{font-weight:600;font-size:14px}\
.quiet{fill:var(--quiet)}.bad{fill:var(--bad)}.end{text-anchor:end}\
.middle{text-anchor:middle}.time{paint-order:stroke;stroke:var(--back);stroke-width:4px;stroke-linejoin:round}.back{fill:var(--back)}\
.line{stroke:var(--line)}.queued{fill:var(--queued)}.waiting{fill:var(--waiting)}\
.receiving{fill:var(--receiving)}.pushed .receiving,.promised{fill:var(--pushed)}";

/// The picture of these loads, one below the other on one scale of time, each with its label.
pub(super) fn picture(loads: &[(&str, &Recording)]) -> String {
    let end = loads.iter().map(|(_, recording)| recording.end()).max();
    let end = end.unwrap_or_default().max(Duration::from_micros(1));
    let heights = loads.iter().map(|(_, recording)| load_height(recording));
    let height = heights.sum::<f64>() + LEGEND + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"When each file of a page came\">\n<style>{STYLE}</style>\n\
         <rect class=\"back\" width=\"100%\" height=\"100%\"/>\n"
    );
    let mut top = 0.0;
    for (label, recording) in loads {
        let scale = Scale { top, end };
        scale.load(&mut svg, label, recording);
        top += load_height(recording);
    }
    let is_pushed = |file: &File| file.initiator == Initiator::Push;
    let mut files = loads.iter().flat_map(|(_, recording)| &recording.files);
    legend(&mut svg, top + LEGEND / 2.0 + 4.0, files.any(is_pushed));
    svg.push_str("</svg>\n");
    svg
}

fn load_height(recording: &Recording) -> f64 {
    MARGIN + TITLE + rows_height(recording) + count(&recording.left_out) * REMARK
}

fn rows_height(recording: &Recording) -> f64 {
    recording.files.iter().map(row_height).sum()
}

fn row_height(file: &File) -> f64 {
    if file.remark().is_some() {
        ROW + REMARK
    } else {
        ROW
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are few")]
fn count<T>(items: &[T]) -> f64 {
    items.len() as f64
}

/// The distance of the lines of time: 1, 2 or 5 times a power of ten, so that there are few.
fn line_distance(end: Duration) -> Duration {
    let mut power = Duration::from_micros(1);
    loop {
        for factor in [1, 2, 5] {
            let distance = power.saturating_mul(factor);
            if distance.saturating_mul(MAX_LINES) >= end {
                return distance;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Where a load stands, and how long the scale of time is.
struct Scale {
    top: f64,
    end: Duration,
}

impl Scale {
    fn x(&self, time: Duration) -> f64 {
        BARS_X + (BARS_END - BARS_X) * time.as_secs_f64() / self.end.as_secs_f64()
    }

    fn load(&self, svg: &mut String, label: &str, recording: &Recording) {
        let title_y = self.top + MARGIN + 14.0;
        text(svg, "title", MARGIN, title_y, label);
        let complete = format!(
            "complete after {} ms",
            milliseconds(recording.complete_at())
        );
        text(svg, "title end", WIDTH - MARGIN, title_y, &complete);
        let address = shortened(&harmless(recording.url.as_str()), ADDRESS_LETTERS);
        let totals = format!("{address}: {}", totals(recording));
        text(svg, "quiet", MARGIN, title_y + 18.0, &totals);
        let head_y = title_y + 44.0;
        for (class, x, head) in [
            ("quiet", MARGIN, "file"),
            ("quiet", INITIATOR_X, "by"),
            ("quiet", STATUS_X, "status"),
            ("quiet", PROTOCOL_X, "protocol"),
            ("quiet end", SIZE_X, "on the wire"),
        ] {
            text(svg, class, x, head_y, head);
        }
        let mut y = self.top + MARGIN + TITLE;
        self.lines(svg, head_y, y + rows_height(recording));
        for file in &recording.files {
            self.row(svg, file, recording, y);
            y += row_height(file);
        }
        for note in &recording.left_out {
            let note = shortened(&harmless(note), REMARK_LETTERS);
            text(svg, "quiet", MARGIN, y + 12.0, &note);
            y += REMARK;
        }
    }

    /// The lines of time behind the bars, with their heads.
    fn lines(&self, svg: &mut String, head_y: f64, bottom: f64) {
        let distance = line_distance(self.end);
        let mut time = Duration::ZERO;
        while time <= self.end {
            let x = self.x(time);
            let y = head_y + 6.0;
            let _ = writeln!(
                svg,
                "<line class=\"line\" x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/>"
            );
            let head = format!("{} ms", milliseconds(time));
            let class = if time.is_zero() {
                "quiet"
            } else {
                "quiet middle"
            };
            text(svg, class, x, head_y, &head);
            time += distance;
        }
    }

    fn row(&self, svg: &mut String, file: &File, recording: &Recording, y: f64) {
        let class = if file.initiator == Initiator::Push {
            "pushed"
        } else {
            "asked"
        };
        let _ = write!(
            svg,
            "<g class=\"{class}\"><title>{}",
            escaped(file.url.as_str())
        );
        if let Some(remark) = file.remark() {
            let _ = write!(svg, ": {}", escaped(&remark));
        }
        svg.push_str("</title>\n");
        let base = y + 15.0;
        let own_name = shortened(&name(file, &recording.url), NAME_LETTERS);
        text(svg, "", MARGIN, base, &own_name);
        text(svg, "quiet", INITIATOR_X, base, file.initiator.word());
        let is_well =
            file.error.is_none() && file.status.is_some_and(|status| status.as_u16() < 400);
        let status = file
            .status
            .map_or("-".to_owned(), |status| status.as_str().to_owned());
        text(
            svg,
            if is_well { "" } else { "bad" },
            STATUS_X,
            base,
            &status,
        );
        text(svg, "quiet", PROTOCOL_X, base, protocol(file.version));
        text(svg, "end", SIZE_X, base, &bytes(file.wire_bytes));
        for phase in [Phase::Queued, Phase::Waiting, Phase::Receiving] {
            if let Some((from, to)) = phase.times(file) {
                let x = self.x(from);
                let width = self.x(to) - x;
                let least = if phase == Phase::Receiving {
                    MIN_BAR
                } else {
                    0.0
                };
                let _ = writeln!(
                    svg,
                    "<rect class=\"{}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"12\"/>",
                    class_of(phase),
                    y + 5.0,
                    width.max(least),
                );
            }
        }
        if let Some(end) = file.end_at {
            text(
                svg,
                "quiet time",
                self.x(end) + 6.0,
                base,
                &format!("{} ms", milliseconds(end)),
            );
        }
        if let Some(remark) = file.remark() {
            let class = if file.error.is_some() { "bad" } else { "quiet" };
            let remark = shortened(&harmless(&remark), REMARK_LETTERS);
            text(svg, class, MARGIN + 12.0, y + ROW + 10.0, &remark);
        }
        svg.push_str("</g>\n");
    }
}

fn legend(svg: &mut String, y: f64, has_pushes: bool) {
    let phases = [Phase::Queued, Phase::Waiting, Phase::Receiving]
        .map(|phase| (class_of(phase), phase.words()));
    let pushed = has_pushes.then_some(("promised", "receives what was pushed"));
    let mut x = MARGIN;
    for (class, words) in phases.into_iter().chain(pushed) {
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"12\" height=\"12\"/>",
            y - 10.0,
        );
        text(svg, "quiet", x + 18.0, y, words);
        x += 42.0 + count(words.as_bytes()) * LETTER;
    }
}

fn class_of(phase: Phase) -> &'static str {
    match phase {
        Phase::Queued => "queued",
        Phase::Waiting => "waiting",
        Phase::Receiving => "receiving",
    }
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, content: &str) {
    let content = escaped(content);
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{content}</text>"
    );
}

/// Text as XML has it; characters that XML cannot have become visible ones.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            other if other.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn each_file_has_its_bars_on_one_scale_of_time() {
        let recording = sample::recording();
        let svg = picture(&[("HTTP/1.1", &recording), ("HTTP/2", &recording)]);
        assert_eq!(svg.matches("<g class=").count(), 12);
        assert_eq!(svg.matches("<g class=\"pushed\">").count(), 2);
        // From 180 to 200 ms of 400, on 410 units that begin at 520.
        let receiving = "<rect class=\"receiving\" x=\"704.5\" y=\"89.0\" width=\"20.5\"";
        assert!(svg.contains(receiving), "{svg}");
        assert!(svg.contains(">HTTP/1.1</text>") && svg.contains(">complete after 400 ms</text>"));
        assert!(svg.contains(">https://localhost:8443/: 6 files, 111 kB on the wire, "));
        for time in [0, 100, 200, 300, 400] {
            assert!(svg.contains(&format!(">{time} ms</text>")), "{time}");
        }
    }

    #[test]
    fn what_is_remarkable_is_said_below_its_file_and_what_is_left_out_below_all() {
        let recording = sample::recording();
        let svg = picture(&[("HTTP/2", &recording)]);
        assert!(svg.contains(">pushed, and not needed</text>"));
        assert!(svg.contains("<text class=\"bad\" x=\"28.0\""), "{svg}");
        assert!(svg.contains(">2 references left out: beyond --max-files 6</text>"));
        assert!(svg.contains(">receives what was pushed</text>"));
        let mut unpushed = recording.clone();
        unpushed.files[2].initiator = Initiator::Parser;
        assert!(!picture(&[("HTTP/2", &unpushed)]).contains("what was pushed"));
    }

    #[test]
    fn the_lines_of_time_are_few_and_of_round_times() {
        for (end, distance) in [(6, 1), (7, 2), (400, 100), (600, 100), (601, 200)] {
            let distance = Duration::from_millis(distance);
            assert_eq!(line_distance(Duration::from_millis(end)), distance, "{end}");
        }
        assert!(line_distance(Duration::MAX) < Duration::MAX);
    }

    #[test]
    fn nothing_in_a_picture_is_markup_but_ours() {
        let mut recording = sample::recording();
        recording.files[0].error = Some("<script>&\"\u{1}".to_owned());
        let svg = picture(&[("<i>", &recording)]);
        assert!(svg.contains("&lt;script&gt;&amp;&quot;\u{fffd}</title>"));
        assert!(!svg.contains("<script") && !svg.contains("<i>") && !svg.contains('\x1b'));
        assert!(svg.contains("a=1&amp;b=2"));
    }

    #[test]
    fn a_picture_of_a_load_without_any_time_has_no_infinite_numbers() {
        let mut recording = sample::recording();
        recording.files.truncate(1);
        recording.files[0].end_at = None;
        let svg = picture(&[("HTTP/2", &recording)]);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
