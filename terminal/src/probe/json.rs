//! A report for programs. The fields are documented in the README and stay as they are.

use std::time::Duration;

use http::{HeaderMap, Uri, header};
use serde_json::{Map, Value, json};

use super::certificate::Certificate;
use super::report::{BodyEnd, Outcome, PushReport, Report, TlsReport, version};

/// One line about one address.
pub(super) fn line(url: &Uri, outcome: &Outcome) -> String {
    let mut value = match &outcome.report {
        Some(report) => report_value(url, report),
        None => json!({ "url": url.to_string() }),
    };
    if let Some(failure) = &outcome.failure {
        value["error"] = json!({ "step": failure.step(), "message": failure.to_string() });
    }
    value.to_string()
}

fn report_value(url: &Uri, report: &Report) -> Value {
    let informational = report
        .informational
        .iter()
        .map(|head| json!({ "status": head.status().as_u16(), "headers": fields(head.headers()) }));
    let answer = report.answer.as_ref();
    json!({
        "url": url.to_string(),
        "protocol_version": report.version.map(version),
        "remote": report.remote.to_string(),
        "tls": report.tls.as_ref().map(tls),
        "http2": report.settings.as_ref().map(|settings| {
            let settings = settings
                .iter()
                .map(|setting| (setting.id.to_string(), setting.value.into()));
            json!({
                "settings": settings.collect::<Map<_, _>>(),
                "extended_connect": report.takes_extended_connect(),
            })
        }),
        "status": answer.map(|answer| answer.status.as_u16()),
        "headers": answer.map(|answer| fields(&answer.headers)),
        "alt_svc": answer.and_then(|answer| answer.headers.get(header::ALT_SVC)).map(text),
        "informational": informational.collect::<Vec<_>>(),
        "pushes": answer.map(|answer| answer.pushes.iter().map(push).collect::<Vec<_>>()),
        "body": answer.map(|answer| {
            json!({ "bytes": answer.body.bytes, "ended": answer.body.end == BodyEnd::Whole })
        }),
        "times_ms": {
            "dns": milliseconds(report.times.opening.resolve),
            "connect": milliseconds(report.times.opening.connect),
            "tls": report.times.opening.tls.map(milliseconds),
            "first_byte": report.times.first_byte.map(milliseconds),
            "total": milliseconds(report.times.total),
        },
    })
}

fn tls(tls: &TlsReport) -> Value {
    json!({
        "version": tls.version,
        "cipher_suite": tls.cipher_suite,
        "key_exchange": tls.key_exchange,
        "alpn": tls.alpn,
        "certificate": tls.certificate.as_ref().map(certificate),
    })
}

fn certificate(certificate: &Certificate) -> Value {
    json!({
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "names": certificate.names,
        "sha256": certificate.sha256,
        "self_signed": certificate.is_self_signed,
    })
}

fn push(push: &PushReport) -> Value {
    match &push.response {
        Ok((status, bytes)) => {
            json!({ "path": push.path, "status": status.as_u16(), "bytes": bytes })
        }
        Err(error) => json!({ "path": push.path, "error": error }),
    }
}

/// Fields in their order, also those that come twice.
fn fields(headers: &HeaderMap) -> Vec<Value> {
    let field = |(name, value): (&header::HeaderName, &header::HeaderValue)| json!({ "name": name.as_str(), "value": text(value) });
    headers.iter().map(field).collect()
}

fn text(value: &header::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
