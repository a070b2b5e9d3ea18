//! What the payload of a frame says (RFC 9113, section 6).

use super::{CONTROL_BYTES, Depth, EXCERPT_BYTES, Head, Scanner};
use crate::frame::{
    ErrorCode, Excerpt, Flags, Frame, FrameType, HeaderBlock, Payload, Setting, SettingId,
};

impl Scanner {
    /// The frame with this head, whose payload has come.
    pub(super) fn frame(&mut self, head: &Head) -> Frame {
        Frame {
            kind: head.kind,
            flags: head.flags,
            stream: head.stream,
            length: head.length,
            payload: self.payload(head).unwrap_or(Payload::Malformed),
        }
    }

    /// `None` when it is not as long as its type demands.
    fn payload(&mut self, head: &Head) -> Option<Payload> {
        let kept = head.kept.as_slice();
        Some(match head.kind {
            FrameType::DATA => match self.depth {
                Depth::Control => Payload::Data(None),
                Depth::Contents => Payload::Data(Some(data(head)?)),
            },
            FrameType::HEADERS => Payload::Headers(self.header_block(head, 0)?),
            FrameType::CONTINUATION => Payload::Continuation(self.header_block(head, 0)?),
            FrameType::PUSH_PROMISE => {
                let padding = usize::from(head.flags.has(Flags::PADDED));
                Payload::PushPromise {
                    promised: u31(kept.get(padding..)?)?,
                    fields: self.header_block(head, 4)?,
                }
            }
            FrameType::PRIORITY => priority(kept)?,
            FrameType::RST_STREAM => Payload::ResetStream(ErrorCode(u32(exactly_4(kept)?)?)),
            FrameType::SETTINGS => Payload::Settings(settings(kept)?),
            FrameType::PING => Payload::Ping(kept.try_into().ok()?),
            FrameType::GOAWAY => Payload::GoAway {
                last_stream: u31(kept)?,
                code: ErrorCode(u32(kept.get(4..)?)?),
                debug_data: Excerpt::new(&kept[8..], EXCERPT_BYTES, head.length as usize - 8),
            },
            FrameType::WINDOW_UPDATE => Payload::WindowUpdate {
                increment: u31(exactly_4(kept)?)?,
            },
            _ => Payload::Unknown(Excerpt::new(kept, EXCERPT_BYTES, head.length as usize)),
        })
    }

    /// The part of a header block that is in a frame, behind `before` bytes of something else.
    fn header_block(&mut self, head: &Head, before: usize) -> Option<HeaderBlock> {
        if self.depth == Depth::Control {
            return Some(HeaderBlock::NotRead);
        }
        let ends = head.flags.has(Flags::END_HEADERS);
        if !head.is_whole() {
            return Some(self.header_blocks.part(None, ends));
        }
        let part = block_part(head, before);
        let block = self.header_blocks.part(part, ends);
        part.map(|_| block)
    }
}

/// The part of a header block in a frame without what stands around it.
fn block_part(head: &Head, before: usize) -> Option<&[u8]> {
    let mut part = head.kept.as_slice();
    let mut before = before;
    if head.kind != FrameType::CONTINUATION {
        part = without_padding(head, part)?;
        if head.kind == FrameType::HEADERS && head.flags.has(Flags::PRIORITY) {
            before += 5;
        }
    }
    part.get(before..)
}

/// The beginning of the data in a DATA frame.
fn data(head: &Head) -> Option<Excerpt> {
    let length = head.length as usize;
    let kept = head.kept.as_slice();
    if !head.flags.has(Flags::PADDED) {
        return Some(Excerpt::new(kept, EXCERPT_BYTES, length));
    }
    let (padding, rest) = kept.split_first()?;
    let length = (length - 1).checked_sub(usize::from(*padding))?;
    Some(Excerpt::new(rest, EXCERPT_BYTES, length))
}

/// What is between the length of the padding and the padding.
fn without_padding<'a>(head: &Head, payload: &'a [u8]) -> Option<&'a [u8]> {
    if !head.flags.has(Flags::PADDED) {
        return Some(payload);
    }
    let (padding, rest) = payload.split_first()?;
    rest.get(..rest.len().checked_sub(usize::from(*padding))?)
}

fn priority(payload: &[u8]) -> Option<Payload> {
    let [stream @ .., weight] = <[u8; 5]>::try_from(payload).ok()?;
    let dependency = u32::from_be_bytes(stream);
    Some(Payload::Priority {
        dependency: dependency & 0x7fff_ffff,
        exclusive: dependency >> 31 == 1,
        weight: u16::from(weight) + 1,
    })
}

fn settings(payload: &[u8]) -> Option<Vec<Setting>> {
    if payload.len() < CONTROL_BYTES && !payload.len().is_multiple_of(6) {
        return None;
    }
    let entries = payload.chunks_exact(6);
    let setting = |entry: &[u8]| {
        Some(Setting {
            id: SettingId(u16::from_be_bytes([entry[0], entry[1]])),
            value: u32(&entry[2..])?,
        })
    };
    entries.map(setting).collect()
}

fn exactly_4(payload: &[u8]) -> Option<&[u8]> {
    (payload.len() == 4).then_some(payload)
}

fn u32(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// A number whose first bit is reserved.
fn u31(bytes: &[u8]) -> Option<u32> {
    Some(u32(bytes)? & 0x7fff_ffff)
}
