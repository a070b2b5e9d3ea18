//! JSON that is parsed already, read into the types of the wire by serde.
//!
//! The browser has a parser. That of `serde_json`, whose code is made again for each type, with a
//! sentence for each mistake, would make a room's page 17 KB heavier.

mod browser;

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

pub use browser::{parse, read};

/// The largest whole number that a JavaScript number counts without holes, 2^53 − 1.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

/// A value of parsed JSON.
pub trait Value: Sized {
    /// The field of an object; none where it has no such field.
    ///
    /// # Errors
    /// [`Mismatch`] where this is no object.
    fn field(&self, name: &str) -> Result<Option<Self>, Mismatch>;
    /// The items of an array.
    fn items(&self) -> Option<Vec<Self>>;
    /// A string.
    fn text(&self) -> Option<String>;
    /// A number.
    fn number(&self) -> Option<f64>;
    /// `true` or `false`.
    fn truth(&self) -> Option<bool>;
    /// Whether it is `null`.
    fn is_null(&self) -> bool;
}

/// Reads a value as what the wire has: objects of known fields, lists, texts, words, whole numbers that
/// are not negative, `true` and `false`, and what may be missing. An enum is a word: one that is told
/// apart by what is in it is read by its parts.
#[derive(Clone, Debug)]
pub struct Json<V>(pub V);

/// The JSON is something else than what it is read as. There is nobody to tell what.
#[derive(Debug)]
pub struct Mismatch;

impl<V: Value> Json<V> {
    /// A whole number that a client can count.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is in the range, and has nothing behind its point"
    )]
    fn whole(&self) -> Result<u64, Mismatch> {
        let number = self.0.number().ok_or(Mismatch)?;
        if (0.0..=MAX_WHOLE).contains(&number) && number.fract() == 0.0 {
            Ok(number as u64)
        } else {
            Err(Mismatch)
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the JSON is something else")
    }
}

impl std::error::Error for Mismatch {}

impl serde::de::Error for Mismatch {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de, V: Value> Deserializer<'de> for Json<V> {
    type Error = Mismatch;

    /// What shows by itself what it is: a text or a number.
    fn deserialize_any<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        match self.0.text() {
            Some(text) => visitor.visit_string(text),
            None => visitor.visit_u64(self.whole()?),
        }
    }

    fn deserialize_bool<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        visitor.visit_bool(self.0.truth().ok_or(Mismatch)?)
    }

    fn deserialize_u32<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u64<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        visitor.visit_u64(self.whole()?)
    }

    fn deserialize_identifier<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        self.deserialize_string(visitor)
    }

    fn deserialize_str<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        visitor.visit_string(self.0.text().ok_or(Mismatch)?)
    }

    fn deserialize_option<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_seq<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Mismatch> {
        let items = self.0.items().ok_or(Mismatch)?;
        visitor.visit_seq(Items(items.into_iter()))
    }

    fn deserialize_struct<T: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: T,
    ) -> Result<T::Value, Mismatch> {
        visitor.visit_map(Fields {
            object: self.0,
            names: names.iter(),
            next: None,
        })
    }

    fn deserialize_enum<T: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: T,
    ) -> Result<T::Value, Mismatch> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        <T: Visitor<'de>>
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct
        tuple tuple_struct map ignored_any
    }
}

impl<'de, V: Value> EnumAccess<'de> for Json<V> {
    type Error = Mismatch;
    type Variant = Word;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Word), Mismatch> {
        Ok((seed.deserialize(self)?, Word))
    }
}

/// What a word holds besides itself: nothing.
#[derive(Debug)]
pub struct Word;

impl<'de> VariantAccess<'de> for Word {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Mismatch> {
        Err(Mismatch)
    }

    fn tuple_variant<T: Visitor<'de>>(self, _: usize, _: T) -> Result<T::Value, Mismatch> {
        Err(Mismatch)
    }

    fn struct_variant<T: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: T,
    ) -> Result<T::Value, Mismatch> {
        Err(Mismatch)
    }
}

struct Items<V>(std::vec::IntoIter<V>);

impl<'de, V: Value> SeqAccess<'de> for Items<V> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mismatch> {
        match self.0.next() {
            Some(item) => seed.deserialize(Json(item)).map(Some),
            None => Ok(None),
        }
    }
}

/// Those fields of an object that its type knows.
struct Fields<V> {
    object: V,
    names: std::slice::Iter<'static, &'static str>,
    next: Option<V>,
}

impl<V: Value> Fields<V> {
    fn next_name(&mut self) -> Result<Option<&'static str>, Mismatch> {
        for name in &mut self.names {
            self.next = self.object.field(name)?;
            if self.next.is_some() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }
}

impl<'de, V: Value> MapAccess<'de> for Fields<V> {
    type Error = Mismatch;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mismatch> {
        match self.next_name()? {
            Some(name) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Mismatch> {
        seed.deserialize(Json(self.next.take().ok_or(Mismatch)?))
    }
}

#[cfg(test)]
mod tests;
