//! The first events of the default stream, in the document itself: they show before any
//! script has run, and the client goes on from them.

use roomcast_shared::prime::PrimeEvent;

use super::html::start_tags;

/// The `script` of type `application/json` that takes the events as a JSON array.
const EVENTS_ID: &str = "first-events";

/// The list that takes the primes as items, newest on top.
const PRIMES_ID: &str = "first-primes";

/// Fills in the two elements of a document that are there for the first events.
///
/// A document without them stays as it is.
pub(super) fn insert(document: &str, events: &[PrimeEvent]) -> String {
    let json = serde_json::to_string(events)
        .expect("numbers and strings are always JSON")
        // No text can end the element then.
        .replace('<', "\\u003c");
    let items = events
        .iter()
        .rev()
        .map(|event| format!("<li>{}</li>", event.number))
        .collect::<Vec<_>>()
        .concat();

    let mut completed = String::with_capacity(document.len() + json.len() + items.len());
    let mut copied = 0;
    for tag in start_tags(document) {
        let content = match tag.attribute("id") {
            Some(EVENTS_ID) => &json,
            Some(PRIMES_ID) => &items,
            _ => continue,
        };
        completed.push_str(&document[copied..tag.end]);
        completed.push_str(content);
        copied = tag.end;
    }
    completed + &document[copied..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(primes: &[u64]) -> Vec<PrimeEvent> {
        (1..)
            .zip(primes)
            .map(|(id, &prime)| PrimeEvent {
                id,
                number: prime.into(),
            })
            .collect()
    }

    #[test]
    fn events_and_primes_are_filled_in_newest_prime_on_top() {
        let document = "<script id=\"first-events\" type=\"application/json\"></script>\n\
            <ol id=first-primes></ol><p>";
        assert_eq!(
            insert(document, &events(&[2, 3])),
            "<script id=\"first-events\" type=\"application/json\">\
             [{\"id\":1,\"number\":2},{\"id\":2,\"number\":3}]</script>\n\
             <ol id=first-primes><li>3</li><li>2</li></ol><p>"
        );
    }

    #[test]
    fn a_document_without_a_place_for_them_stays_as_it_is() {
        let document = "<!-- <ol id=first-primes> --><p id=other>é</p>";
        assert_eq!(insert(document, &events(&[2])), document);
    }
}
