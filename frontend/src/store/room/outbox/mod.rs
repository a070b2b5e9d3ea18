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
    /// It was sent, perhaps over an earlier connection, so the server may have it.
    is_sent: bool,
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
    /// Why the newest failure was one, until somebody is told.
    failure: Option<String>,
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
        self.add(nonce, text, false);
    }

    /// Takes a message in that was kept over a reload. Nobody knows whether it was sent before that.
    pub fn restore(&mut self, nonce: String, text: String) {
        self.add(nonce, text, true);
    }

    fn add(&mut self, nonce: String, text: String, is_sent: bool) {
        self.written += 1;
        self.unsent.push(Unsent {
            number: self.written,
            nonce,
            text,
            state: Delivery::Queued,
            is_sent,
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
        next.is_sent = true;
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

    /// A message of this person has arrived as the event at `offset`. Events have no nonces, so until its
    /// answer comes, the first one with this text counts as the one; also when it was sent over a connection
    /// that is lost.
    pub fn arrived(&mut self, text: &str, offset: u64) {
        let is_answered = |unsent: &Unsent| unsent.state == Delivery::Said(offset);
        if self.unsent.iter().any(is_answered) {
            return;
        }
        let same = self.unsent.iter_mut().find(|unsent| {
            let is_unanswered = matches!(unsent.state, Delivery::InFlight | Delivery::Queued);
            is_unanswered && unsent.is_sent && !unsent.has_arrived && unsent.text == text
        });
        if let Some(unsent) = same {
            unsent.has_arrived = true;
        }
    }

    /// The server has answered: the message stands at `offset`. Should another one have been taken for it,
    /// it is shown again until it has [`reached`](Self::reached) the page.
    pub fn said(&mut self, nonce: &str, offset: u64) {
        if let Some(unsent) = self.by_nonce(nonce) {
            unsent.state = Delivery::Said(offset);
            unsent.has_arrived = false;
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
                Delivery::Failed(detail.clone())
            };
            self.failure = (!again).then_some(detail);
        }
    }

    /// There will be no connection any more: what is not sent is not sent, and why.
    pub fn give_up(&mut self, detail: &str) {
        for unsent in &mut self.unsent {
            if matches!(unsent.state, Delivery::Queued | Delivery::InFlight) {
                unsent.state = Delivery::Failed(detail.to_owned());
                self.failure = Some(detail.to_owned());
            }
        }
    }

    /// Why messages have failed since this was asked last, if any have.
    pub fn take_failure(&mut self) -> Option<String> {
        self.failure.take()
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
mod tests;
