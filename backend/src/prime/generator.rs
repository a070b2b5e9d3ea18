//! All primes from some number on, ascending, whatever their size.

use roomcast_shared::prime::Number;

use crate::prime::large_primes::LargePrimes;
use crate::prime::page::PageBuilder;
use crate::prime::word_primes::WordPrimes;

/// The first number that does not fit a machine word, 2^64.
const FIRST_LARGE: &str = "18446744073709551616";

/// How many primes above 2^40 one step looks for, so that a step stays below a millisecond or so.
const STEP_PRIMES: usize = 64;

/// Produces the primes of a log in order, by steps of bounded work.
pub(super) struct Generator {
    first: First,
    /// Made by the first step: their sieve takes memory, and time to make.
    primes: Option<Primes>,
    last: Option<Number>,
    found: Vec<u64>,
}

enum Primes {
    Word(WordPrimes),
    Large(LargePrimes),
}

/// Where a generator begins.
enum First {
    AtLeast(Number),
    After(Number),
}

impl Generator {
    /// The primes that are at least `start`. Computes nothing before the first step.
    pub(super) fn from(start: &Number) -> Self {
        Self {
            first: First::AtLeast(start.clone()),
            primes: None,
            last: None,
            found: Vec::new(),
        }
    }

    /// The primes that are greater than `prime`. Computes nothing before the first step.
    pub(super) fn after(prime: &Number) -> Self {
        Self {
            first: First::After(prime.clone()),
            primes: None,
            last: Some(prime.clone()),
            found: Vec::new(),
        }
    }

    /// The last prime that was produced or passed over.
    pub(super) fn last(&self) -> Option<&Number> {
        self.last.as_ref()
    }

    /// Whether a step takes well under a millisecond.
    pub(super) fn is_quick(&self) -> bool {
        match &self.primes {
            None => {
                let (First::AtLeast(number) | First::After(number)) = &self.first;
                number.to_u64().is_some_and(WordPrimes::is_exact_from)
            }
            Some(Primes::Word(primes)) => primes.is_exact(),
            Some(Primes::Large(_)) => false,
        }
    }

    /// Does a bounded piece of work: appends no more than `max` of the next primes to `page`,
    /// perhaps none.
    pub(super) fn step(&mut self, max: usize, page: &mut PageBuilder) {
        match self.primes.get_or_insert_with(|| self.first.make()) {
            Primes::Word(primes) => {
                self.found.clear();
                let max = if primes.is_exact() {
                    max
                } else {
                    max.min(STEP_PRIMES)
                };
                primes.step(max, &mut self.found);
                for prime in &self.found {
                    page.push_word(*prime);
                }
                if let Some(prime) = self.found.last() {
                    self.last = Some(Number::from(*prime));
                }
            }
            Primes::Large(primes) => {
                if let Some(prime) = primes.step() {
                    page.push_number(&prime);
                    self.last = Some(prime);
                }
            }
        }
        self.go_beyond_words();
    }

    /// Does a bounded piece of work: passes over no more than `max` of the next primes. Returns how
    /// many.
    pub(super) fn skip(&mut self, max: usize) -> usize {
        let (count, last) = match self.primes.get_or_insert_with(|| self.first.make()) {
            Primes::Word(primes) => {
                let max = if primes.is_exact() {
                    max
                } else {
                    max.min(STEP_PRIMES)
                };
                let (count, last) = primes.skip(max);
                (count, last.map(Number::from))
            }
            Primes::Large(primes) => {
                let prime = primes.step();
                (usize::from(prime.is_some()), prime)
            }
        };
        if last.is_some() {
            self.last = last;
        }
        self.go_beyond_words();
        count
    }

    fn go_beyond_words(&mut self) {
        if matches!(&self.primes, Some(Primes::Word(primes)) if primes.is_exhausted()) {
            self.primes = Some(Primes::Large(LargePrimes::from(FIRST_LARGE)));
        }
    }
}

impl First {
    fn make(&self) -> Primes {
        match self {
            Self::AtLeast(start) => match start.to_u64() {
                Some(word) => Primes::Word(WordPrimes::from(word)),
                None => Primes::Large(LargePrimes::from(&start.to_string())),
            },
            Self::After(prime) => match prime.to_u64() {
                Some(u64::MAX) => Primes::Large(LargePrimes::from(FIRST_LARGE)),
                Some(word) => Primes::Word(WordPrimes::from(word + 1)),
                None => Primes::Large(LargePrimes::after(&prime.to_string())),
            },
        }
    }
}
