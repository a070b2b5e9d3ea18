//! The event-stream decoder under any bytes in any chunks: it never panics, never says anything
//! that depends on where the chunks were cut, and keeps to its limit.
//!
//! The same as the property test in `shared/src/event_stream/tests.rs`, for as long as one likes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use roomcast_shared::event_stream::Decoder;

fuzz_target!(|input: &[u8]| {
    // The first bytes choose the limit and the length of the chunks.
    let [limit, chunk, stream @ ..] = input else {
        return;
    };
    let limit = usize::from(*limit) + 1;
    let chunk = usize::from(*chunk) % 16 + 1;

    let (mut whole, mut whole_events) = (Decoder::new(limit), Vec::new());
    let whole_result = whole.decode(stream, &mut whole_events);

    let (mut parts, mut parts_events) = (Decoder::new(limit), Vec::new());
    let parts_result = stream
        .chunks(chunk)
        .try_for_each(|chunk| parts.decode(chunk, &mut parts_events));

    assert_eq!(whole_result, parts_result);
    assert_eq!(whole_events, parts_events);
    assert_eq!(whole.last_event_id(), parts.last_event_id());
    assert_eq!(whole.retry_milliseconds(), parts.retry_milliseconds());
    for event in &whole_events {
        // A byte that is not UTF-8 becomes a character of three.
        assert!(event.data.len() <= limit);
        assert!(event.event_type.len() <= (limit * 3).max("message".len()));
        assert!(!event.last_event_id.contains(['\0', '\r', '\n']));
    }
});
