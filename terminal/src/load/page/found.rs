//! What is found in a document while it is read.

use std::time::Duration;

use encoding_rs::Encoding;
use url::Url;

use super::dom::NodeId;
use crate::load::reference::Reference;

/// Nobody wants to know more.
#[derive(Debug)]
pub(in crate::load) struct Gone;

/// Something that a document says.
#[derive(Debug)]
pub(in crate::load) enum Found {
    /// Its encoding, and whether it is in quirks mode; this comes first.
    Start {
        encoding: &'static Encoding,
        is_quirky: bool,
    },
    /// Addresses are relative to this one from here on.
    Base(Url),
    /// It refers to a file.
    File(Reference),
    /// It refers to a file, or a frame, if an element is displayed.
    IfDisplayed(Conditional),
    /// It has a frame.
    Frame(Frame),
    Sheet(SheetLink),
    Style(StyleElement),
    /// A module stands in it.
    Module {
        script: String,
        nonce: Option<String>,
    },
    ImportMap(String),
    Refresh(Refresh),
    /// Content Security Policies that count from here on.
    Policy(String),
}

/// A file that an element needs if it is displayed.
#[derive(Debug)]
pub(in crate::load) struct Conditional {
    pub(in crate::load) node: NodeId,
    /// Whether it must be near the window as well.
    pub(in crate::load) is_lazy: bool,
    pub(in crate::load) then: Box<Found>,
}

/// A document in a document.
#[derive(Clone, Debug)]
pub(in crate::load) struct Frame {
    pub(in crate::load) node: NodeId,
    pub(in crate::load) content: Content,
    /// Width and height in CSS pixels.
    pub(in crate::load) size: (f64, f64),
    pub(in crate::load) has_scripts: bool,
}

#[derive(Clone, Debug)]
pub(in crate::load) enum Content {
    File(Reference),
    /// `srcdoc`.
    Text(String),
}

/// A style sheet in a file of its own.
#[derive(Debug)]
pub(in crate::load) struct SheetLink {
    pub(in crate::load) node: NodeId,
    pub(in crate::load) reference: Reference,
    /// Whether its `media` holds.
    pub(in crate::load) applies: bool,
    /// The set of style sheets that it is of.
    pub(in crate::load) title: Option<String>,
    pub(in crate::load) is_alternate: bool,
}

/// A `style` element.
#[derive(Debug)]
pub(in crate::load) struct StyleElement {
    pub(in crate::load) node: NodeId,
    pub(in crate::load) text: String,
    pub(in crate::load) applies: bool,
    pub(in crate::load) nonce: Option<String>,
    pub(in crate::load) title: Option<String>,
}

/// Another page that comes instead of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::load) struct Refresh {
    pub(in crate::load) url: Url,
    pub(in crate::load) delay: Duration,
}
