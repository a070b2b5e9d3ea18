//! Deleting what is not to be kept any longer.

use crate::event_log::sqlite::generation::Generation;
use roomcast_shared::room_name::RoomName;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

/// What is to be deleted.
pub(in crate::event_log::sqlite) enum Expired {
    /// The oldest entries of a room.
    Entries {
        room: RoomName,
        /// So many of the newest entries are kept.
        max_kept: u64,
        /// Entries with an earlier stamp are deleted.
        cutoff: u64,
        /// At most so many are deleted.
        max_entries: u64,
    },
    /// Idempotency keys.
    Keys {
        /// Keys with an earlier stamp are deleted.
        cutoff: u64,
        /// At most so many are deleted.
        max_keys: u64,
    },
}

/// Deletes, and returns how many entries or keys were deleted.
pub(super) fn delete(
    connection: &mut Connection,
    expired: &Expired,
    generation: &mut Generation,
) -> rusqlite::Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let deleted = match expired {
        Expired::Keys { cutoff, max_keys } => delete_keys(&transaction, *cutoff, *max_keys),
        Expired::Entries {
            room,
            max_kept,
            cutoff,
            max_entries,
        } => delete_entries(&transaction, room, (*max_kept, *cutoff), *max_entries),
    }?;
    if deleted > 0 {
        let next = generation.advance(&transaction)?;
        transaction.commit()?;
        *generation = next;
    }
    Ok(deleted)
}

fn delete_keys(connection: &Connection, cutoff: u64, max_keys: u64) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM idempotency_keys WHERE (room, key) IN
         (SELECT room, key FROM idempotency_keys WHERE used_at < ?1 LIMIT ?2)",
    )?;
    let deleted = statement.execute((cutoff, max_keys))?;
    Ok(deleted as u64)
}

fn delete_entries(
    transaction: &Connection,
    name: &RoomName,
    (max_kept, cutoff): (u64, u64),
    max_entries: u64,
) -> rusqlite::Result<u64> {
    let found = transaction
        .prepare_cached("SELECT id, oldest, head FROM rooms WHERE name = ?1")?
        .query_row([name.as_str()], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, u64>(1)?,
                row.get::<_, u64>(2)?,
            ))
        })
        .optional()?;
    let Some((id, oldest, head)) = found else {
        return Ok(0);
    };
    let end = oldest.saturating_add(max_entries).min(head + 1);
    let by_count = (head + 1).saturating_sub(max_kept);
    // The first entry that is young enough; if there is none so far, the end. Stamps are in the order
    // of offsets, whatever the wall clock did.
    let by_age: u64 = transaction
        .prepare_cached(
            "SELECT offset FROM events WHERE room = ?1 AND offset >= ?2 AND offset < ?3
             AND stored_at >= ?4 ORDER BY offset LIMIT 1",
        )?
        .query_row((id, oldest, end, cutoff), |row| row.get(0))
        .optional()?
        .unwrap_or(end);
    let new_oldest = by_count.max(by_age).min(end);
    if new_oldest <= oldest {
        return Ok(0);
    }
    transaction
        .prepare_cached("DELETE FROM events WHERE room = ?1 AND offset < ?2")?
        .execute((id, new_oldest))?;
    transaction
        .prepare_cached("UPDATE rooms SET oldest = ?2 WHERE id = ?1")?
        .execute((id, new_oldest))?;
    Ok(new_oldest - oldest)
}
