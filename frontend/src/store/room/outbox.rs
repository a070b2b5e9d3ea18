//! What the person at this page has said and the server has not confirmed.
//!
//! Messages go out one at a time and in order, each with the nonce that it was given when it was
//! written, on every connection until the answer comes: so it arrives, and arrives once.

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Counts the messages of this page; the place of its row.
    pub number: u64,
    /// The token by which the server knows it again.
    pub nonce: String,
    /// What was written.
    pub text: String,
    /// Where it stands.
    pub state: Delivery,
    /// The message has arrived as an event, it seems: it is not shown twice while the answer is due.
    pub has_arrived: bool,
}

/// How far a message has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// To be sent, at once or when there is a connection.
    Queued,
    /// Sent over this connection, and not answered yet.
    InFlight,
    /// Kept at this offset; its event has not arrived yet.
    Said(u64),
    /// Refused, and why.
    Failed(String),
}

/// The messages on their way, in the order in which they were written.
#[derive(Debug, Default)]
pub struct Outbox {
    unsent: Vec<Unsent>,
    written: u64,
}

impl Outbox {
    /// Those to be shown, oldest first.
    pub fn shown(&self) -> impl Iterator<Item = &Unsent> {
        self.unsent.iter().filter(|unsent| !unsent.has_arrived)
    }

    /// One of them by its number.
    pub fn get(&self, number: u64) -> Option<&Unsent> {
        self.unsent.iter().find(|unsent| unsent.number == number)
    }

    /// Those that the server does not have for certain: what a reload must not lose.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &Unsent> {
        let confirmed = |unsent: &&Unsent| !matches!(unsent.state, Delivery::Said(_));
        self.unsent.iter().filter(confirmed)
    }

    /// Takes a message in, to be sent.
    pub fn push(&mut self, nonce: String, text: String) {
        self.written += 1;
        self.unsent.push(Unsent {
            number: self.written,
            nonce,
            text,
            state: Delivery::Queued,
            has_arrived: false,
        });
    }

    /// The next message to send, which counts as sent from here on; none while one is on its way.
    pub fn send_next(&mut self) -> Option<&Unsent> {
        if self.is_in_flight() {
            return None;
        }
        let next = self
            .unsent
            .iter_mut()
            .find(|unsent| unsent.state == Delivery::Queued)?;
        next.state = Delivery::InFlight;
        Some(next)
    }

    /// Whether a message waits for its answer.
    pub fn is_in_flight(&self) -> bool {
        let mut unsent = self.unsent.iter();
        unsent.any(|unsent| unsent.state == Delivery::InFlight)
    }

    /// The connection is gone: what it left unanswered is sent again over the next one.
    pub fn lose_connection(&mut self) {
        for unsent in &mut self.unsent {
            if unsent.state == Delivery::InFlight {
                unsent.state = Delivery::Queued;
            }
        }
    }

    /// A message of this person has arrived as an event.
    pub fn arrived(&mut self, text: &str) {
        let same = self.unsent.iter_mut().find(|unsent| {
            unsent.state == Delivery::InFlight && !unsent.has_arrived && unsent.text == text
        });
        if let Some(unsent) = same {
            unsent.has_arrived = true;
        }
    }

    /// The server has answered: the message stands at `offset`.
    pub fn said(&mut self, nonce: &str, offset: u64) {
        if let Some(unsent) = self.by_nonce(nonce) {
            unsent.state = Delivery::Said(offset);
        }
    }

    /// Everything up to `offset` has arrived.
    pub fn reached(&mut self, offset: u64) {
        self.unsent
            .retain(|unsent| !matches!(unsent.state, Delivery::Said(at) if at <= offset));
    }

    /// The server does not take it. With `again`, it is only too early.
    pub fn refused(&mut self, nonce: &str, detail: String, again: bool) {
        if let Some(unsent) = self.by_nonce(nonce) {
            unsent.has_arrived = false;
            unsent.state = if again {
                Delivery::Queued
            } else {
                Delivery::Failed(detail)
            };
        }
    }

    /// The person wants it to be tried again.
    pub fn retry(&mut self, number: u64) {
        if let Some(unsent) = self.by_number(number) {
            unsent.state = Delivery::Queued;
        }
    }

    /// The person wants it no more: its text, to be written anew.
    pub fn take_back(&mut self, number: u64) -> Option<String> {
        let place = self.unsent.iter().position(|unsent| {
            unsent.number == number && matches!(unsent.state, Delivery::Failed(_))
        })?;
        Some(self.unsent.remove(place).text)
    }

    fn by_nonce(&mut self, nonce: &str) -> Option<&mut Unsent> {
        self.unsent.iter_mut().find(|unsent| unsent.nonce == nonce)
    }

    fn by_number(&mut self, number: u64) -> Option<&mut Unsent> {
        self.unsent
            .iter_mut()
            .find(|unsent| unsent.number == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox_of(texts: &[&str]) -> Outbox {
        let mut outbox = Outbox::default();
        for text in texts {
            outbox.push(format!("nonce-{text}"), (*text).to_owned());
        }
        outbox
    }

    fn next(outbox: &mut Outbox) -> Option<String> {
        outbox.send_next().map(|unsent| unsent.text.clone())
    }

    #[test]
    fn messages_go_out_one_at_a_time_in_the_order_they_were_written() {
        let mut outbox = outbox_of(&["a", "b"]);
        assert_eq!(next(&mut outbox).as_deref(), Some("a"));
        assert_eq!(next(&mut outbox), None);
        outbox.said("nonce-a", 7);
        assert_eq!(next(&mut outbox).as_deref(), Some("b"));
    }

    #[test]
    fn what_a_lost_connection_left_unanswered_is_sent_again_with_the_same_nonce() {
        let mut outbox = outbox_of(&["a", "b"]);
        next(&mut outbox);
        outbox.lose_connection();
        assert_eq!(
            outbox.send_next().map(|unsent| unsent.nonce.as_str()),
            Some("nonce-a")
        );
    }

    #[test]
    fn a_message_is_shown_until_its_event_has_arrived_whichever_comes_first() {
        let mut outbox = outbox_of(&["a"]);
        next(&mut outbox);
        outbox.said("nonce-a", 7);
        outbox.reached(6);
        assert_eq!(outbox.shown().count(), 1);
        outbox.reached(7);
        assert_eq!(outbox.shown().count(), 0);

        let mut outbox = outbox_of(&["a"]);
        next(&mut outbox);
        outbox.arrived("a");
        outbox.reached(7);
        assert_eq!(outbox.shown().count(), 0);
        assert_eq!(outbox.unconfirmed().count(), 1);
        outbox.said("nonce-a", 7);
        outbox.reached(7);
        assert_eq!(outbox.unconfirmed().count(), 0);
    }

    #[test]
    fn the_same_text_written_twice_is_two_messages() {
        let mut outbox = outbox_of(&["a", "a"]);
        next(&mut outbox);
        outbox.arrived("a");
        assert_eq!(outbox.shown().count(), 1);
    }

    #[test]
    fn a_refused_message_stays_until_it_is_tried_again_or_taken_back() {
        let mut outbox = outbox_of(&["a", "b"]);
        next(&mut outbox);
        outbox.refused("nonce-a", "Not sent.".to_owned(), false);
        assert_eq!(next(&mut outbox).as_deref(), Some("b"), "others go on");
        outbox.said("nonce-b", 7);
        assert_eq!(next(&mut outbox), None);
        outbox.retry(1);
        assert_eq!(next(&mut outbox).as_deref(), Some("a"));
        assert_eq!(outbox.take_back(1), None, "it is on its way");
        outbox.refused("nonce-a", "Not sent.".to_owned(), false);
        assert_eq!(outbox.take_back(1).as_deref(), Some("a"));
        assert_eq!(outbox.shown().count(), 1, "b, whose event is due");
    }

    #[test]
    fn a_message_that_came_too_early_waits_for_its_turn() {
        let mut outbox = outbox_of(&["a"]);
        next(&mut outbox);
        outbox.refused("nonce-a", "Not sent.".to_owned(), true);
        assert_eq!(
            outbox.get(1).map(|unsent| &unsent.state),
            Some(&Delivery::Queued)
        );
    }

    #[test]
    fn what_a_reload_must_not_lose_includes_what_was_refused() {
        let mut outbox = outbox_of(&["a", "b", "c"]);
        next(&mut outbox);
        outbox.refused("nonce-a", "Not sent.".to_owned(), false);
        next(&mut outbox);
        outbox.said("nonce-b", 7);
        let kept: Vec<_> = outbox
            .unconfirmed()
            .map(|unsent| unsent.text.as_str())
            .collect();
        assert_eq!(kept, ["a", "c"]);
    }
}
