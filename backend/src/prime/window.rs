//! A window of consecutive odd numbers with the multiples of small primes struck out.

/// The primes whose multiples come with the pattern that a window is filled with.
const PATTERN_PRIMES: usize = 4;

/// 3 · 5 · 7 · 11, the period of the pattern: in odd numbers, and as it is odd, also in words of 64.
const PATTERN_PERIOD: usize = 1_155;

/// Odd numbers in one word of the window.
const WORD_ODDS: usize = 64;

/// Consecutive odd numbers, one bit each, set while the number may be prime.
///
/// The window knows no numbers, only their distance from its first one, so it serves machine words
/// and large numbers alike.
pub(super) struct Window {
    bits: Box<[u64]>,
    /// The word under way; those before it are used up.
    word: usize,
    /// For each base prime in use, which bit of the window is its next multiple.
    next_multiples: Vec<u32>,
    /// The bits of a window whose first number is 1, and of those after it.
    pattern: Box<[u64]>,
    pattern_start: usize,
}

impl Window {
    /// A window of `words` · 64 odd numbers. `first_in_pattern` is (first number / 2) modulo 1,155.
    pub(super) fn new(words: usize, first_in_pattern: usize) -> Self {
        Self {
            bits: vec![0; words].into_boxed_slice(),
            word: 0,
            next_multiples: Vec::new(),
            pattern: pattern(first_in_pattern),
            pattern_start: 0,
        }
    }

    /// How many odd numbers the window spans.
    pub(super) fn odds(&self) -> usize {
        self.bits.len() * WORD_ODDS
    }

    /// How many of the base primes are in use, the pattern's included.
    pub(super) fn primes_in_use(&self) -> usize {
        PATTERN_PRIMES + self.next_multiples.len()
    }

    /// Takes the next base prime into use: bit `next_multiple` of the window about to be struck is
    /// its first multiple.
    pub(super) fn use_prime(&mut self, next_multiple: u32) {
        self.next_multiples.push(next_multiple);
    }

    /// Fills the window and strikes the multiples of the base primes in use, then is ready for the
    /// window that follows it.
    pub(super) fn strike(&mut self, base_primes: &[u32]) {
        self.word = 0;
        let mut filled = 0;
        while filled < self.bits.len() {
            let length = (PATTERN_PERIOD - self.pattern_start).min(self.bits.len() - filled);
            self.bits[filled..filled + length]
                .copy_from_slice(&self.pattern[self.pattern_start..self.pattern_start + length]);
            filled += length;
            self.pattern_start = (self.pattern_start + length) % PATTERN_PERIOD;
        }
        let odds = self.odds();
        for (next, &prime) in self
            .next_multiples
            .iter_mut()
            .zip(&base_primes[PATTERN_PRIMES..])
        {
            let mut multiple = *next as usize;
            while multiple < odds {
                self.bits[multiple / WORD_ODDS] &= !(1 << (multiple % WORD_ODDS));
                multiple += prime as usize;
            }
            *next = u32::try_from(multiple - odds).expect("it is below the prime, a u32");
        }
    }

    /// Sets bit `index`: the number is a candidate after all.
    pub(super) fn set(&mut self, index: usize) {
        self.bits[index / WORD_ODDS] |= 1 << (index % WORD_ODDS);
    }

    /// Strikes every number before bit `index`.
    pub(super) fn strike_before(&mut self, index: usize) {
        let (word, bit) = (index / WORD_ODDS, index % WORD_ODDS);
        self.bits[..word].fill(0);
        if bit != 0 {
            self.bits[word] &= u64::MAX << bit;
        }
    }

    /// Strikes every number from bit `index` on.
    pub(super) fn strike_from(&mut self, index: usize) {
        let (word, bit) = (index / WORD_ODDS, index % WORD_ODDS);
        if bit != 0 {
            self.bits[word] &= !(u64::MAX << bit);
        }
        self.bits[word + usize::from(bit != 0)..].fill(0);
    }

    /// Takes the next candidate: its bit.
    pub(super) fn pop(&mut self) -> Option<usize> {
        while let Some(bits) = self.bits.get_mut(self.word) {
            if *bits != 0 {
                let index = self.word * WORD_ODDS + bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                return Some(index);
            }
            self.word += 1;
        }
        None
    }

    /// Takes whole words of candidates, at most `max` candidates, calling `found` with each bit.
    pub(super) fn drain(&mut self, max: usize, mut found: impl FnMut(usize)) {
        let mut left = max;
        while let Some(bits) = self.bits.get_mut(self.word) {
            let count = bits.count_ones() as usize;
            if count > left {
                break;
            }
            left -= count;
            let mut remaining = std::mem::take(bits);
            while remaining != 0 {
                found(self.word * WORD_ODDS + remaining.trailing_zeros() as usize);
                remaining &= remaining - 1;
            }
            self.word += 1;
        }
        for _ in 0..left {
            let Some(index) = self.pop() else { break };
            found(index);
        }
    }

    /// Passes over at most `max` candidates. Returns how many, and the bit of the last one.
    pub(super) fn skip(&mut self, max: usize) -> (usize, Option<usize>) {
        let mut left = max;
        let mut last = None;
        while let Some(bits) = self.bits.get_mut(self.word) {
            let count = bits.count_ones() as usize;
            if count > left {
                break;
            }
            if count != 0 {
                last = Some(self.word * WORD_ODDS + bits.ilog2() as usize);
            }
            left -= count;
            *bits = 0;
            self.word += 1;
        }
        while left != 0 {
            let Some(index) = self.pop() else { break };
            last = Some(index);
            left -= 1;
        }
        (max - left, last)
    }
}

/// One period of words, with the multiples of the pattern's primes struck out.
fn pattern(first: usize) -> Box<[u64]> {
    let coprime = |index: &usize| {
        let odd = 2 * ((first + index) % PATTERN_PERIOD) + 1;
        [3_usize, 5, 7, 11]
            .iter()
            .all(|prime| !odd.is_multiple_of(*prime))
    };
    let word = |word: usize| {
        (0..WORD_ODDS)
            .filter(|bit| coprime(&(word * WORD_ODDS + bit)))
            .fold(0, |bits, bit| bits | 1 << bit)
    };
    (0..PATTERN_PERIOD).map(word).collect()
}

/// Which bit is the first multiple of `prime`, when the first number of the window leaves
/// `residue` on division by it.
pub(super) fn first_multiple(residue: u32, prime: u32) -> u32 {
    // Solves residue + 2 · bit ≡ 0 (mod prime).
    let missing = if residue == 0 { 0 } else { prime - residue };
    if missing.is_multiple_of(2) {
        missing / 2
    } else {
        missing.midpoint(prime)
    }
}
