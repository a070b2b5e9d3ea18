//! A report for people.

use std::fmt::Write as _;
use std::time::Duration;

use http::{HeaderMap, Uri, header};

use super::certificate::Certificate;
use super::report::{Answer, BodyEnd, PushReport, Report, TlsReport, version};
use crate::output::{Colours, Style, harmless};

/// Width of the names in front, in characters.
const NAME_WIDTH: usize = 14;

/// A table under construction. Writing to a string cannot fail.
struct Table {
    text: String,
    colours: Colours,
}

impl Table {
    /// A line with a name in front; an empty name continues the line above.
    fn line(&mut self, name: &str, value: &str) {
        let name = self
            .colours
            .paint(Style::Dim, &format!("{name:NAME_WIDTH$}"));
        let _ = writeln!(self.text, "{name} {}", harmless(value));
    }

    /// Several lines with the name in front of the first.
    fn lines(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        let mut name = name;
        for value in values {
            self.line(std::mem::take(&mut name), &value);
        }
    }

    fn fields(&mut self, headers: &HeaderMap) {
        for (name, value) in headers {
            let name = self.colours.paint(Style::Name, name.as_str());
            let value = String::from_utf8_lossy(value.as_bytes());
            let _ = writeln!(self.text, "{name}: {}", harmless(&value));
        }
    }
}

/// Everything about one address; the version of HTTP comes first.
pub(super) fn describe(url: &Uri, report: &Report, colours: Colours) -> String {
    let mut table = Table {
        text: String::new(),
        colours,
    };
    if let Some(known) = report.version {
        let version = colours.paint(Style::Bold, version(known));
        let _ = writeln!(table.text, "Protocol Version: {version}");
    }
    table.line("Address", &format!("{url} at {}", report.remote));
    if let Some(tls) = &report.tls {
        describe_tls(&mut table, tls);
    }
    if let Some(settings) = &report.settings {
        let none = settings
            .is_empty()
            .then(|| "none, all at their defaults".to_owned());
        let settings = settings.iter().map(ToString::to_string);
        table.lines("Settings", none.into_iter().chain(settings));
        let takes = if report.takes_extended_connect() {
            "yes: WebSockets can go over HTTP/2"
        } else {
            "no: WebSockets need HTTP/1.1"
        };
        table.line("Ext. CONNECT", takes);
    }
    for head in &report.informational {
        let links = head.headers().get_all(header::LINK).iter();
        let links = links.map(|link| String::from_utf8_lossy(link.as_bytes()).into_owned());
        table.line("Informational", &head.status().to_string());
        table.lines("", links);
    }
    if let Some(answer) = &report.answer {
        describe_body(&mut table, answer);
    }
    table.line("Times", &times(report));
    if let Some(answer) = &report.answer {
        let status = match answer.status.as_u16() {
            ..300 => Style::Good,
            300..400 => Style::Notable,
            _ => Style::Bad,
        };
        let status = colours.paint(status, &answer.status.to_string());
        let _ = writeln!(table.text, "\n{status}");
        table.fields(&answer.headers);
    }
    table.text
}

fn describe_body(table: &mut Table, answer: &Answer) {
    table.lines("Pushed", answer.pushes.iter().map(push));
    if let Some(alternatives) = answer.headers.get(header::ALT_SVC) {
        table.line("Alt-Svc", &String::from_utf8_lossy(alternatives.as_bytes()));
    }
    let more = match answer.body.end {
        BodyEnd::Whole => "",
        BodyEnd::LeftOff => " and more to come",
        BodyEnd::BrokenOff => ", then it broke off",
    };
    table.line("Body", &format!("{} bytes{more}", answer.body.bytes));
}

fn describe_tls(table: &mut Table, tls: &TlsReport) {
    let key_exchange = tls.key_exchange.iter().map(String::as_str);
    let parts = [tls.version.as_str(), &tls.cipher_suite];
    let parts: Vec<_> = parts.into_iter().chain(key_exchange).collect();
    table.line("TLS", &parts.join(", "));
    table.line("ALPN", tls.alpn.as_deref().unwrap_or("nothing agreed on"));
    match &tls.certificate {
        Some(certificate) => describe_certificate(table, certificate),
        None => table.line("Certificate", "it cannot be read"),
    }
}

fn describe_certificate(table: &mut Table, certificate: &Certificate) {
    table.line("Certificate", &certificate.subject);
    if certificate.is_self_signed {
        table.line("  issued by", "itself");
    } else {
        table.line("  issued by", &certificate.issuer);
    }
    table.line("  names", &certificate.names.join(", "));
    table.line("  valid from", &certificate.not_before);
    table.line("  until", &certificate.not_after);
    table.line("  SHA-256", &certificate.sha256);
}

fn push(push: &PushReport) -> String {
    match &push.response {
        Ok((status, bytes)) => format!("{} ({}, {bytes} bytes)", push.path, status.as_u16()),
        Err(error) => format!("{} (failed: {error})", push.path),
    }
}

fn times(report: &Report) -> String {
    let opening = report.times.opening;
    let mut times = vec![("DNS", opening.resolve), ("connect", opening.connect)];
    times.extend(opening.tls.map(|time| ("TLS", time)));
    times.extend(report.times.first_byte.map(|time| ("first byte", time)));
    times.push(("total", report.times.total));
    let times = times
        .iter()
        .map(|(name, time)| format!("{name} {}", milliseconds(*time)));
    times.collect::<Vec<_>>().join(", ")
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests;
