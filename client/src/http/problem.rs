//! Why a server refuses a request: the sentence of its problem details (RFC 9457).

use std::time::Duration;

use ::http::{Response, header};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use tokio::time::timeout;

use super::ResponseBody;

/// The longest body that is read for its sentence, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// How long the body may take. The refusal is known without it.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest sentence that is kept, in characters.
const MAX_DETAIL_CHARS: usize = 1_000;

/// The media type of problem details.
const MEDIA_TYPE: &str = "application/problem+json";

#[derive(Deserialize)]
struct ProblemDetails {
    detail: String,
}

/// Reads the sentence of a refusal. `None` if the response has none, or it does not come in time.
pub(crate) async fn detail(response: Response<ResponseBody>) -> Option<String> {
    let content_type = response.headers().get(header::CONTENT_TYPE)?;
    let media_type = content_type.to_str().ok()?.split(';').next()?.trim();
    if !media_type.eq_ignore_ascii_case(MEDIA_TYPE) {
        return None;
    }
    let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect();
    let body = timeout(BODY_TIMEOUT, body).await.ok()?.ok()?.to_bytes();
    let problem: ProblemDetails = serde_json::from_slice(&body).ok()?;
    let detail: String = problem.detail.chars().take(MAX_DETAIL_CHARS).collect();
    let detail = detail.trim().trim_end_matches('.');
    (!detail.is_empty()).then(|| detail.to_owned())
}

/// A sentence as the end of another one.
pub(crate) fn because(detail: Option<&String>) -> String {
    detail.map_or_else(String::new, |detail| format!(": {detail}"))
}
