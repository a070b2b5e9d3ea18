//! What the handlers of rooms share.

use std::sync::Arc;

use roomcast_shared::position::Epoch;

use crate::clock::SystemClock;
use crate::config::{BasePath, Config};
use crate::event_log::EventLog;
use crate::event_log::memory::MemoryLog;
use crate::event_log::retention;
use crate::event_log::sqlite::{OpenError, SqliteLog};
use crate::person::{KeyError, People, random};
use crate::room::Rooms;

/// Why rooms cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenRoomsError {
    /// The events cannot be kept.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// People cannot be known again.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Rooms and the people in them.
#[derive(Debug)]
pub struct RoomService {
    /// The rooms.
    pub rooms: Arc<Rooms>,
    /// Who is who.
    pub people: People,
    /// Prefix of the addresses in answers.
    pub(crate) base_path: BasePath,
    log: Arc<dyn EventLog>,
    retention: retention::Retention,
}

impl RoomService {
    /// Opens the rooms that the configuration names.
    ///
    /// # Errors
    /// [`OpenRoomsError`] says what to do.
    pub fn open(config: &Config) -> Result<Self, OpenRoomsError> {
        let options = &config.rooms;
        let secure = !config.plain;
        let epoch = Epoch::from_random(random().map_err(KeyError::from)?);
        let (log, people): (Arc<dyn EventLog>, _) = if options.ephemeral {
            let (max_rooms, steady_time) = (options.max_rooms, options.clock_steady_time);
            let clock = Arc::new(SystemClock);
            let log = MemoryLog::with_clock(epoch, max_rooms, clock, steady_time);
            (Arc::new(log), People::ephemeral(secure)?)
        } else {
            let log = SqliteLog::open(&config.data, &options.store(), epoch)?;
            (Arc::new(log), People::open(&config.data, secure)?)
        };
        Ok(Self {
            rooms: Arc::new(Rooms::new(log.clone(), options.limits())),
            people,
            base_path: config.base_path.clone(),
            log,
            retention: options.retention(),
        })
    }

    /// Closes the store, when nobody is served any longer.
    pub async fn close(&self) {
        self.log.close().await;
    }

    /// Deletes what is not to be kept, for ever.
    pub async fn keep_tidy(&self) {
        let emptied = || self.rooms.lobby_changed();
        retention::run(self.log.clone(), self.retention, emptied).await;
    }
}
