//! Flags of frames, whose names depend on the frame's type.

use super::FrameType;

/// The flags of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// DATA, HEADERS: the sender's last frame on the stream.
    pub const END_STREAM: Self = Self(0x1);
    /// SETTINGS, PING: an answer.
    pub const ACK: Self = Self(0x1);
    /// HEADERS, `PUSH_PROMISE`, CONTINUATION: the header block ends here.
    pub const END_HEADERS: Self = Self(0x4);
    /// DATA, HEADERS, `PUSH_PROMISE`: there is padding.
    pub const PADDED: Self = Self(0x8);
    /// HEADERS: there is a priority.
    pub const PRIORITY: Self = Self(0x20);

    /// Whether these are set.
    pub fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The names of those that are set, joined by `|`; `none` without any.
    pub fn names(self, kind: FrameType) -> String {
        let known: &[(Self, &str)] = match kind {
            FrameType::DATA => &[(Self::END_STREAM, "END_STREAM"), (Self::PADDED, "PADDED")],
            FrameType::HEADERS => &[
                (Self::END_STREAM, "END_STREAM"),
                (Self::END_HEADERS, "END_HEADERS"),
                (Self::PADDED, "PADDED"),
                (Self::PRIORITY, "PRIORITY"),
            ],
            FrameType::PUSH_PROMISE => {
                &[(Self::END_HEADERS, "END_HEADERS"), (Self::PADDED, "PADDED")]
            }
            FrameType::CONTINUATION => &[(Self::END_HEADERS, "END_HEADERS")],
            FrameType::SETTINGS | FrameType::PING => &[(Self::ACK, "ACK")],
            _ => &[],
        };
        let mut unknown = self.0;
        let mut names = Vec::new();
        for (flag, name) in known {
            if self.has(*flag) {
                unknown &= !flag.0;
                names.push((*name).to_owned());
            }
        }
        if unknown != 0 {
            names.push(format!("{unknown:#04x}"));
        }
        if names.is_empty() {
            return "none".to_owned();
        }
        names.join("|")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_named_after_the_type_of_its_frame() {
        assert_eq!(Flags(0x1).names(FrameType::DATA), "END_STREAM");
        assert_eq!(Flags(0x1).names(FrameType::PING), "ACK");
        assert_eq!(Flags(0x0).names(FrameType::PING), "none");
        let all = "END_STREAM|END_HEADERS|PADDED|PRIORITY|0xd2";
        assert_eq!(Flags(0xff).names(FrameType::HEADERS), all);
        assert_eq!(Flags(0x3).names(FrameType::WINDOW_UPDATE), "0x03");
    }
}
