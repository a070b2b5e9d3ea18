//! `GET /api/rooms/{room}/messages`: history, a page at a time, both ways.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, Uri, header};
use roomcast_shared::limits::{DEFAULT_HISTORY_EVENTS, MAX_HISTORY_EVENTS};
use roomcast_shared::position::{Epoch, Position, PositionError};
use roomcast_shared::room_name::RoomName;
use roomcast_shared::server_message::{Gap, GapReason};
use serde::Deserialize;

use super::{Refused, RoomPath, RoomService, check_query, query, sentence};
use crate::event_log::{Bounds, Entry, ReadLimit};
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

/// What part of the history is wanted, understood.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    from: Option<Start>,
    before: Option<Position>,
    limit: u64,
    epoch: Epoch,
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
    uri: Uri,
) -> Result<Response, Refused> {
    let log = service.rooms.log();
    check_query(&uri, &["from", "before", "limit"])?;
    let wanted = query::<HistoryQuery>(&uri)?.understand(log.epoch())?;
    let choose = move |bounds| {
        let range = wanted.range(bounds);
        (range.after, ReadLimit::entries(range.limit))
    };
    let (bounds, mut entries) = log.read_chosen(&room, Box::new(choose)).await?;
    let range = wanted.range(bounds);
    entries.retain(|entry| entry.offset < range.end);
    let json = page_json(&room, bounds, &range, &entries, |offset| wanted.at(offset));
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
    /// Reads the query to a room of the store with this epoch.
    fn understand(&self, epoch: Epoch) -> Result<Wanted, Problem> {
        let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
        let limit = self.limit.unwrap_or(DEFAULT_HISTORY_EVENTS);
        if limit == 0 || limit > MAX_HISTORY_EVENTS {
            return Err(bad(format!(
                "Ask for 1 to {MAX_HISTORY_EVENTS} events by limit."
            )));
        }
        let from = self.from.as_deref().map(Start::parse).transpose();
        let before = self.before.as_deref().map(str::parse).transpose();
        Ok(Wanted {
            from: from.map_err(|error| bad(sentence(&error)))?,
            before: before.map_err(|error: PositionError| bad(sentence(&error)))?,
            limit,
            epoch,
        })
    }
}

impl Wanted {
    fn at(&self, offset: u64) -> Position {
        Position {
            epoch: self.epoch,
            offset,
        }
    }

    /// Where that is in a room that holds this.
    fn range(&self, bounds: Bounds) -> Range {
        let mut gap = None;
        // The position behind the newest event is a place to end before, though none to go on from.
        let end = match self.before {
            None => bounds.head + 1,
            Some(before) => {
                gap = self.lost(before, bounds, bounds.head + 1);
                gap.map_or(before.offset, |_| bounds.head + 1)
            }
        };
        let oldest = bounds.oldest - 1;
        let after = match self.from {
            None => end.saturating_sub(1).saturating_sub(self.limit).max(oldest),
            Some(Start::Now) => bounds.head,
            Some(Start::Oldest | Start::Lost) => oldest,
            Some(Start::Last(count)) => bounds.head.saturating_sub(count).max(oldest),
            Some(Start::After(from)) => {
                let expired = (from.offset < oldest).then(|| Gap {
                    reason: GapReason::Expired,
                    after: from,
                    position: self.at(oldest),
                });
                let missing = self.lost(from, bounds, bounds.head).or(expired);
                gap = missing.or(gap);
                missing.map_or(from.offset, |_| oldest)
            }
        };
        Range {
            after,
            end,
            limit: self.limit,
            gap,
        }
    }

    /// The gap of a reader whose position says nothing here: it is of another store, or beyond the
    /// offset `last`.
    fn lost(&self, position: Position, bounds: Bounds, last: u64) -> Option<Gap> {
        let reason = if position.epoch != self.epoch {
            GapReason::StoreReplaced
        } else if position.offset > last {
            GapReason::UnknownPosition
        } else {
            return None;
        };
        Some(Gap {
            reason,
            after: position,
            position: self.at(bounds.oldest - 1),
        })
    }
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
    use super::*;

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
        Ok(query.understand(Epoch::from_random([0; 8]))?.range(bounds))
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
        assert_eq!(reason("00000000-101"), GapReason::UnknownPosition);
        assert_eq!(reason("11111111-50"), GapReason::StoreReplaced);
        for from in ["00000000-10", "00000000-100"] {
            assert_eq!(range(Some(from), None, None).unwrap().gap, None, "{from}");
        }
        let gap = |before| range(None, Some(before), None).unwrap().gap;
        assert_eq!(gap("00000000-101"), None, "the newest page ends there");
        let unknown = gap("00000000-102").unwrap().reason;
        assert_eq!(unknown, GapReason::UnknownPosition);
    }

    #[test]
    fn a_page_has_1_to_200_events() {
        assert!(range(None, None, Some(0)).is_err());
        assert!(range(None, None, Some(1)).is_ok());
        assert!(range(None, None, Some(200)).is_ok());
        assert!(range(None, None, Some(201)).is_err());
    }
}
