//! HPACK, decoding only (RFC 7541): from header blocks to header fields.

mod huffman;
mod index_table;

use index_table::IndexTable;

/// How much the fields of one block may hold together, in bytes, before the rest of them is left out:
/// a few bytes of a block can stand for thousands.
pub const MAX_FIELDS_BYTES: usize = 256 * 1024;

/// One header field, or one of the pseudo-header fields of HTTP/2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, in lower case if the sender kept to the rules.
    pub name: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// The header fields of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldList {
    /// In the order of the block.
    pub fields: Vec<Field>,
    /// How many were left out because of [`MAX_FIELDS_BYTES`].
    pub left_out: usize,
}

/// Why a block cannot be decoded, after which no later one can either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HpackError {
    /// The block ends in the middle of a field.
    #[error("the block ends in the middle of a field")]
    Truncated,
    /// A number is larger than any sensible one.
    #[error("a number is too large")]
    Integer,
    /// No field has this index.
    #[error("an index stands for no field")]
    Index,
    /// A string is not in the Huffman code.
    #[error("a string is not in the Huffman code")]
    Huffman,
    /// The dynamic table is to be larger than it may be here.
    #[error("the dynamic table is larger than this decoder keeps")]
    TableSize,
}

/// Decodes the header blocks that one side of a connection sends, in their order.
///
/// Its memory has a limit: the dynamic table at most 64 KiB, the fields of a block
/// [`MAX_FIELDS_BYTES`]. What the other side allows by SETTINGS need not be known: the blocks
/// themselves say how large the table is (section 6.3).
#[derive(Debug)]
pub struct Decoder {
    table: IndexTable,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            table: IndexTable::new(),
        }
    }
}

impl Decoder {
    /// Decodes a whole block.
    ///
    /// # Errors
    /// [`HpackError`] when the block is damaged. The decoder is of no use then.
    pub fn decode(&mut self, block: &[u8]) -> Result<FieldList, HpackError> {
        let mut block = Block(block);
        let mut list = FieldList::default();
        let mut bytes = 0;
        while let Some(first) = block.first() {
            let Some(field) = self.representation(first, &mut block)? else {
                continue;
            };
            bytes += field.name.len() + field.value.len();
            if bytes <= MAX_FIELDS_BYTES {
                list.fields.push(field);
            } else {
                list.left_out += 1;
            }
        }
        Ok(list)
    }

    /// The field of one representation (section 6), or nothing if it changes the table's size.
    fn representation(
        &mut self,
        first: u8,
        block: &mut Block<'_>,
    ) -> Result<Option<Field>, HpackError> {
        match first {
            0x80.. => {
                let index = block.integer(7)?;
                self.table.get(index).map(Some).ok_or(HpackError::Index)
            }
            0x40.. => {
                let field = self.literal(block, 6)?;
                self.table.insert(field.clone());
                Ok(Some(field))
            }
            0x20.. => {
                let max_bytes = block.integer(5)?;
                self.table.resize(max_bytes).ok_or(HpackError::TableSize)?;
                Ok(None)
            }
            // Without indexing, or never to be indexed.
            _ => self.literal(block, 4).map(Some),
        }
    }

    /// A literal whose name is an index in the lowest `prefix` bits, or a string after a zero.
    fn literal(&self, block: &mut Block<'_>, prefix: u32) -> Result<Field, HpackError> {
        let name = match block.integer(prefix)? {
            0 => block.string()?,
            index => self.table.get(index).ok_or(HpackError::Index)?.name,
        };
        Ok(Field {
            name,
            value: block.string()?,
        })
    }
}

/// What is left of a block.
struct Block<'a>(&'a [u8]);

impl Block<'_> {
    fn first(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn octet(&mut self) -> Result<u8, HpackError> {
        let (octet, rest) = self.0.split_first().ok_or(HpackError::Truncated)?;
        self.0 = rest;
        Ok(*octet)
    }

    /// An integer that begins in the lowest `prefix` bits (section 5.1). Everything that is counted
    /// here is shorter than 2^28.
    fn integer(&mut self, prefix: u32) -> Result<usize, HpackError> {
        let most = (1 << prefix) - 1;
        let mut value = usize::from(self.octet()?) & most;
        if value < most {
            return Ok(value);
        }
        for shift in [0, 7, 14, 21] {
            let octet = self.octet()?;
            value += usize::from(octet & 0x7f) << shift;
            if octet < 0x80 {
                return Ok(value);
            }
        }
        Err(HpackError::Integer)
    }

    /// A string (section 5.2).
    fn string(&mut self) -> Result<Vec<u8>, HpackError> {
        let is_huffman = self.first().ok_or(HpackError::Truncated)? & 0x80 != 0;
        let length = self.integer(7)?;
        let (string, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(HpackError::Truncated)?;
        self.0 = rest;
        if is_huffman {
            huffman::decode(string)
        } else {
            Ok(string.to_vec())
        }
    }
}

#[cfg(test)]
mod tests;
