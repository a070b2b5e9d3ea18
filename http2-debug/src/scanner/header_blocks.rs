//! Header blocks, put together from their parts and decoded.

use crate::frame::HeaderBlock;
use crate::hpack::Decoder;

/// How long a whole header block may be to be decoded, in bytes: four times what servers take.
const MAX_BLOCK_BYTES: usize = 256 * 1024;

/// The header blocks of one direction.
#[derive(Debug, Default)]
pub(super) struct HeaderBlocks {
    decoder: Decoder,
    /// What has come of the current one.
    block: Vec<u8>,
    /// Once a block could not be decoded, the state that later ones build on is unknown.
    is_lost: bool,
}

impl HeaderBlocks {
    /// A part came; `None` if it was too long to be kept.
    pub(super) fn part(&mut self, part: Option<&[u8]>, is_last: bool) -> HeaderBlock {
        match part {
            Some(part) if self.block.len() + part.len() <= MAX_BLOCK_BYTES => {
                self.block.extend_from_slice(part);
            }
            _ => self.is_lost = true,
        }
        if self.is_lost {
            self.block = Vec::new();
            return HeaderBlock::Undecodable;
        }
        if !is_last {
            return HeaderBlock::Unfinished;
        }
        let decoded = self.decoder.decode(&std::mem::take(&mut self.block));
        decoded.map_or_else(
            |_| {
                self.is_lost = true;
                HeaderBlock::Undecodable
            },
            HeaderBlock::Fields,
        )
    }
}
