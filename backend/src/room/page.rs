//! Some events in a row, encoded once for everybody.

use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};
use roomcast_shared::position::{Epoch, Position};

use crate::event_log::Entry;
use crate::transport::Format;

/// What an event costs in memory beside its payload, about, in bytes.
const EVENT_OVERHEAD_BYTES: usize = 256;

/// Events in a row. Each format is encoded when the first reader wants it.
#[derive(Debug)]
pub(crate) struct Page {
    epoch: Epoch,
    /// Never empty, without holes.
    entries: Box<[Entry]>,
    websocket: OnceLock<Encoded>,
    event_stream: OnceLock<Encoded>,
    lines: OnceLock<Encoded>,
}

#[derive(Debug)]
struct Encoded {
    bytes: Bytes,
    /// Where each event ends in `bytes`.
    ends: Box<[usize]>,
}

impl Page {
    /// A page of these entries; `None` when there are none.
    pub(crate) fn new(epoch: Epoch, entries: Vec<Entry>) -> Option<Arc<Self>> {
        if entries.is_empty() {
            return None;
        }
        Some(Arc::new(Self {
            epoch,
            entries: entries.into(),
            websocket: OnceLock::new(),
            event_stream: OnceLock::new(),
            lines: OnceLock::new(),
        }))
    }

    /// The events of several pages in a row, of which there is at least one. What some of them
    /// were encoded in already is put together, so that nobody encodes it again.
    pub(crate) fn join(pages: &[Arc<Self>]) -> Option<Arc<Self>> {
        let entries = pages.iter().flat_map(|page| page.entries.iter().cloned());
        let joined = Self::new(pages.first()?.epoch, entries.collect())?;
        for format in [Format::WebSocket, Format::EventStream, Format::Lines] {
            if pages.iter().any(|page| page.slot(format).get().is_some()) {
                let encoded = Encoded::join(pages.iter().map(|page| page.encoded(format)));
                joined.slot(format).get_or_init(|| encoded);
            }
        }
        Some(joined)
    }

    /// The offset of the first event.
    pub(crate) fn first(&self) -> u64 {
        self.entries[0].offset
    }

    /// The offset of the last event.
    pub(crate) fn last(&self) -> u64 {
        self.first() + self.entries.len() as u64 - 1
    }

    /// The events after `offset`, encoded. Copies nothing.
    pub(crate) fn after(&self, offset: u64, format: Format) -> Bytes {
        let encoded = self.encoded(format);
        let skipped = usize::try_from((offset + 1).saturating_sub(self.first()));
        match skipped {
            Ok(0) => encoded.bytes.clone(),
            Ok(skipped) if skipped < encoded.ends.len() => {
                encoded.bytes.slice(encoded.ends[skipped - 1]..)
            }
            _ => Bytes::new(),
        }
    }

    /// How much memory the page takes at most, about, in bytes: the entries, and the two formats
    /// that rooms are usually read in.
    pub(crate) fn memory_bytes(&self) -> usize {
        let payloads: usize = self.entries.iter().map(|entry| entry.payload.len()).sum();
        3 * payloads + EVENT_OVERHEAD_BYTES * self.entries.len()
    }

    /// The entries themselves.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn slot(&self, format: Format) -> &OnceLock<Encoded> {
        match format {
            Format::WebSocket => &self.websocket,
            Format::EventStream => &self.event_stream,
            Format::Lines => &self.lines,
        }
    }

    fn encoded(&self, format: Format) -> &Encoded {
        self.slot(format).get_or_init(|| self.encode(format))
    }

    fn encode(&self, format: Format) -> Encoded {
        let mut bytes = BytesMut::new();
        let ends = self
            .entries
            .iter()
            .map(|entry| {
                let position = Position {
                    epoch: self.epoch,
                    offset: entry.offset,
                };
                format.put_event(&mut bytes, position, &entry.payload);
                bytes.len()
            })
            .collect();
        Encoded {
            bytes: bytes.freeze(),
            ends,
        }
    }
}

impl Encoded {
    fn join<'a>(parts: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let length = parts.clone().map(|part| part.bytes.len()).sum();
        let mut bytes = BytesMut::with_capacity(length);
        let mut ends = Vec::new();
        for part in parts {
            ends.extend(part.ends.iter().map(|end| bytes.len() + end));
            bytes.extend_from_slice(&part.bytes);
        }
        Self {
            bytes: bytes.freeze(),
            ends: ends.into(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An entry that says its offset.
    pub(crate) fn entry(offset: u64) -> Entry {
        let payload = format!(
            r#"{{"type":"message","time":1,"person":{{"id":"0000000000000000","name":"A"}},"text":"{offset}"}}"#
        );
        Entry {
            offset,
            time: 1,
            payload: payload.into(),
        }
    }

    /// A page of the events from `first` to `last`.
    pub(crate) fn page(first: u64, last: u64) -> Arc<Page> {
        let epoch = Epoch::from_random([0; 8]);
        Page::new(epoch, (first..=last).map(entry).collect()).unwrap()
    }

    #[test]
    fn a_reader_gets_what_is_after_its_cursor_and_shares_the_bytes() {
        let page = page(5, 7);
        let text = |offset| {
            let lines = page.after(offset, Format::Lines);
            String::from_utf8(lines.to_vec()).unwrap()
        };
        assert_eq!(text(0), "A: 5\nA: 6\nA: 7\n");
        assert_eq!(text(4), "A: 5\nA: 6\nA: 7\n");
        assert_eq!(text(6), "A: 7\n");
        assert_eq!(text(7), "");
        assert_eq!(text(99), "");
        let one = page.after(4, Format::WebSocket);
        let two = page.after(4, Format::WebSocket);
        assert_eq!(one.as_ptr(), two.as_ptr());
    }

    #[test]
    fn joined_pages_read_like_one() {
        let pages = [page(5, 6), page(7, 7), page(8, 9)];
        pages[1].after(6, Format::WebSocket);
        let joined = Page::join(&pages).unwrap();
        assert!(joined.websocket.get().is_some());
        assert!(joined.lines.get().is_none(), "nobody wanted it yet");
        let whole = page(5, 9);
        for format in [Format::WebSocket, Format::EventStream, Format::Lines] {
            for offset in 0..11 {
                assert_eq!(joined.after(offset, format), whole.after(offset, format));
            }
        }
        assert_eq!((joined.first(), joined.last()), (5, 9));
        assert_eq!(joined.memory_bytes(), whole.memory_bytes());
        assert!(Page::join(&[]).is_none());
    }
}
