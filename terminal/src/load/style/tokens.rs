//! The tokens of a style sheet (CSS Syntax Module Level 3, section 4).

/// A token; comments are none.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::load) enum Token {
    Ident(String),
    /// A name and the opening parenthesis behind it.
    Function(String),
    AtKeyword(String),
    Hash(String),
    String(String),
    /// `url(…)` without quotes.
    Url(String),
    /// What stands behind `unicode-range:`, as it is written.
    Range(String),
    /// A string or an address that is none; a declaration that has it is invalid.
    Bad,
    Number(f64),
    Percentage(f64),
    /// A number and its unit in lower case.
    Dimension(f64, String),
    Whitespace,
    /// Any other character.
    Delim(char),
}

/// All tokens of a text.
pub(in crate::load) fn tokens(text: &str) -> Vec<Token> {
    let mut rest = Text(text, false);
    std::iter::from_fn(|| rest.next_token()).collect()
}

/// What is not yet read, and whether it is about the characters of a font.
struct Text<'a>(&'a str, bool);

impl Text<'_> {
    fn next_token(&mut self) -> Option<Token> {
        while let Some(comment) = self.0.strip_prefix("/*") {
            self.0 = comment.split_once("*/").map_or("", |(_, after)| after);
        }
        let first = self.peek(0)?;
        if is_space(first) {
            self.0 = self.0.trim_start_matches(is_space);
            return Some(Token::Whitespace);
        }
        if self.starts_number() {
            return Some(self.number());
        }
        if self.0.starts_with("<!--") || self.0.starts_with("-->") {
            self.0 = &self.0[if first == '<' { 4 } else { 3 }..];
            return Some(Token::Whitespace);
        }
        if self.starts_name(0) {
            return Some(self.word());
        }
        if let Some(range) = self.range() {
            return Some(range);
        }
        self.skip(1);
        Some(match first {
            '"' | '\'' => self.string(first).map_or(Token::Bad, Token::String),
            '@' if self.starts_name(0) => Token::AtKeyword(self.name()),
            '#' if self.peek(0).is_some_and(|c| is_name(c) || c == '\\') => {
                Token::Hash(self.name())
            }
            other => Token::Delim(other),
        })
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.0.chars().nth(ahead)
    }

    fn skip(&mut self, count: usize) {
        let mut characters = self.0.chars();
        for _ in 0..count {
            characters.next();
        }
        self.0 = characters.as_str();
    }

    fn starts_number(&self) -> bool {
        let sign = usize::from(matches!(self.peek(0), Some('+' | '-')));
        let is_digit = |at| self.peek(at).is_some_and(|c: char| c.is_ascii_digit());
        is_digit(sign) || (self.peek(sign) == Some('.') && is_digit(sign + 1))
    }

    /// Whether a name begins at a character: with a letter, perhaps after a `-`, or with `--`.
    fn starts_name(&self, at: usize) -> bool {
        let starts = |at| {
            self.peek(at).is_some_and(is_name_start)
                || (self.peek(at) == Some('\\') && !matches!(self.peek(at + 1), None | Some('\n')))
        };
        starts(at)
            || (self.peek(at) == Some('-') && (self.peek(at + 1) == Some('-') || starts(at + 1)))
    }

    fn number(&mut self) -> Token {
        let bytes = self.0.as_bytes();
        let digits = |from: usize| {
            let digits = bytes[from..].iter().take_while(|b| b.is_ascii_digit());
            from + digits.count()
        };
        let mut end = digits(usize::from(matches!(bytes[0], b'+' | b'-')));
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                end = digits(end + 1 + sign);
            }
        }
        let number = self.0[..end].parse().unwrap_or_default();
        self.0 = &self.0[end..];
        if self.starts_name(0) {
            return Token::Dimension(number, self.name().to_ascii_lowercase());
        }
        match self.0.strip_prefix('%') {
            Some(rest) => {
                self.0 = rest;
                Token::Percentage(number)
            }
            None => Token::Number(number),
        }
    }

    /// A name, or a function, or an address.
    fn word(&mut self) -> Token {
        let name = self.name();
        let Some(rest) = self.0.strip_prefix('(') else {
            self.1 = name.eq_ignore_ascii_case("unicode-range");
            return Token::Ident(name);
        };
        self.0 = rest;
        let argument = rest.trim_start_matches(is_space);
        if !name.eq_ignore_ascii_case("url") || argument.starts_with(['"', '\'']) {
            return Token::Function(name.to_ascii_lowercase());
        }
        self.0 = argument;
        self.address()
    }

    /// The value of `unicode-range`, which other tokens would garble.
    fn range(&mut self) -> Option<Token> {
        let value = self.0.strip_prefix(':').filter(|_| self.1)?;
        self.1 = false;
        let end = value.find([';', '}']).unwrap_or(value.len());
        let (value, rest) = value.split_at(end);
        self.0 = rest;
        Some(Token::Range(value.to_owned()))
    }

    fn address(&mut self) -> Token {
        let mut plain = String::new();
        loop {
            match self.peek(0) {
                None => return Token::Url(plain),
                Some(')') => {
                    self.skip(1);
                    return Token::Url(plain);
                }
                Some(space) if is_space(space) => {
                    self.0 = self.0.trim_start_matches(is_space);
                    if !matches!(self.peek(0), None | Some(')')) {
                        break;
                    }
                }
                Some('\\') if self.peek(1) != Some('\n') => {
                    self.skip(1);
                    plain.extend(self.escape());
                }
                Some('"' | '\'' | '(' | '\\') => break,
                Some(other) => {
                    plain.push(other);
                    self.skip(1);
                }
            }
        }
        // The rest of a broken one is skipped to its end.
        loop {
            match self.peek(0) {
                None => return Token::Bad,
                Some('\\') => self.skip(2),
                Some(other) => {
                    self.skip(1);
                    if other == ')' {
                        return Token::Bad;
                    }
                }
            }
        }
    }

    fn string(&mut self, quote: char) -> Option<String> {
        let mut plain = String::new();
        loop {
            match self.peek(0) {
                None => return Some(plain),
                Some('\n' | '\r' | '\x0C') => return None,
                Some('\\') => {
                    self.skip(1);
                    plain.extend(self.escape());
                }
                Some(other) => {
                    self.skip(1);
                    if other == quote {
                        return Some(plain);
                    }
                    plain.push(other);
                }
            }
        }
    }

    fn name(&mut self) -> String {
        let mut plain = String::new();
        loop {
            match self.peek(0) {
                Some(c) if is_name(c) => {
                    plain.push(c);
                    self.skip(1);
                }
                Some('\\') if self.peek(1) != Some('\n') => {
                    self.skip(1);
                    plain.extend(self.escape());
                }
                _ => return plain,
            }
        }
    }

    /// The character after a backslash: up to six hexadecimal digits and a space, or itself; a line
    /// break stands for nothing.
    fn escape(&mut self) -> Option<char> {
        let digits = self.0.bytes().take(6).take_while(u8::is_ascii_hexdigit);
        let digits = digits.count();
        if digits > 0 {
            let (digits, rest) = self.0.split_at(digits);
            self.0 = rest.strip_prefix(is_space).unwrap_or(rest);
            let code = u32::from_str_radix(digits, 16).unwrap_or_default();
            let character = char::from_u32(code).filter(|c| *c != '\0');
            return character.or(Some(char::REPLACEMENT_CHARACTER));
        }
        let character = self.peek(0);
        self.skip(1);
        character.filter(|c| *c != '\n')
    }
}

fn is_space(character: char) -> bool {
    character.is_ascii_whitespace()
}

fn is_name_start(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

fn is_name(character: char) -> bool {
    is_name_start(character) || character.is_ascii_digit() || character == '-'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_are_told_apart_as_the_standard_does() {
        let text =
            "a-b/*c*/--d #e @f-g \"h\\\"i\" url( j ) url('k' -1.5e2px 50% 3 .5EM u\\72l(l) {";
        let expected = [
            Token::Ident("a-b".into()),
            Token::Ident("--d".into()),
            Token::Hash("e".into()),
            Token::AtKeyword("f-g".into()),
            Token::String("h\"i".into()),
            Token::Url("j".into()),
            Token::Function("url".into()),
            Token::String("k".into()),
            Token::Dimension(-150.0, "px".into()),
            Token::Percentage(50.0),
            Token::Number(3.0),
            Token::Dimension(0.5, "em".into()),
            Token::Url("l".into()),
            Token::Delim('{'),
        ];
        let mut found = tokens(text);
        found.retain(|token| *token != Token::Whitespace);
        assert_eq!(found, expected);
    }

    #[test]
    fn broken_strings_and_addresses_are_bad() {
        assert_eq!(tokens("url(a b)"), [Token::Bad]);
        assert_eq!(tokens("-->"), [Token::Whitespace]);
        assert_eq!(tokens("'a\n")[0], Token::Bad);
        assert_eq!(tokens("'a"), [Token::String("a".into())]);
        assert_eq!(tokens("'a\\\nb'"), [Token::String("ab".into())]);
    }

    proptest! {
        #[test]
        fn any_text_has_tokens(css in r#"[@{};:()'"\\/*%+. a-eurl0-9\n-]{0,80}|\PC{0,80}"#) {
            prop_assert!(tokens(&css).len() <= css.len());
        }
    }
}
