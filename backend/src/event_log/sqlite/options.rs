//! How a store is opened.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::defaults;

/// When a message counts as kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// Once it is on the disk: it survives a power cut.
    #[default]
    Full,
    /// Once the system has it: it survives the end of the server, but a power cut may take the
    /// last moments.
    Relaxed,
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// When a message counts as kept.
    pub durability: Durability,
    /// Rooms that may have entries.
    pub max_rooms: usize,
    /// How long an append waits while another program keeps the store locked.
    pub lock_timeout: Duration,
    /// Clock by which ages are measured.
    pub clock: Arc<dyn Clock>,
    /// Time for which the wall clock must be steady after a jump before entries are deleted by it.
    pub clock_steady_time: Duration,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            max_rooms: defaults::MAX_ROOMS,
            lock_timeout: defaults::STORE_LOCK_TIMEOUT,
            clock: Arc::new(SystemClock),
            clock_steady_time: defaults::CLOCK_STEADY_TIME,
        }
    }
}
