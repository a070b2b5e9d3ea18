//! How much is read at once.

use super::Entry;

/// Where a reading ends, whichever is reached first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimit {
    /// At most so many entries.
    pub max_entries: u64,
    /// At most so many bytes of payload; one entry is read however long it is.
    pub max_bytes: usize,
}

impl ReadLimit {
    /// So many entries, as long as they are.
    pub const fn entries(max_entries: u64) -> Self {
        Self {
            max_entries,
            max_bytes: usize::MAX,
        }
    }

    /// Takes the entries from the beginning that stay within the limit.
    ///
    /// # Errors
    /// The first error among those entries.
    pub(crate) fn take<E>(
        self,
        entries: impl IntoIterator<Item = Result<Entry, E>>,
    ) -> Result<Vec<Entry>, E> {
        let max_entries = usize::try_from(self.max_entries).unwrap_or(usize::MAX);
        let (mut taken, mut bytes) = (Vec::new(), 0_usize);
        for entry in entries.into_iter().take(max_entries) {
            let entry = entry?;
            bytes = bytes.saturating_add(entry.payload.len());
            if bytes > self.max_bytes && !taken.is_empty() {
                break;
            }
            taken.push(entry);
        }
        Ok(taken)
    }
}
