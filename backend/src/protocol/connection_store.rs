//! Values that handlers keep about a connection.

use std::sync::{Arc, Mutex, PoisonError};

use http::Extensions;

/// Store of values that last as long as one HTTP/2 connection: one value for each type. Stands in the
/// extensions of each of its requests; clones share it.
#[derive(Clone, Debug, Default)]
pub struct ConnectionStore(Arc<Mutex<Extensions>>);

impl ConnectionStore {
    /// Calls `change` with the value of type `T`, which begins as its default, and returns the result. The
    /// store is locked meanwhile.
    pub fn with<T, R>(&self, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: Clone + Default + Send + Sync + 'static,
    {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(values.get_or_insert_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_one_value_for_each_type() {
        let store = ConnectionStore::default();
        store.clone().with(|count: &mut u32| *count += 1);
        store.with(|text: &mut String| text.push('a'));
        assert_eq!(store.with(|count: &mut u32| *count), 1);
        assert_eq!(store.with(|text: &mut String| text.clone()), "a");
    }
}
