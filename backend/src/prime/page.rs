//! Encoded events of a log, many in one buffer.

use bytes::Bytes;
use roomcast_shared::limits::MAX_JSON_INTEGER;
use roomcast_shared::prime::Number;

/// Consecutive events of a log, encoded as an event stream once for all readers.
#[derive(Debug)]
pub(super) struct Page {
    first_id: u64,
    bytes: Bytes,
    /// Where each event ends in `bytes`.
    ends: Box<[u32]>,
}

impl Page {
    /// The id of the last event.
    pub(super) fn last_id(&self) -> u64 {
        self.first_id + self.ends.len() as u64 - 1
    }

    /// The encoded events from `first_id` to `last_id`, both included, as far as they are in this
    /// page. Shares the buffer.
    pub(super) fn events(&self, first_id: u64, last_id: u64) -> Bytes {
        let first_id = first_id.max(self.first_id);
        if last_id < first_id {
            return Bytes::new();
        }
        self.bytes
            .slice(self.end_of(first_id - 1)..self.end_of(last_id))
    }

    /// How much memory the page takes, in bytes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.bytes.len() + size_of_val(&*self.ends)
    }

    fn end_of(&self, id: u64) -> usize {
        let events = id.saturating_sub(self.first_id - 1);
        let events = usize::try_from(events).unwrap_or(usize::MAX);
        match events.min(self.ends.len()) {
            0 => 0,
            events => self.ends[events - 1] as usize,
        }
    }
}

/// Encodes the events of a page.
pub(super) struct PageBuilder {
    first_id: u64,
    /// How many events there are to be.
    events: usize,
    head: EventHead,
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl PageBuilder {
    /// A page of `events` events whose first one has the id `first_id`.
    pub(super) fn new(first_id: u64, events: usize) -> Self {
        Self {
            first_id,
            events,
            head: EventHead::new(first_id),
            bytes: Vec::new(),
            ends: Vec::with_capacity(events),
        }
    }

    /// How many events there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Appends a prime that fits a machine word.
    pub(super) fn push_word(&mut self, prime: u64) {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(prime).as_bytes();
        if prime > MAX_JSON_INTEGER {
            self.push_string(digits);
        } else {
            self.push(&[digits, b"}\n\n"]);
        }
    }

    /// Appends a prime of any size.
    pub(super) fn push_number(&mut self, prime: &Number) {
        match prime.to_u64() {
            Some(word) => self.push_word(word),
            None => self.push_string(prime.to_string().as_bytes()),
        }
    }

    /// The finished page.
    pub(super) fn finish(self) -> Page {
        Page {
            first_id: self.first_id,
            bytes: Bytes::from(self.bytes),
            ends: self.ends.into_boxed_slice(),
        }
    }

    fn push_string(&mut self, digits: &[u8]) {
        self.push(&[b"\"", digits, b"\"}\n\n"]);
    }

    /// Makes room for events like this one. A page is kept for long, so there is little more than it takes.
    #[cold]
    fn reserve(&mut self, number_and_end: &[&[u8]]) {
        // Both ids, and the number, may have one digit more before the page ends.
        const GROWTH: usize = 3;
        let number_and_end: usize = number_and_end.iter().map(|part| part.len()).sum();
        let event = self.head.text.len() + number_and_end + GROWTH;
        self.bytes.reserve_exact(self.events * event);
    }

    #[inline]
    fn push(&mut self, number_and_end: &[&[u8]]) {
        if self.ends.is_empty() {
            self.reserve(number_and_end);
        }
        self.bytes.extend_from_slice(&self.head.text);
        for part in number_and_end {
            self.bytes.extend_from_slice(part);
        }
        let end = u32::try_from(self.bytes.len()).expect("a page is far smaller than 4 GiB");
        self.ends.push(end);
        self.head.advance();
    }
}

/// An event up to its number: `id: 41`, line feed, `data: {"id":41,"number":`.
///
/// It is kept from event to event, because counting on in its digits is much quicker than writing
/// it anew.
struct EventHead {
    id: u64,
    text: Vec<u8>,
    /// How many digits the id has.
    digits: usize,
}

impl EventHead {
    /// Where the id stands first.
    const FIRST_ID: usize = "id: ".len();
    /// What stands between the first id and the second.
    const BETWEEN_IDS: &str = "\ndata: {\"id\":";

    fn new(id: u64) -> Self {
        let between = Self::BETWEEN_IDS;
        Self {
            id,
            text: format!("id: {id}{between}{id},\"number\":").into_bytes(),
            digits: id.to_string().len(),
        }
    }

    /// Goes on to the next id.
    fn advance(&mut self) {
        self.id += 1;
        let second_id = Self::FIRST_ID + self.digits + Self::BETWEEN_IDS.len();
        for place in (0..self.digits).rev() {
            let digit = &mut self.text[Self::FIRST_ID + place];
            let carry = *digit == b'9';
            *digit = if carry { b'0' } else { *digit + 1 };
            self.text[second_id + place] = self.text[Self::FIRST_ID + place];
            if !carry {
                return;
            }
        }
        // 999 + 1 has one digit more.
        *self = Self::new(self.id);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roomcast_shared::event_stream::encode_event;
    use roomcast_shared::prime::PrimeEvent;

    use super::*;

    fn page(first_id: u64, numbers: &[Number]) -> Page {
        let mut builder = PageBuilder::new(first_id, numbers.len());
        for number in numbers {
            builder.push_number(number);
        }
        builder.finish()
    }

    #[test]
    fn an_event_has_the_bytes_of_the_book() {
        let page = page(1, &[2.into(), 3.into()]);
        assert_eq!(
            page.events(1, 2),
            "id: 1\ndata: {\"id\":1,\"number\":2}\n\nid: 2\ndata: {\"id\":2,\"number\":3}\n\n"
        );
    }

    #[test]
    fn a_page_takes_hardly_more_memory_than_its_bytes() {
        for (first_id, number) in [
            (1_001, 7_919),
            (9_990, 104_729),
            (12_345_678, u64::MAX - 58),
        ] {
            let mut builder = PageBuilder::new(first_id, 1_000);
            for _ in 0..1_000 {
                builder.push_word(number);
            }
            let (length, room) = (builder.bytes.len(), builder.bytes.capacity());
            assert!(
                room * 10 <= length * 11,
                "{room} for {length} from {first_id}"
            );
        }
    }

    #[test]
    fn a_slice_is_cut_to_the_page() {
        let page = page(11, &[2.into(), 3.into(), 5.into()]);
        assert_eq!(page.events(1, u64::MAX), page.bytes);
        assert_eq!(
            page.events(13, 13),
            "id: 13\ndata: {\"id\":13,\"number\":5}\n\n"
        );
        assert_eq!(page.events(14, 20), "");
        assert_eq!(page.events(1, 10), "");
        assert_eq!(page.last_id(), 13);
    }

    #[test]
    fn ids_are_counted_across_every_carry() {
        let mut head = EventHead::new(1);
        for id in 1..=10_100 {
            let text = format!("id: {id}\ndata: {{\"id\":{id},\"number\":");
            assert_eq!(head.text, text.as_bytes());
            head.advance();
        }
    }

    proptest! {
        #[test]
        fn events_are_encoded_like_the_shared_types(
            first_id in 1_u64..1 << 60,
            numbers in proptest::collection::vec("[1-9][0-9]{0,30}", 1..5),
        ) {
            let numbers: Vec<Number> = numbers.iter().map(|text| text.parse().unwrap()).collect();
            let mut expected = String::new();
            for (number, id) in numbers.iter().zip(first_id..) {
                let event = PrimeEvent { id, number: number.clone() };
                let data = serde_json::to_string(&event).unwrap();
                encode_event(&mut expected, Some(&id.to_string()), None, &data).unwrap();
            }
            prop_assert_eq!(page(first_id, &numbers).bytes, expected);
        }
    }
}
