//! Finds the frame headers in a stream of HTTP/2 bytes (RFC 9113, section 4.1).

/// Frame types by their registered numbers (RFC 9113, section 6).
pub(super) mod frame_type {
    pub(in super::super) const DATA: u8 = 0x0;
    pub(in super::super) const HEADERS: u8 = 0x1;
    pub(in super::super) const RST_STREAM: u8 = 0x3;
    pub(in super::super) const SETTINGS: u8 = 0x4;
    pub(in super::super) const WINDOW_UPDATE: u8 = 0x8;
    pub(in super::super) const CONTINUATION: u8 = 0x9;
    #[cfg(test)]
    pub(in super::super) const PING: u8 = 0x6;
}

/// The flag of DATA and HEADERS that ends a stream.
const END_STREAM: u8 = 0x1;

/// The flag of SETTINGS that answers the other side's.
const ACK: u8 = 0x1;

/// Bytes of a frame header.
const HEADER_BYTES: usize = 9;

/// What a frame's header says, as far as anybody here needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) kind: u8,
    pub(super) flags: u8,
    /// Bytes of payload, at most 2^24 − 1.
    pub(super) length: u32,
}

impl FrameHeader {
    pub(super) fn ends_stream(self) -> bool {
        self.flags & END_STREAM != 0
    }

    /// Whether a connection may begin with this frame.
    pub(super) fn is_first_settings(self) -> bool {
        self.kind == frame_type::SETTINGS && self.flags & ACK == 0
    }
}

/// Walks from frame header to frame header, however the bytes are cut.
#[derive(Debug, Default)]
pub(super) struct FrameScanner {
    /// Bytes to pass over before the next header begins.
    skip: usize,
    header: [u8; HEADER_BYTES],
    filled: usize,
}

impl FrameScanner {
    /// A scanner for bytes of which the first `skip` are no frames.
    pub(super) fn after(skip: usize) -> Self {
        Self {
            skip,
            ..Self::default()
        }
    }

    /// Shows each frame header that is complete in `bytes` and what came before, until `visit`
    /// fails.
    ///
    /// # Errors
    /// What `visit` fails with.
    pub(super) fn scan<E>(
        &mut self,
        mut bytes: &[u8],
        mut visit: impl FnMut(FrameHeader) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = &bytes[skipped..];
            if bytes.is_empty() {
                return Ok(());
            }
            let taken = (HEADER_BYTES - self.filled).min(bytes.len());
            self.header[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled < HEADER_BYTES {
                return Ok(());
            }
            self.filled = 0;
            let [high, middle, low, kind, flags, ..] = self.header;
            let length = u32::from_be_bytes([0, high, middle, low]);
            self.skip = length as usize;
            visit(FrameHeader {
                kind,
                flags,
                length,
            })?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_header_is_found_however_the_bytes_are_cut(
            frames in proptest::collection::vec((any::<u8>(), any::<u8>(), 0_u32..300), 0..20),
            skip in 0_usize..30,
            piece in 1_usize..40,
        ) {
            let mut bytes = vec![0xff; skip];
            for (kind, flags, length) in &frames {
                bytes.extend_from_slice(&length.to_be_bytes()[1..]);
                bytes.extend_from_slice(&[*kind, *flags, 0, 0, 0, 1]);
                bytes.extend(std::iter::repeat_n(0xee, *length as usize));
            }

            let mut scanner = FrameScanner::after(skip);
            let mut seen = Vec::new();
            for piece in bytes.chunks(piece) {
                let scanned = scanner.scan(piece, |frame| {
                    seen.push((frame.kind, frame.flags, frame.length));
                    Ok::<_, ()>(())
                });
                prop_assert!(scanned.is_ok());
            }

            prop_assert_eq!(seen, frames);
        }
    }
}
