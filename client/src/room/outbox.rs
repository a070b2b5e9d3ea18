//! What is said and not yet known to be kept.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use roomcast_shared::client_message::ClientMessage;
use roomcast_shared::message_text::MessageText;
use roomcast_shared::server_message::{Refusal, RefusalCode};
use roomcast_websocket::handshake::RandomnessUnavailable;
use tokio::time::Instant;

/// How long to wait when the server refuses for now and does not say until when.
const DEFAULT_RETRY: Duration = Duration::from_secs(1);

/// How many random bytes a nonce has.
const NONCE_BYTES: usize = 16;

/// The mark by which the server knows a message that is sent twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nonce(String);

impl Nonce {
    /// A new one.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when the system has no random numbers.
    pub fn random() -> Result<Self, RandomnessUnavailable> {
        let mut bytes = [0; NONCE_BYTES];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| RandomnessUnavailable)?;
        let mut text = String::with_capacity(NONCE_BYTES * 2);
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self(text))
    }

    /// The one with this text.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Its mark.
    pub nonce: Nonce,
    /// What it says.
    pub text: MessageText,
}

/// What a refusal means for the messages here.
#[derive(Debug)]
pub(super) enum Fate {
    /// It will never be kept.
    Returned(Unsent),
    /// It stays, and is given out again later.
    Delayed,
    /// It is about something else.
    NotOurs,
}

/// Messages in the order in which they were said. Only the first one is ever on its way, so
/// nothing overtakes one that the server refused for now.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    unsent: VecDeque<Unsent>,
    is_first_sent: bool,
    /// When the first one may be sent again after a refusal.
    wait_until: Option<Instant>,
}

impl Outbox {
    pub(super) fn push(&mut self, unsent: Unsent) {
        self.unsent.push_back(unsent);
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Unsent> {
        self.unsent.iter()
    }

    /// The message to send now, if there is one.
    pub(super) fn next(&mut self, now: Instant) -> Option<ClientMessage> {
        if self.is_first_sent || self.wait_until.is_some_and(|until| now < until) {
            return None;
        }
        let Unsent { nonce, text } = self.unsent.front()?;
        self.is_first_sent = true;
        self.wait_until = None;
        Some(ClientMessage::Say {
            nonce: nonce.0.clone(),
            text: text.to_string(),
        })
    }

    /// When [`Self::next`] is worth asking again, if only time is missing.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        self.wait_until.filter(|_| !self.unsent.is_empty())
    }

    /// The server keeps a message.
    pub(super) fn said(&mut self, nonce: &str) -> Option<Unsent> {
        self.remove(nonce)
    }

    /// The server refuses a message; it comes back if trying again is no use.
    pub(super) fn refused(&mut self, refusal: &Refusal, now: Instant) -> Fate {
        let Some(nonce) = refusal.nonce.as_deref() else {
            return Fate::NotOurs;
        };
        match refusal.code {
            RefusalCode::TooFast | RefusalCode::Unavailable => {
                let first = self.unsent.front();
                if first.is_none_or(|first| first.nonce.0 != nonce) {
                    return Fate::NotOurs;
                }
                let wait = refusal
                    .retry_after
                    .map_or(DEFAULT_RETRY, Duration::from_millis);
                self.is_first_sent = false;
                self.wait_until = now.checked_add(wait);
                Fate::Delayed
            }
            _ => self.remove(nonce).map_or(Fate::NotOurs, Fate::Returned),
        }
    }

    /// The connection is lost: nobody knows whether the first one arrived.
    pub(super) fn lost(&mut self) {
        self.is_first_sent = false;
    }

    fn remove(&mut self, nonce: &str) -> Option<Unsent> {
        let index = self
            .unsent
            .iter()
            .position(|unsent| unsent.nonce.0 == nonce)?;
        if index == 0 {
            self.is_first_sent = false;
        }
        self.unsent.remove(index)
    }
}
