//! Close codes and the payload of a Close frame (RFC 6455, sections 5.5.1 and 7.4).

use std::fmt;

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::error::ProtocolError;
use crate::frame::MAX_CONTROL_PAYLOAD_BYTES;

/// The code, in bytes, before the reason.
const CODE_BYTES: usize = 2;

/// The longest reason, in bytes: a control frame is short.
pub const MAX_REASON_BYTES: usize = MAX_CONTROL_PAYLOAD_BYTES - CODE_BYTES;

/// Why a connection is closed; valid on the wire by construction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// The connection has done what it was for.
    pub const NORMAL: Self = Self(1000);
    /// The server stops, or the person left the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// The peer sent a kind of data that is not taken here.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// A message's content is not what its kind says, for example text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// A policy forbids what the peer did.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// A message is too long.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// Something unforeseen keeps this end from going on.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The server restarts: come back.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// The server has too much to do: come back later.
    pub const TRY_AGAIN_LATER: Self = Self(1013);

    /// The code as a number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for CloseCode {
    type Error = ProtocolError;

    /// Takes what may stand in a Close frame: the registered codes other than 1004, 1005, 1006
    /// and 1015, and 3000 to 4999.
    fn try_from(code: u16) -> Result<Self, ProtocolError> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Ok(Self(code)),
            _ => Err(ProtocolError::InvalidCloseCode(code)),
        }
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseCode({})", self.0)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a Close frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseFrame {
    code: CloseCode,
    reason: String,
}

impl CloseFrame {
    /// A code, and a reason for people who debug. A reason that is too long for a control frame
    /// is cut at the last character that fits [`MAX_REASON_BYTES`].
    pub fn new(code: CloseCode, reason: &str) -> Self {
        let end = reason.floor_char_boundary(MAX_REASON_BYTES);
        Self {
            code,
            reason: reason[..end].to_owned(),
        }
    }

    /// Reads the payload of a Close frame; `None` when it is empty.
    ///
    /// # Errors
    /// [`ProtocolError`] when the code is cut or must not be sent, or the reason is not UTF-8.
    pub fn parse(payload: &[u8]) -> Result<Option<Self>, ProtocolError> {
        let (code, reason) = match payload {
            [] => return Ok(None),
            [_] => return Err(ProtocolError::TruncatedCloseCode),
            [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
        };
        let code = CloseCode::try_from(code)?;
        let reason = std::str::from_utf8(reason).map_err(|_| ProtocolError::InvalidUtf8)?;
        Ok(Some(Self {
            code,
            reason: reason.to_owned(),
        }))
    }

    /// Why the connection is closed.
    pub fn code(&self) -> CloseCode {
        self.code
    }

    /// The reason, for people who debug; often empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The payload of the frame.
    pub fn to_payload(&self) -> Bytes {
        let mut payload = BytesMut::with_capacity(CODE_BYTES + self.reason.len());
        payload.put_u16(self.code.get());
        payload.put_slice(self.reason.as_bytes());
        payload.freeze()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_that_may_be_sent_are_taken_and_no_others() {
        let taken: Vec<_> = (0..=u16::MAX)
            .filter(|code| CloseCode::try_from(*code).is_ok())
            .collect();
        let expected: Vec<_> = (1000..=1003)
            .chain(1007..=1014)
            .chain(3000..=4999)
            .collect();
        assert_eq!(taken, expected);
    }

    #[test]
    fn half_a_code_is_refused_and_no_code_is_not() {
        assert_eq!(CloseFrame::parse(&[]), Ok(None));
        assert_eq!(
            CloseFrame::parse(&[3]),
            Err(ProtocolError::TruncatedCloseCode)
        );
    }

    #[test]
    fn a_reason_that_is_not_utf8_is_refused() {
        assert_eq!(
            CloseFrame::parse(b"\x03\xe8\xce"),
            Err(ProtocolError::InvalidUtf8)
        );
    }

    proptest! {
        #[test]
        fn a_close_frame_survives_its_encoding_and_fits_a_control_frame(reason in ".{0,200}") {
            let frame = CloseFrame::new(CloseCode::NORMAL, &reason);
            let payload = frame.to_payload();
            prop_assert!(payload.len() <= MAX_CONTROL_PAYLOAD_BYTES);
            prop_assert!(reason.starts_with(frame.reason()));
            prop_assert_eq!(CloseFrame::parse(&payload), Ok(Some(frame)));
        }
    }
}
