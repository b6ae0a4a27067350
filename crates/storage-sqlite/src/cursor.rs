//! Cursors of lists ordered by name: where a page ended, opaque to those who hand it back.

use crate::columns::fold;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sqlx::types::Uuid;

/// Tells cursors made here, in this format, from other base64.
const FORMAT: &str = "name1";

/// The last row of a page. The default is before the first row: no name is empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Its name, folded.
    pub name_key: String,
    /// Its id.
    pub id: Uuid,
}

impl Cursor {
    pub(crate) fn after(name: &str, id: Uuid) -> Self {
        Self {
            name_key: fold(name),
            id,
        }
    }

    pub(crate) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{FORMAT}:{}:{}", self.id.simple(), self.name_key))
    }

    /// `None` when it was not made here.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (id, name_key) = decoded
            .strip_prefix(FORMAT)?
            .strip_prefix(':')?
            .split_once(':')?;
        Some(Self {
            name_key: name_key.to_owned(),
            id: id.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;
    use sqlx::types::Uuid;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let cursor = Cursor::after("ÄRGER: a:b", Uuid::from_u128(7));
        assert_eq!(cursor.name_key, "ärger: a:b");
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
    }

    #[test]
    fn what_was_not_made_here_is_no_cursor() {
        for text in ["", "?", "bmFtZTE", "bmFtZTE6eDp5", "eDp5"] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
