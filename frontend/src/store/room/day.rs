//! Days that have a word of their own.

/// What people call a day; none where they say its date. Both days count from 1970.
pub fn word(day: i64, today: i64) -> Option<&'static str> {
    match today - day {
        0 => Some("Today"),
        1 => Some("Yesterday"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_called_today_and_then_yesterday_and_then_by_its_date() {
        let words = [19, 20, 21, 22].map(|today| word(20, today));
        assert_eq!(words, [None, Some("Today"), Some("Yesterday"), None]);
    }
}
