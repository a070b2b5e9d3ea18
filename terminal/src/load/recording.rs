//! What happened while a page was loaded. Everything that is shown is made from this alone.

use std::time::Duration;

use http::{StatusCode, Version};
use url::Url;

/// One load of a page. All times are counted from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recording {
    /// The address that was given.
    pub(super) url: Url,
    /// The files in the order in which they became known.
    pub(super) files: Vec<File>,
    /// The connections in the order in which they were begun.
    pub(super) connections: Vec<ConnectionRecord>,
    /// What was left out because of a limit, in sentences.
    pub(super) left_out: Vec<String>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) url: Url,
    pub(super) initiator: Initiator,
    /// The index of the file in which it was found, or to which it was pushed.
    pub(super) from: Option<usize>,
    /// Whether the page refers to it, not only a hint or a push.
    pub(super) needed: bool,
    /// Whether it is only the icon, for which no browser holds back that the page is complete.
    pub(super) is_icon: bool,
    pub(super) version: Option<Version>,
    pub(super) status: Option<StatusCode>,
    /// The media type without its parameters.
    pub(super) media_type: Option<String>,
    /// When it became known that it is to be loaded.
    pub(super) known_at: Duration,
    /// When the request was handed to a connection; for a push, when it was promised.
    pub(super) sent_at: Option<Duration>,
    /// When the head of the final response came.
    pub(super) first_byte_at: Option<Duration>,
    /// When it was over, well or not.
    pub(super) end_at: Option<Duration>,
    /// Bytes of the body as it came: compressed, without heads and framing.
    pub(super) wire_bytes: u64,
    /// Bytes of the body as it is used.
    pub(super) decoded_bytes: u64,
    /// Why it is not whole.
    pub(super) error: Option<String>,
    /// Whether the server does not speak the version of HTTP in which it was to be asked.
    pub(super) is_version_refused: bool,
}

/// Who started the loading of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Initiator {
    /// The one who gave the address.
    Address,
    /// The document refers to it.
    Parser,
    /// A style sheet refers to it.
    Style,
    /// A `Link` field of a 103 or of a final response names it.
    Hint,
    /// The server pushed it.
    Push,
    /// Another address redirects to it.
    Redirect,
    /// The document before it has it follow at once.
    Refresh,
    /// A module imports it.
    Script,
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConnectionRecord {
    /// Scheme, host and port.
    pub(super) origin: String,
    /// `None` when it could not be opened.
    pub(super) version: Option<Version>,
    pub(super) begun_at: Duration,
    /// When requests could go over it.
    pub(super) open_at: Duration,
}

impl Initiator {
    /// The word for it, in tables.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Address => "-",
            Self::Parser => "parser",
            Self::Style => "style",
            Self::Hint => "hint",
            Self::Push => "push",
            Self::Redirect | Self::Refresh => "redir",
            Self::Script => "script",
        }
    }
}

impl File {
    pub(super) fn new(url: Url, initiator: Initiator, from: Option<usize>, now: Duration) -> Self {
        Self {
            url,
            initiator,
            from,
            needed: !matches!(initiator, Initiator::Hint | Initiator::Push),
            is_icon: false,
            version: None,
            status: None,
            media_type: None,
            known_at: now,
            sent_at: None,
            first_byte_at: None,
            end_at: None,
            wire_bytes: 0,
            decoded_bytes: 0,
            error: None,
            is_version_refused: false,
        }
    }

    /// Whether it came in the place of the file that it is from.
    fn leads_on(&self) -> bool {
        matches!(self.initiator, Initiator::Redirect | Initiator::Refresh)
    }

    /// Whether the page lacks it: it did not come as a whole, or as an error. An icon does not count.
    pub(super) fn is_missing(&self) -> bool {
        let is_error = |status: StatusCode| status.is_client_error() || status.is_server_error();
        self.needed && !self.is_icon && (self.error.is_some() || self.status.is_some_and(is_error))
    }

    /// What a reader should know about it, in a few words.
    pub(super) fn remark(&self) -> Option<String> {
        let unneeded = (!self.needed && self.error.is_none()).then(|| {
            let how = if self.initiator == Initiator::Push {
                "pushed"
            } else {
                "hinted"
            };
            format!("{how}, and not needed")
        });
        self.error.clone().or(unneeded)
    }
}

impl Recording {
    /// The document at the end of its redirects and refreshes, or the last thing that came in its place.
    pub(super) fn document(&self) -> Option<&File> {
        let mut index = 0;
        while let Some(next) = self
            .files
            .iter()
            .position(|file| file.leads_on() && file.from == Some(index))
        {
            index = next;
        }
        self.files.get(index)
    }

    /// When the last file that the page needs was there, its icon aside.
    pub(super) fn complete_at(&self) -> Duration {
        let needed = self
            .files
            .iter()
            .filter(|file| file.needed && !file.is_icon);
        needed
            .filter_map(|file| file.end_at)
            .max()
            .unwrap_or_default()
    }

    /// How many files the page lacks.
    pub(super) fn missing(&self) -> usize {
        self.files.iter().filter(|file| file.is_missing()).count()
    }

    /// When the last file was there, needed or not.
    pub(super) fn end(&self) -> Duration {
        self.files
            .iter()
            .filter_map(|file| file.end_at)
            .max()
            .unwrap_or_default()
    }

    pub(super) fn wire_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.wire_bytes).sum()
    }

    pub(super) fn decoded_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.decoded_bytes).sum()
    }
}
