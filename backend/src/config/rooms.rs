//! What rooms keep and allow.

use std::time::Duration;

use clap::Args;

use super::value::{COUNT, switch};
use crate::defaults;
use crate::event_log::retention::Retention;
use crate::event_log::sqlite::{Durability, SqliteOptions};
use crate::middleware::origin::parse_origin;
use crate::room::RoomLimits;
use roomcast_shared::duration::parse_duration;
use roomcast_shared::limits::{MAX_ALLOWED_TEXT_CHARS, MAX_TEXT_CHARS};
use roomcast_shared::whole_number::whole_number;

/// The options of rooms. Each has an option `--name` and a variable `ROOMCAST_NAME`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Rooms")]
pub struct RoomOptions {
    /// When a message counts as kept.
    #[arg(long, env = "ROOMCAST_DURABILITY", value_enum, default_value_t)]
    pub durability: Durability,

    /// Keep messages in memory alone: they are gone when the server stops.
    #[arg(long, env = "ROOMCAST_EPHEMERAL", value_parser = switch,
          conflicts_with = "durability")]
    pub ephemeral: bool,

    /// Site whose pages may use the rooms beside our own, such as `https://example.org`; may
    /// be given several times. Over TLS they know their people again.
    #[arg(
        long = "allow-origin",
        env = "ROOMCAST_ALLOW_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ',',
        value_parser = parse_origin
    )]
    pub allow_origins: Vec<String>,

    /// Rooms that somebody is in, and rooms that have messages.
    #[arg(long, env = "ROOMCAST_MAX_ROOMS", value_name = "N", value_parser = whole_number::<usize>(COUNT),
          default_value_t = defaults::MAX_ROOMS)]
    pub max_rooms: usize,

    /// Connections in one room; one more is answered with 429.
    #[arg(long, env = "ROOMCAST_MAX_MEMBERS_PER_ROOM", value_name = "N", value_parser = whole_number::<usize>(COUNT),
          default_value_t = defaults::MAX_MEMBERS_PER_ROOM)]
    pub max_members_per_room: usize,

    /// Messages that one person may publish in a second, in the long run.
    #[arg(long, env = "ROOMCAST_MESSAGES_PER_SECOND", value_name = "N",
          value_parser = whole_number::<u32>(COUNT),
          default_value_t = defaults::MESSAGES_PER_SECOND)]
    pub messages_per_second: u32,

    /// Messages that one person may publish at once.
    #[arg(long, env = "ROOMCAST_MESSAGE_BURST", value_name = "N",
          value_parser = whole_number::<u32>(COUNT),
          default_value_t = defaults::MESSAGE_BURST)]
    pub message_burst: u32,

    /// People whose share of messages one address has; behind a proxy, all are at its address.
    #[arg(long, env = "ROOMCAST_PEOPLE_PER_ADDRESS", value_name = "N",
          value_parser = whole_number::<u32>(COUNT),
          default_value_t = defaults::PEOPLE_PER_ADDRESS)]
    pub people_per_address: u32,

    /// Characters (Unicode code points) in the text of a message, at most 20,000.
    #[arg(long, env = "ROOMCAST_MAX_TEXT_CHARS", value_name = "N",
          value_parser = parse_text_chars, default_value_t = MAX_TEXT_CHARS)]
    pub max_text_chars: usize,

    /// Messages kept in each room; more are deleted within a minute.
    #[arg(long, env = "ROOMCAST_MAX_EVENTS_PER_ROOM", value_name = "N",
          value_parser = whole_number::<u64>(0..=u64::MAX), default_value_t = defaults::MAX_EVENTS_PER_ROOM)]
    pub max_events_per_room: u64,

    /// Time for which messages are kept; older ones are deleted within a minute.
    #[arg(long, env = "ROOMCAST_MAX_EVENT_AGE", value_name = "TIME",
          value_parser = parse_age, default_value = "30d")]
    pub max_event_age: Duration,

    /// Running time for which the clock must be steady before messages are deleted by it, after
    /// it jumped or the server was off.
    #[arg(long, env = "ROOMCAST_CLOCK_STEADY_TIME", value_name = "TIME",
          value_parser = parse_duration, default_value = "24h")]
    pub clock_steady_time: Duration,

    /// Memory for the newest messages of one room.
    #[arg(long, env = "ROOMCAST_ROOM_TAIL_BYTES", value_name = "BYTES", value_parser = whole_number::<usize>(0..=u64::MAX),
          default_value_t = defaults::ROOM_TAIL_BYTES)]
    pub room_tail_bytes: usize,
}

impl RoomOptions {
    /// What rooms may use up.
    pub fn limits(&self) -> RoomLimits {
        RoomLimits {
            max_rooms: self.max_rooms,
            max_members: self.max_members_per_room,
            messages_per_second: self.messages_per_second,
            message_burst: self.message_burst,
            people_per_address: self.people_per_address,
            max_text_chars: self.max_text_chars,
            tail_bytes: self.room_tail_bytes,
        }
    }

    /// How the store is opened.
    pub fn store(&self) -> SqliteOptions {
        SqliteOptions {
            durability: self.durability,
            max_rooms: self.max_rooms,
            clock_steady_time: self.clock_steady_time,
            ..SqliteOptions::default()
        }
    }

    /// What rooms keep.
    pub fn retention(&self) -> Retention {
        Retention {
            max_events: self.max_events_per_room,
            max_age: self.max_event_age,
        }
    }
}

impl Default for RoomOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            ephemeral: false,
            allow_origins: Vec::new(),
            max_rooms: defaults::MAX_ROOMS,
            max_members_per_room: defaults::MAX_MEMBERS_PER_ROOM,
            messages_per_second: defaults::MESSAGES_PER_SECOND,
            message_burst: defaults::MESSAGE_BURST,
            people_per_address: defaults::PEOPLE_PER_ADDRESS,
            max_text_chars: MAX_TEXT_CHARS,
            max_events_per_room: defaults::MAX_EVENTS_PER_ROOM,
            max_event_age: defaults::MAX_EVENT_AGE,
            clock_steady_time: defaults::CLOCK_STEADY_TIME,
            room_tail_bytes: defaults::ROOM_TAIL_BYTES,
        }
    }
}

/// Reads how long messages are kept. Zero would delete each of them within a minute.
fn parse_age(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(Duration::ZERO) => Err(
            "it would delete every message; say a longer time, such as 1h, or 1000w to keep them"
                .to_owned(),
        ),
        Ok(age) => Ok(age),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_text_chars(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(chars @ 1..=MAX_ALLOWED_TEXT_CHARS) => Ok(chars),
        _ => Err(format!("say a number from 1 to {MAX_ALLOWED_TEXT_CHARS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        rooms: RoomOptions,
    }

    #[test]
    fn options_left_out_have_the_documented_defaults() {
        let parsed = Command::try_parse_from(["roomcast"]).unwrap().rooms;
        assert_eq!(
            format!("{parsed:?}"),
            format!("{:?}", RoomOptions::default())
        );
    }

    #[test]
    fn texts_can_be_made_short_and_long_but_not_without_end() {
        let parse = |chars| {
            let option = format!("--max-text-chars={chars}");
            let parsed = Command::try_parse_from(["roomcast", &option]);
            parsed.map(|command| command.rooms.max_text_chars)
        };
        assert_eq!(parse("1").unwrap(), 1);
        assert_eq!(parse("20000").unwrap(), 20_000);
        for wrong in ["0", "20001", "-1", "many"] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(error.contains("from 1 to 20000"), "{error}");
        }
    }

    #[test]
    fn retention_that_would_delete_everything_is_refused() {
        let parse = |option: &str| Command::try_parse_from(["roomcast", option]);
        for age in ["0s", "0ms", "0d"] {
            let error = parse(&format!("--max-event-age={age}")).err().unwrap();
            assert!(
                error.to_string().contains("delete every message"),
                "{error}"
            );
        }
        assert!(parse("--max-event-age=1ms").is_ok());
        // A number is meant as it is written.
        assert!(parse("--max-events-per-room=0").is_ok());
    }

    #[test]
    fn a_rate_of_nothing_is_refused() {
        assert!(Command::try_parse_from(["roomcast", "--messages-per-second", "0"]).is_err());
        assert!(Command::try_parse_from(["roomcast", "--messages-per-second", "1"]).is_ok());
    }
}
