//! What a probe found out.

use std::net::SocketAddr;
use std::time::Duration;

use http::{HeaderMap, Response, StatusCode, Version};
use roomcast_client::http::Times;
use roomcast_http2_debug::frame::{Setting, SettingId};

use super::certificate::Certificate;
use super::failure::ProbeFailure;

/// What came of asking: what is known, and what went wrong. One of them is always there.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) report: Option<Report>,
    pub(super) failure: Option<ProbeFailure>,
}

/// What is known of a server once there is a connection to it.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) remote: SocketAddr,
    /// `None` where there is no sign that it speaks what it was asked in.
    pub(super) version: Option<Version>,
    pub(super) tls: Option<TlsReport>,
    /// The server's first SETTINGS; `None` over HTTP/1.
    pub(super) settings: Option<Vec<Setting>>,
    /// The 1xx responses before the final one.
    pub(super) informational: Vec<Response<()>>,
    /// `None` when the request was not answered.
    pub(super) answer: Option<Answer>,
    pub(super) times: ProbeTimes,
}

/// The final response, and what came along with it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) pushes: Vec<PushReport>,
    pub(super) body: BodyReport,
}

/// What TLS agreed on.
#[derive(Debug)]
pub(super) struct TlsReport {
    pub(super) version: String,
    pub(super) cipher_suite: String,
    pub(super) key_exchange: Option<String>,
    pub(super) alpn: Option<String>,
    /// `None` when it could not be read.
    pub(super) certificate: Option<Certificate>,
}

/// A response that came unasked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PushReport {
    pub(super) path: String,
    /// Status and bytes of the body, or why there are none.
    pub(super) response: Result<(StatusCode, u64), String>,
}

/// How much of the body was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BodyReport {
    pub(super) bytes: u64,
    pub(super) end: BodyEnd,
}

/// How the reading of a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyEnd {
    /// With the body.
    Whole,
    /// There was more to come; streams have no end.
    LeftOff,
    /// The body broke off.
    BrokenOff,
}

/// How long it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProbeTimes {
    pub(super) opening: Times,
    /// From sending the request to the first head, be it an informational one; `None` if none came.
    pub(super) first_byte: Option<Duration>,
    /// From looking the name up to the last byte that was waited for.
    pub(super) total: Duration,
}

impl Outcome {
    pub(super) fn failed(failure: ProbeFailure) -> Self {
        Self {
            report: None,
            failure: Some(failure),
        }
    }

    /// Counts a status that says that something is wrong as a failure, if there is no other.
    pub(super) fn fail_by_status(&mut self) {
        let report = self.report.as_ref();
        let answer = report.and_then(|report| report.answer.as_ref());
        let status = answer.map(|answer| answer.status);
        let bad = status.filter(|status| status.as_u16() >= 400);
        self.failure = self.failure.take().or(bad.map(ProbeFailure::Status));
    }
}

impl Report {
    /// Whether the server takes extended CONNECT (RFC 8441).
    pub(super) fn takes_extended_connect(&self) -> bool {
        let settings = self.settings.as_deref().unwrap_or_default();
        settings
            .iter()
            .rfind(|setting| setting.id == SettingId::ENABLE_CONNECT_PROTOCOL)
            .is_some_and(|setting| setting.value == 1)
    }
}

/// A version as the book has it.
pub(super) fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_3 => "HTTP/3.0",
        _ => "HTTP/1.1",
    }
}
