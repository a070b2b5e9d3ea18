//! As much of JavaScript's tokens as tells statements from strings, comments and regular expressions.

/// A token, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    String(String),
    Sign(char),
    /// A template or a regular expression.
    Other,
}

/// As much of JavaScript's tokens as tells statements from strings and comments.
#[derive(Clone)]
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// Whether a slash would begin a regular expression.
    expects_value: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(script: &'a str) -> Self {
        let script = script.strip_prefix('\u{FEFF}').unwrap_or(script);
        let rest = match script.strip_prefix("#!") {
            Some(line) => line.split_once('\n').map_or("", |(_, rest)| rest),
            None => script,
        };
        Self {
            rest,
            expects_value: true,
        }
    }

    fn skip_blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(comment) = self.rest.strip_prefix("//") {
                self.rest = comment.find(['\n', '\r']).map_or("", |end| &comment[end..]);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
            } else {
                return;
            }
        }
    }

    fn string(&mut self, quote: char) -> String {
        let mut plain = String::new();
        let mut characters = self.rest.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => plain.extend(characters.next()),
                '\n' => break,
                other if other == quote => break,
                other => plain.push(other),
            }
        }
        self.rest = characters.as_str();
        plain
    }

    /// Skips a template behind its first quote, with what it holds.
    fn template(&mut self) {
        let mut characters = self.rest.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => {
                    characters.next();
                }
                '`' => break,
                '$' if characters.as_str().starts_with('{') => {
                    self.rest = &characters.as_str()[1..];
                    self.expects_value = true;
                    let mut depth = 1_usize;
                    while depth > 0 {
                        match self.next() {
                            None => return,
                            Some(Token::Sign('{')) => depth += 1,
                            Some(Token::Sign('}')) => depth -= 1,
                            Some(_) => {}
                        }
                    }
                    characters = self.rest.chars();
                }
                _ => {}
            }
        }
        self.rest = characters.as_str();
    }

    fn regular_expression(&mut self) {
        let mut in_class = false;
        let mut characters = self.rest.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => {
                    characters.next();
                }
                '[' => in_class = true,
                ']' => in_class = false,
                '\n' => break,
                '/' if !in_class => break,
                _ => {}
            }
        }
        self.rest = characters
            .as_str()
            .trim_start_matches(|c: char| c.is_ascii_alphabetic());
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blank();
        let first = self.rest.chars().next()?;
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#');
        if is_word(first) {
            let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
            let (word, rest) = self.rest.split_at(end);
            self.rest = rest;
            self.expects_value = matches!(
                word,
                "return"
                    | "typeof"
                    | "case"
                    | "in"
                    | "of"
                    | "delete"
                    | "void"
                    | "throw"
                    | "new"
                    | "else"
                    | "do"
                    | "await"
                    | "yield"
            );
            return Some(Token::Word(word));
        }
        let expected_value = self.expects_value;
        self.rest = &self.rest[first.len_utf8()..];
        self.expects_value = false;
        Some(match first {
            '"' | '\'' => Token::String(self.string(first)),
            '`' => {
                self.template();
                self.expects_value = false;
                Token::Other
            }
            '/' if expected_value => {
                self.regular_expression();
                Token::Other
            }
            other => {
                self.expects_value = !matches!(other, ')' | ']' | '}');
                Token::Sign(other)
            }
        })
    }
}
