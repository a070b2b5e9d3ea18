//! What a connection too many is answered, whatever it asks for.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use roomcast_shared::operator_advice::OPERATOR_ADVICE;

use super::problem::Problem;
use crate::connection_limit::ConnectionRefused;
use crate::shutdown::Shutdown;

/// When to come again, in seconds. Places become free when others leave, and nobody knows when.
const RETRY_AFTER_SECONDS: &str = "5";

/// Stands in each request of a connection that is one too many.
#[derive(Clone, Debug)]
pub(crate) struct OneTooMany {
    /// Which limit it is over.
    pub(crate) refused: ConnectionRefused,
    /// Asks the connection to end.
    pub(crate) end: Shutdown,
}

/// Says why the connection is refused, and has it end with that answer: 429 when its own address has too
/// many (RFC 6585, section 4), 503 when there are too many in all.
pub(crate) async fn refuse(Extension(one_too_many): Extension<OneTooMany>) -> Response {
    one_too_many.end.request();
    let problem = match one_too_many.refused {
        ConnectionRefused::PerAddress { max, .. } => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!(
                "Your address has as many connections to this server as it may have ({max}): close one \
                and try again.{OPERATOR_ADVICE}raise --max-connections-per-address."
            ),
        ),
        ConnectionRefused::Total { .. } => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "This server has as many connections as it takes: try again in a while.\
                {OPERATOR_ADVICE}raise --max-connections."
            ),
        ),
    };
    let fields = [
        (header::RETRY_AFTER, RETRY_AFTER_SECONDS),
        (header::CONNECTION, "close"),
    ];
    (fields, problem).into_response()
}
