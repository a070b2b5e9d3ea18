//! The header fields that an index stands for (RFC 7541, section 2.3).

use std::collections::VecDeque;

use super::Field;

/// The most bytes, as section 4.1 counts them, that a dynamic table may have here. HTTP/2 begins with
/// 4,096 and browsers ask for 65,536.
const MAX_TABLE_BYTES: usize = 65_536;

/// The size that HTTP/2 begins with, in bytes (RFC 9113, section 6.5.2).
const DEFAULT_TABLE_BYTES: usize = 4_096;

/// What an entry counts besides its name and value, in bytes (section 4.1).
const ENTRY_OVERHEAD_BYTES: usize = 32;

/// Static and dynamic table in one index space.
#[derive(Debug)]
pub(super) struct IndexTable {
    /// The newest entry is in front.
    entries: VecDeque<Field>,
    bytes: usize,
    max_bytes: usize,
}

impl IndexTable {
    pub(super) fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            max_bytes: DEFAULT_TABLE_BYTES,
        }
    }

    /// The entry with this index, of which the first is 1.
    pub(super) fn get(&self, index: usize) -> Option<Field> {
        let index = index.checked_sub(1)?;
        if let Some((name, value)) = STATIC_TABLE.get(index) {
            return Some(Field {
                name: name.as_bytes().to_vec(),
                value: value.as_bytes().to_vec(),
            });
        }
        self.entries.get(index - STATIC_TABLE.len()).cloned()
    }

    /// Puts an entry in front, for which the oldest ones make room. One that is larger than the whole
    /// table empties it (section 4.4).
    pub(super) fn insert(&mut self, field: Field) {
        let bytes = size(&field);
        self.evict_to(self.max_bytes.saturating_sub(bytes));
        if bytes <= self.max_bytes {
            self.bytes += bytes;
            self.entries.push_front(field);
        }
    }

    /// Changes the size; `None` if it is larger than anybody here wants to keep.
    pub(super) fn resize(&mut self, max_bytes: usize) -> Option<()> {
        if max_bytes > MAX_TABLE_BYTES {
            return None;
        }
        self.max_bytes = max_bytes;
        self.evict_to(max_bytes);
        Some(())
    }

    fn evict_to(&mut self, bytes: usize) {
        while self.bytes > bytes {
            match self.entries.pop_back() {
                Some(field) => self.bytes -= size(&field),
                None => self.bytes = 0,
            }
        }
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

fn size(field: &Field) -> usize {
    field.name.len() + field.value.len() + ENTRY_OVERHEAD_BYTES
}

/// The static table (appendix A).
const STATIC_TABLE: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value_bytes: usize) -> Field {
        Field {
            name: name.as_bytes().to_vec(),
            value: vec![b'v'; value_bytes],
        }
    }

    #[test]
    fn the_oldest_entries_make_room_and_one_that_is_too_large_empties_the_table() {
        let mut table = IndexTable::new();
        table.resize(100).unwrap();
        table.insert(field("a", 17));
        table.insert(field("b", 17));
        assert_eq!(table.bytes(), 100);
        assert_eq!(table.get(63).unwrap().name, b"a");
        table.insert(field("c", 18));
        assert_eq!(table.get(62).unwrap().name, b"c");
        assert_eq!(table.get(63), None);
        table.insert(field("d", 68));
        assert_eq!((table.get(62), table.bytes()), (None, 0));
        table.insert(field("d", 67));
        assert_eq!(table.bytes(), 100);
    }

    #[test]
    fn a_size_beyond_what_is_kept_here_is_refused() {
        let mut table = IndexTable::new();
        assert_eq!(table.resize(MAX_TABLE_BYTES), Some(()));
        assert_eq!(table.resize(MAX_TABLE_BYTES + 1), None);
    }

    #[test]
    fn no_index_is_zero_or_beyond_the_tables() {
        let table = IndexTable::new();
        assert_eq!(table.get(0), None);
        assert_eq!(table.get(61).unwrap().name, b"www-authenticate");
        assert_eq!(table.get(62), None);
        assert_eq!(table.get(usize::MAX), None);
    }
}
