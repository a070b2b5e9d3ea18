//! Number of the store's transactions.

use roomcast_shared::position::Epoch;
use rusqlite::Connection;

use super::schema;

/// Counts the transactions of servers on a store, in the table `store`. Whatever has an earlier
/// generation is an earlier state of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Generation(u64);

impl Generation {
    /// Increments the generation within a transaction, and returns the new one.
    ///
    /// # Errors
    /// [`rusqlite::Error::StatementChangedRows`] if the store is not at this generation: then its
    /// content is not what this process left. Other errors of SQLite.
    pub(super) fn advance(self, transaction: &Connection) -> rusqlite::Result<Self> {
        let next = Self(self.0 + 1);
        let mut update =
            transaction.prepare_cached("UPDATE store SET generation = ?2 WHERE generation = ?1")?;
        match update.execute((self.0, next.0))? {
            1 => Ok(next),
            rows => Err(rusqlite::Error::StatementChangedRows(rows)),
        }
    }

    /// The generation before this one.
    pub(super) fn previous(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

/// Reads which store it is, and its generation.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<(Epoch, Generation)> {
    connection.query_row("SELECT epoch, generation FROM store", (), |row| {
        Ok((schema::epoch(row)?, Generation(row.get(1)?)))
    })
}
