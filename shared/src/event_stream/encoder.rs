//! Writing an event stream.

/// Why an event cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The id has a line break or NUL in it, which readers would cut or ignore.
    #[error("an event id cannot contain a line break or NUL")]
    Id,
    /// The event type has a line break in it.
    #[error("an event type cannot contain a line break")]
    EventType,
}

/// Appends an event to `out`: `id` and `event` lines if they are given, a `data` line for each line
/// of `data`, and the empty line that dispatches it.
///
/// The format knows only one line break: CR LF and a lone CR in `data` arrive as LF. An empty event
/// type arrives as `message`.
///
/// # Errors
/// [`EncodeError`] when `id` or `event_type` cannot be carried; `out` is then unchanged.
pub fn encode_event(
    out: &mut String,
    id: Option<&str>,
    event_type: Option<&str>,
    data: &str,
) -> Result<(), EncodeError> {
    if id.is_some_and(|id| id.contains(['\r', '\n', '\0'])) {
        return Err(EncodeError::Id);
    }
    if event_type.is_some_and(|event_type| event_type.contains(['\r', '\n'])) {
        return Err(EncodeError::EventType);
    }
    if let Some(id) = id {
        line(out, "id: ", id);
    }
    if let Some(event_type) = event_type {
        line(out, "event: ", event_type);
    }
    lines(out, "data: ", data);
    out.push('\n');
    Ok(())
}

/// Appends a comment to `out`, one line of it for each line of `text`, and an empty line.
///
/// Readers ignore comments; they keep a quiet connection alive.
pub fn encode_comment(out: &mut String, text: &str) {
    lines(out, if text.is_empty() { ":" } else { ": " }, text);
    out.push('\n');
}

/// Appends the time that a reader is to wait before it reconnects, in milliseconds.
pub fn encode_retry(out: &mut String, milliseconds: u64) {
    line(out, "retry: ", &milliseconds.to_string());
    out.push('\n');
}

fn lines(out: &mut String, field: &str, text: &str) {
    let mut rest = text;
    while let Some(end) = rest.find(['\r', '\n']) {
        line(out, field, &rest[..end]);
        let line_break = if rest[end..].starts_with("\r\n") {
            2
        } else {
            1
        };
        rest = &rest[end + line_break..];
    }
    line(out, field, rest);
}

fn line(out: &mut String, field: &str, value: &str) {
    out.push_str(field);
    out.push_str(value);
    out.push('\n');
}
