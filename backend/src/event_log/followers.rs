//! Who hears of new entries.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use roomcast_shared::room_name::RoomName;

use super::{Entry, Follower};

/// The followers of each room. Invariant: no room has an empty list.
#[derive(Default)]
pub(super) struct Followers(Mutex<HashMap<RoomName, Vec<Weak<dyn Follower>>>>);

impl Followers {
    pub(super) fn add(&self, room: &RoomName, follower: Weak<dyn Follower>) {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let followers = rooms.entry(room.clone()).or_default();
        followers.retain(|follower| follower.strong_count() > 0);
        followers.push(follower);
        // Rooms that nobody is in any more leave here too, at no more than a constant cost each.
        if rooms.len().is_power_of_two() {
            rooms.retain(|_, followers| followers.iter().any(|weak| weak.strong_count() > 0));
        }
    }

    pub(super) fn committed(&self, room: &RoomName, entries: &[Entry]) {
        let followers: Vec<Arc<dyn Follower>> = {
            let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(list) = rooms.get_mut(room) else {
                return;
            };
            let alive = list.iter().filter_map(Weak::upgrade).collect();
            list.retain(|follower| follower.strong_count() > 0);
            if list.is_empty() {
                rooms.remove(room);
            }
            alive
        };
        for follower in followers {
            follower.committed(entries);
        }
    }
}

impl std::fmt::Debug for Followers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Followers")
    }
}
