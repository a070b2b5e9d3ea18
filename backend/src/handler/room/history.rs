//! `GET /api/rooms/{room}/messages`: history, a page at a time, both ways.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use roomcast_shared::limits::{DEFAULT_HISTORY_EVENTS, MAX_HISTORY_EVENTS};
use roomcast_shared::position::Position;
use roomcast_shared::room_name::RoomName;
use roomcast_shared::server_message::{Gap, GapReason};
use serde::Deserialize;

use super::{Refused, RoomPath, RoomService, sentence};
use crate::event_log::{Bounds, Entry};
use crate::handler::problem::Problem;
use crate::subscriber::Start;
use crate::transport::format::event_json;

/// What part of the history is wanted.
#[derive(Debug, Deserialize)]
pub struct HistoryQuery {
    from: Option<String>,
    before: Option<String>,
    limit: Option<u64>,
}

/// Which events to read: those after `after` and before `end`, at most `limit`.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    after: u64,
    end: u64,
    limit: u64,
    gap: Option<Gap>,
}

/// Answers with the newest events, those after `?from=`, or the last ones before `?before=`.
///
/// # Errors
/// 400 for a query that nobody understands, 503 when the log cannot be read.
pub async fn history(
    State(service): State<Arc<RoomService>>,
    RoomPath(room): RoomPath,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Refused> {
    let log = service.rooms.log();
    let bounds = log.bounds(&room).await?;
    let at = |offset| Position {
        epoch: log.epoch(),
        offset,
    };
    let range = query.range(bounds, at)?;
    let mut entries = log.read_after(&room, range.after, range.limit).await?;
    entries.retain(|entry| entry.offset < range.end);
    let json = page_json(&room, bounds, &range, &entries, at);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    Ok((headers, json).into_response())
}

impl HistoryQuery {
    fn range(&self, bounds: Bounds, at: impl Fn(u64) -> Position) -> Result<Range, Problem> {
        let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
        let limit = self.limit.unwrap_or(DEFAULT_HISTORY_EVENTS);
        if limit == 0 || limit > MAX_HISTORY_EVENTS {
            return Err(bad(format!(
                "Ask for 1 to {MAX_HISTORY_EVENTS} events by limit."
            )));
        }
        let mut gap = None;
        let end = match self.before.as_deref().map(str::parse::<Position>) {
            None => bounds.head + 1,
            Some(Err(error)) => return Err(bad(sentence(&error))),
            Some(Ok(before)) => match lost(before, bounds, &at) {
                None => before.offset,
                lost => {
                    gap = lost;
                    bounds.head + 1
                }
            },
        };
        let oldest = bounds.oldest - 1;
        let after = match self.from.as_deref().map(Start::parse) {
            None => end.saturating_sub(1).saturating_sub(limit).max(oldest),
            Some(Err(error)) => return Err(bad(sentence(&error))),
            Some(Ok(Start::Now)) => bounds.head,
            Some(Ok(Start::Oldest | Start::Lost)) => oldest,
            Some(Ok(Start::Last(count))) => bounds.head.saturating_sub(count).max(oldest),
            Some(Ok(Start::After(from))) => match lost(from, bounds, &at) {
                None if from.offset < oldest => {
                    gap = Some(Gap {
                        reason: GapReason::Expired,
                        after: from,
                        position: at(oldest),
                    });
                    oldest
                }
                None => from.offset,
                lost => {
                    gap = lost;
                    oldest
                }
            },
        };
        Ok(Range {
            after,
            end,
            limit,
            gap,
        })
    }
}

/// The gap of a reader whose position says nothing here.
fn lost(position: Position, bounds: Bounds, at: &impl Fn(u64) -> Position) -> Option<Gap> {
    let reason = if position.epoch != at(0).epoch {
        GapReason::StoreReplaced
    } else if position.offset > bounds.head + 1 {
        GapReason::UnknownPosition
    } else {
        return None;
    };
    Some(Gap {
        reason,
        after: position,
        position: at(bounds.oldest - 1),
    })
}

/// The page, its events as every subscriber gets them. `older` is the next `before`, `newer` the
/// next `from`; each is null where the history ends.
fn page_json(
    room: &RoomName,
    bounds: Bounds,
    range: &Range,
    entries: &[Entry],
    at: impl Fn(u64) -> Position,
) -> String {
    let first = entries.first().map_or(range.end, |entry| entry.offset);
    let last = entries.last().map_or(range.after, |entry| entry.offset);
    let link = |wanted: bool, offset| {
        if wanted {
            format!("\"{}\"", at(offset))
        } else {
            "null".to_owned()
        }
    };
    let older = link(first > bounds.oldest, first);
    let newer = link(last < bounds.head, last);
    let gap = serde_json::to_string(&range.gap).unwrap_or_else(|_| "null".to_owned());
    let head = at(bounds.head);
    let mut json = format!(
        "{{\"room\":\"{room}\",\"head\":\"{head}\",\"older\":{older},\"newer\":{newer},\
         \"gap\":{gap},\"messages\":["
    );
    for (index, entry) in entries.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(
            json,
            "{comma}{}",
            event_json(at(entry.offset), &entry.payload)
        );
    }
    json.push_str("]}\n");
    json
}

#[cfg(test)]
mod tests {
    use roomcast_shared::position::Epoch;

    use super::*;

    fn at(offset: u64) -> Position {
        Position {
            epoch: Epoch::from_random([0; 8]),
            offset,
        }
    }

    fn range(
        from: Option<&str>,
        before: Option<&str>,
        limit: Option<u64>,
    ) -> Result<Range, Problem> {
        let query = HistoryQuery {
            from: from.map(str::to_owned),
            before: before.map(str::to_owned),
            limit,
        };
        let bounds = Bounds {
            oldest: 11,
            head: 100,
        };
        query.range(bounds, at)
    }

    fn ends(from: Option<&str>, before: Option<&str>, limit: u64) -> (u64, u64) {
        let range = range(from, before, Some(limit)).unwrap();
        assert_eq!(range.gap, None);
        (range.after, range.end)
    }

    #[test]
    fn without_a_place_it_is_the_newest_page() {
        assert_eq!(ends(None, None, 20), (80, 101));
        assert_eq!(ends(None, None, 95), (10, 101));
    }

    #[test]
    fn before_a_position_it_is_the_page_that_ends_there() {
        assert_eq!(ends(None, Some("00000000-81"), 20), (60, 81));
        assert_eq!(ends(None, Some("00000000-15"), 20), (10, 15));
    }

    #[test]
    fn after_a_position_it_is_the_page_that_begins_there() {
        assert_eq!(ends(Some("00000000-40"), None, 20), (40, 101));
        assert_eq!(ends(Some("start"), None, 20), (10, 101));
    }

    #[test]
    fn what_is_missing_is_announced() {
        let reason = |from| range(Some(from), None, None).unwrap().gap.unwrap().reason;
        assert_eq!(reason("00000000-9"), GapReason::Expired);
        assert_eq!(reason("00000000-102"), GapReason::UnknownPosition);
        assert_eq!(reason("11111111-50"), GapReason::StoreReplaced);
        assert_eq!(range(Some("00000000-10"), None, None).unwrap().gap, None);
    }

    #[test]
    fn a_page_has_1_to_200_events() {
        assert!(range(None, None, Some(0)).is_err());
        assert!(range(None, None, Some(1)).is_ok());
        assert!(range(None, None, Some(200)).is_ok());
        assert!(range(None, None, Some(201)).is_err());
    }
}
