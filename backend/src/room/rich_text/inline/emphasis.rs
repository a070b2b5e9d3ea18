//! Finds which marks belong together.

use roomcast_shared::rich_text::Node;

use super::super::script::{is_emoji, is_lone_accent, is_of_picture, is_word};
use super::build::{Role, build};
use super::flanks::Close;
use super::tokens::{Mark, Token};

/// Returns the nodes of tokens, `depth` nodes deep. A backslash counts where the mark behind it would
/// take effect: then it is left out, and the mark is text. Sets `dropped_escape` if that happens.
pub(super) fn resolve(
    mut tokens: Vec<Token<'_>>,
    depth: usize,
    dropped_escape: &mut bool,
) -> Vec<Node> {
    let mut roles = pair(&tokens);
    let is_escaped = |token: &Token<'_>| matches!(token, Token::Mark(mark) if mark.is_escaped);
    if tokens.iter().any(is_escaped) {
        let mut plain = Vec::with_capacity(tokens.len());
        for (token, role) in tokens.into_iter().zip(&roles) {
            match token {
                Token::Mark(mark) if mark.is_escaped && role.is_used() => {
                    *dropped_escape = true;
                    plain.extend(mark.unescaped());
                }
                Token::Mark(mark) if mark.is_escaped => plain.push(Token::Text(mark.written)),
                token => plain.push(token),
            }
        }
        tokens = plain;
        roles = pair(&tokens);
    }
    build(tokens, &roles, depth)
}

/// The longest run that means anything: bold and italic.
const MAX_RUN: usize = 3;

/// Marks that may still be closed.
#[derive(Default)]
struct Openers {
    /// By symbol and by how many of the symbols are left: places of tokens, in order.
    places: [[Vec<usize>; MAX_RUN]; 3],
}

impl Openers {
    fn of(&mut self, symbol: u8, left: usize) -> &mut Vec<usize> {
        let symbol = match symbol {
            b'*' => 0,
            b'_' => 1,
            _ => 2,
        };
        &mut self.places[symbol][left - 1]
    }

    /// Returns the nearest opener that so many symbols close, and how many of its own are left. A run of
    /// three closes or is closed in parts; others are closed by as many as opened.
    fn nearest(&mut self, symbol: u8, left: usize) -> Option<(usize, usize)> {
        (1..=MAX_RUN)
            .filter(|own| *own == left || *own == MAX_RUN || left == MAX_RUN)
            .filter_map(|own| Some((*self.of(symbol, own).last()?, own)))
            .max()
    }

    /// Forgets what was opened after a place: it is not closed before what is around it.
    fn forget_after(&mut self, place: usize) {
        for places in self.places.iter_mut().flatten() {
            while places.last().is_some_and(|last| *last > place) {
                places.pop();
            }
        }
    }

    /// At the end of a line only bold and crossed out go on.
    fn end_line(&mut self) {
        for (symbol, by_length) in self.places.iter_mut().enumerate() {
            for (index, places) in by_length.iter_mut().enumerate() {
                if index != 1 || symbol == 1 {
                    places.clear();
                }
            }
        }
    }
}

/// Finds which marks belong together. Each mark is opened and closed at most [`MAX_RUN`] times, and
/// nothing is looked for by walking.
fn pair(tokens: &[Token<'_>]) -> Vec<Role> {
    let counts = counts(tokens);
    let mut roles = vec![Role::default(); tokens.len()];
    let mut openers = Openers::default();
    for (place, token) in tokens.iter().enumerate() {
        let mark = match token {
            Token::Mark(mark) if is_mark(mark) => mark,
            Token::Break => {
                openers.end_line();
                continue;
            }
            _ => continue,
        };
        let mut left = mark.length;
        while left > 0 && mark.flanks.close != Close::No {
            let Some((open_place, open_left)) = openers.nearest(mark.symbol, left) else {
                break;
            };
            openers.forget_after(open_place);
            openers.of(mark.symbol, open_left).pop();
            let Token::Mark(open) = &tokens[open_place] else {
                break;
            };
            let both = left.min(open_left);
            let inside = counts[place].since(&counts[open_place + 1]);
            if !is_meant(open, mark, both, &inside) {
                // Both are text, such as the two sides of a name in a program.
                left = 0;
                break;
            }
            for part in if both == MAX_RUN {
                vec![1, 2]
            } else {
                vec![both]
            } {
                roles[open_place].begins.push(part);
                roles[place].ends.push(part);
            }
            left -= both;
            if open_left > both {
                openers.of(mark.symbol, open_left - both).push(open_place);
            }
        }
        if left > 0 && mark.flanks.may_open {
            openers.of(mark.symbol, left).push(place);
        }
    }
    roles
}

/// `true` for runs of a length that means something.
fn is_mark(mark: &Mark<'_>) -> bool {
    match mark.symbol {
        b'~' => mark.length == 2,
        _ => mark.length <= MAX_RUN,
    }
}

/// How much of what there is before a place.
#[derive(Clone, Copy, Default)]
struct Counts {
    letters: usize,
    /// Letters, digits and emoji.
    words: usize,
    /// Characters that are not in names of programs.
    others: usize,
    underscores: usize,
    double_quotes: usize,
    single_quotes: usize,
}

impl Counts {
    fn add(&mut self, c: char) {
        self.letters += usize::from(c.is_alphabetic() && !is_lone_accent(c));
        self.words += usize::from(is_word(c) || is_of_picture(c) || is_emoji(c));
        self.underscores += usize::from(c == '_');
        self.double_quotes += usize::from(c == '"');
        self.single_quotes += usize::from(c == '\'');
        self.others += usize::from(!c.is_ascii_alphanumeric() && c != '_');
    }

    fn since(self, before: &Self) -> Self {
        Self {
            letters: self.letters - before.letters,
            words: self.words - before.words,
            others: self.others - before.others,
            underscores: self.underscores - before.underscores,
            double_quotes: self.double_quotes - before.double_quotes,
            single_quotes: self.single_quotes - before.single_quotes,
        }
    }
}

/// Counts up to each token, and to the end.
fn counts(tokens: &[Token<'_>]) -> Vec<Counts> {
    let mut counts = Vec::with_capacity(tokens.len() + 1);
    let mut sum = Counts::default();
    for token in tokens {
        counts.push(sum);
        match token {
            Token::Text(text) => text.chars().for_each(|c| sum.add(c)),
            Token::Mark(mark) => mark.written.chars().for_each(|c| sum.add(c)),
            Token::Node(_) => sum.add('語'),
            Token::Break => sum.add('\n'),
        }
    }
    counts.push(sum);
    counts
}

/// `true` if two marks with this between them are plainly meant as emphasis.
fn is_meant(open: &Mark<'_>, close: &Mark<'_>, length: usize, inside: &Counts) -> bool {
    let says = if length == 1 {
        inside.letters
    } else {
        inside.words
    } > 0;
    let is_identifier =
        open.symbol == b'_' && inside.others == 0 && (length > 1 || inside.underscores > 0);
    let is_factor = length == 1 && inside.words == 1;
    let is_product = is_factor && open.flanks.is_in_text && close.flanks.is_in_text;
    let is_in_quotes = match open.flanks.quote {
        Some('"') => inside.double_quotes > 0,
        Some(_) => inside.single_quotes > 0,
        None => false,
    };
    let is_in_word = close.flanks.close == Close::InWord && !open.flanks.begins_word;
    says && !is_identifier && !is_product && !is_in_quotes && !is_in_word
}
