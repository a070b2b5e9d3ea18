//! The list of rooms as it is shown.

use roomcast_shared::lobby::LobbyRoom;
use roomcast_shared::room_name::RoomName;

const MINUTE: u64 = 60 * 1_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How many days back a moment is told in days; what is older is told by its date.
const MAX_DAYS_AGO: u64 = 7;

/// The order in which to show rooms that came as the busiest first.
///
/// While somebody points at one or has it in focus, `keep`, all stay in the place where they were
/// shown `before`, and new ones come after them.
pub fn arranged(before: &[RoomName], now: Vec<LobbyRoom>, keep: bool) -> Vec<LobbyRoom> {
    if !keep {
        return now;
    }
    let mut new: Vec<_> = now.into_iter().map(Some).collect();
    let mut kept = Vec::with_capacity(new.len());
    for name in before {
        let room = new
            .iter_mut()
            .find(|room| room.as_ref().is_some_and(|room| room.name == *name));
        kept.extend(room.and_then(Option::take));
    }
    kept.extend(new.into_iter().flatten());
    kept
}

/// How many people are there, in words.
pub fn people(count: usize) -> String {
    match count {
        0 => "Nobody here now".to_owned(),
        1 => "1 person".to_owned(),
        count => format!("{count} people"),
    }
}

/// How long ago a moment was, both in milliseconds since 1970. None when that is better told by the
/// date.
///
/// The moment is the server's and `now` the reader's: what seems to come was just now.
pub fn ago(moment: u64, now: u64) -> Option<String> {
    let past = now.saturating_sub(moment);
    Some(match past {
        ..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} min ago", past / MINUTE),
        HOUR..DAY => format!("{} h ago", past / HOUR),
        _ => match past / DAY {
            1 => "a day ago".to_owned(),
            days @ ..=MAX_DAYS_AGO => format!("{days} days ago"),
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(names: &[&str]) -> Vec<LobbyRoom> {
        names
            .iter()
            .map(|name| LobbyRoom {
                name: (*name).to_owned().try_into().unwrap(),
                people: 0,
                last_message: None,
            })
            .collect()
    }

    fn names(names: &[&str]) -> Vec<RoomName> {
        rooms(names).into_iter().map(|room| room.name).collect()
    }

    #[test]
    fn rooms_are_shown_as_the_server_orders_them() {
        let (before, now) = (names(&["a", "b"]), rooms(&["c", "b", "a"]));
        assert_eq!(arranged(&before, now.clone(), false), now);
    }

    #[test]
    fn rooms_stay_where_they_are_while_somebody_points_at_one() {
        let (before, now) = (
            names(&["a", "b", "gone"]),
            rooms(&["new", "b", "a", "newer"]),
        );
        assert_eq!(
            arranged(&before, now, true),
            rooms(&["a", "b", "new", "newer"])
        );
    }

    #[test]
    fn people_are_counted_in_words() {
        assert_eq!(people(0), "Nobody here now");
        assert_eq!(people(1), "1 person");
        assert_eq!(people(2), "2 people");
    }

    #[test]
    fn a_moment_is_told_by_the_largest_unit_that_has_passed() {
        for (past, told) in [
            (0, "just now"),
            (MINUTE - 1, "just now"),
            (MINUTE, "1 min ago"),
            (HOUR - 1, "59 min ago"),
            (HOUR, "1 h ago"),
            (DAY - 1, "23 h ago"),
            (DAY, "a day ago"),
            (2 * DAY, "2 days ago"),
            (8 * DAY - 1, "7 days ago"),
        ] {
            assert_eq!(ago(10 * DAY, 10 * DAY + past).as_deref(), Some(told));
        }
        assert_eq!(ago(10 * DAY, 18 * DAY), None);
    }

    #[test]
    fn a_moment_of_a_clock_that_is_ahead_was_just_now() {
        assert_eq!(ago(DAY, 0).as_deref(), Some("just now"));
    }
}
