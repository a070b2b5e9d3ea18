//! What has arrived while the person was not looking.

/// Counts messages that nobody has seen, and knows where the line above the first one stands.
#[derive(Debug, Default)]
pub struct Unread {
    /// Whether the person sees new messages come: the page is in sight, and scrolled to its end.
    is_looking: bool,
    count: usize,
    line: Option<u64>,
}

impl Unread {
    /// How many messages are unread.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The offset of the message above which the line stands.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// The person looks, or looks away. What is there when they look is read; the line stays, so that
    /// they find where they were.
    pub fn look(&mut self, is_looking: bool) {
        self.is_looking = is_looking;
        if is_looking {
            self.count = 0;
        }
    }

    /// A message of somebody else has arrived.
    pub fn arrived(&mut self, offset: u64) {
        if self.is_looking {
            return;
        }
        if self.count == 0 {
            self.line = Some(offset);
        }
        self.count += 1;
    }

    /// In another tab the person has read all but `count` messages, `first` of which comes first.
    pub fn read_elsewhere(&mut self, count: usize, first: Option<u64>) {
        if count < self.count {
            self.count = count;
            self.line = first;
        }
    }

    /// The person comes back to a room in which they have read everything up to `offset`.
    pub fn resume_after(&mut self, offset: u64) {
        self.line = Some(offset + 1);
    }

    /// All history up to `offset` is there. Where it has nothing behind the line, all was read: what comes
    /// from now on is not what the person missed.
    pub fn caught_up(&mut self, offset: u64) {
        self.line = self.line.filter(|line| *line <= offset);
    }

    /// The person has said something, so they know what was said before.
    pub fn answered(&mut self) {
        self.line = None;
    }

    /// The offsets count another log now.
    pub fn reset(&mut self) {
        self.line = None;
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_before_the_eyes_of_a_person_is_read() {
        let mut unread = Unread::default();
        unread.look(true);
        unread.arrived(5);
        assert_eq!((unread.count(), unread.line()), (0, None));
    }

    #[test]
    fn the_line_stands_above_the_first_unread_message_until_one_answers() {
        let mut unread = Unread::default();
        unread.look(true);
        unread.look(false);
        unread.arrived(5);
        unread.arrived(6);
        assert_eq!((unread.count(), unread.line()), (2, Some(5)));
        unread.look(true);
        assert_eq!((unread.count(), unread.line()), (0, Some(5)));
        unread.answered();
        assert_eq!(unread.line(), None);
    }

    #[test]
    fn who_comes_back_having_read_everything_gets_no_line() {
        let mut unread = Unread::default();
        unread.resume_after(5);
        unread.caught_up(6);
        assert_eq!(unread.line(), Some(6), "one message was missed");
        unread.resume_after(6);
        unread.caught_up(6);
        assert_eq!(unread.line(), None);
    }

    #[test]
    fn what_is_read_elsewhere_is_unread_no_longer_and_the_line_moves_on() {
        let mut unread = Unread::default();
        for offset in 5..8 {
            unread.arrived(offset);
        }
        unread.read_elsewhere(1, Some(7));
        assert_eq!((unread.count(), unread.line()), (1, Some(7)));
        unread.read_elsewhere(2, Some(6));
        assert_eq!((unread.count(), unread.line()), (1, Some(7)), "late news");
        unread.read_elsewhere(0, None);
        assert_eq!((unread.count(), unread.line()), (0, None));
    }

    #[test]
    fn the_line_that_one_has_come_back_to_stays_whatever_is_read_elsewhere() {
        let mut unread = Unread::default();
        unread.arrived(5);
        unread.look(true);
        unread.read_elsewhere(0, None);
        assert_eq!(unread.line(), Some(5));
    }

    #[test]
    fn the_next_time_away_moves_the_line() {
        let mut unread = Unread::default();
        unread.arrived(5);
        unread.look(true);
        unread.look(false);
        assert_eq!(unread.line(), Some(5));
        unread.arrived(9);
        assert_eq!((unread.count(), unread.line()), (1, Some(9)));
    }
}
