//! What a style sheet refers to: `@import` and `url()` (CSS Syntax Module Level 3).
//!
//! A browser loads a background only when an element has it and a font only when a character needs
//! it. Without a layout nobody knows, so all of them are found; of the sources of a font the one that
//! a browser of today takes.

use url::Url;

use super::reference::{Purpose, Reference};

/// Formats of fonts that no browser of today takes.
const OLD_FONT_FORMATS: [&str; 2] = ["embedded-opentype", "svg"];

/// Everything that a style sheet, or the value of a `style` attribute, refers to.
pub(super) fn references(css: &str, base: &Url) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut context = Context::Rules;
    for token in Tokens(css) {
        context = match (context, token) {
            (Context::Import, Token::Url(url) | Token::String(url)) => {
                found.extend(Reference::new(base, &url, Purpose::Style));
                Context::Ignored
            }
            (Context::Font(mut font), token) => {
                if font.take(token) {
                    Context::Font(font)
                } else {
                    found.extend(
                        font.source()
                            .and_then(|url| Reference::new(base, url, Purpose::Font)),
                    );
                    Context::Rules
                }
            }
            (_, Token::AtKeyword(name)) => match name.to_ascii_lowercase().as_str() {
                "import" => Context::Import,
                "namespace" => Context::Ignored,
                "font-face" => Context::Font(Font::default()),
                _ => Context::Rules,
            },
            (Context::Import | Context::Ignored, Token::Semicolon | Token::Open | Token::Close) => {
                Context::Rules
            }
            (Context::Rules, Token::Url(url)) => {
                found.extend(Reference::new(base, &url, Purpose::Image));
                Context::Rules
            }
            (context, _) => context,
        };
    }
    found
}

/// Where in a style sheet we are.
enum Context {
    Rules,
    /// After `@import`, before its address.
    Import,
    /// In a statement whose addresses are not loaded.
    Ignored,
    /// In `@font-face`.
    Font(Font),
}

/// The sources of a font, of which one is loaded.
#[derive(Default)]
struct Font {
    /// Addresses and formats of the last `src`, which overrules those before it.
    sources: Vec<(String, String)>,
    in_source: bool,
}

impl Font {
    /// Takes the next token; `false` at the end of the rule.
    fn take(&mut self, token: Token) -> bool {
        match token {
            Token::Close => return false,
            Token::Semicolon => self.in_source = false,
            Token::Word(word) if !self.in_source && word.eq_ignore_ascii_case("src") => {
                self.in_source = true;
                self.sources.clear();
            }
            Token::Url(url) if self.in_source => self.sources.push((url, String::new())),
            Token::String(format) | Token::Word(format) if self.in_source => {
                if let Some((_, own)) = self.sources.last_mut() {
                    *own = format.to_ascii_lowercase();
                }
            }
            _ => {}
        }
        true
    }

    fn source(&self) -> Option<&str> {
        let taken = |(_, format): &&(String, String)| !OLD_FONT_FORMATS.contains(&format.as_str());
        self.sources.iter().find(taken).map(|(url, _)| url.as_str())
    }
}

/// As much of CSS's tokens as tells addresses from other text.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    AtKeyword(String),
    String(String),
    Url(String),
    /// An identifier, or the name of a function other than `url`.
    Word(String),
    Semicolon,
    Open,
    Close,
}

/// The tokens of the rest of a style sheet.
struct Tokens<'a>(&'a str);

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let mut characters = self.0.chars();
            let first = characters.next()?;
            let rest = characters.as_str();
            match first {
                '/' if rest.starts_with('*') => {
                    self.0 = rest[1..].split_once("*/").map_or("", |(_, after)| after);
                }
                '"' | '\'' => {
                    let (text, after) = string(rest, first);
                    self.0 = after;
                    return Some(Token::String(text));
                }
                ';' | '{' | '}' => {
                    self.0 = rest;
                    return Some(match first {
                        ';' => Token::Semicolon,
                        '{' => Token::Open,
                        _ => Token::Close,
                    });
                }
                '@' => {
                    let (name, after) = word(rest);
                    self.0 = after;
                    return Some(Token::AtKeyword(name));
                }
                c if is_of_a_word(c) || c == '\\' => {
                    let (name, after) = word(self.0);
                    self.0 = after;
                    if name.eq_ignore_ascii_case("url")
                        && let Some(argument) = after.strip_prefix('(')
                    {
                        let (url, after) = argument_of_url(argument);
                        self.0 = after;
                        return Some(Token::Url(url));
                    }
                    return Some(Token::Word(name));
                }
                _ => self.0 = rest,
            }
        }
    }
}

fn is_of_a_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_') || !character.is_ascii()
}

/// A word, perhaps empty, and what stands after it.
fn word(text: &str) -> (String, &str) {
    taken_while(text, is_of_a_word)
}

/// The inside of a string, and what stands after it. A line ends a string that nobody ended.
fn string(text: &str, quote: char) -> (String, &str) {
    let (plain, rest) = taken_while(text, |c| c != quote && !matches!(c, '\n' | '\r' | '\x0C'));
    (plain, rest.strip_prefix(quote).unwrap_or(rest))
}

/// What stands in `url(…)`, and what stands after it.
fn argument_of_url(text: &str) -> (String, &str) {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let (plain, rest) = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => string(&text[1..], quote),
        _ => taken_while(text, |c| c != ')' && !c.is_ascii_whitespace()),
    };
    // Modifiers may follow a string; nothing else may.
    (plain, rest.split_once(')').map_or("", |(_, after)| after))
}

/// The text as long as its characters are wanted, with its escapes resolved, and the rest.
fn taken_while(text: &str, wanted: impl Fn(char) -> bool) -> (String, &str) {
    let mut plain = String::new();
    let mut rest = text;
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            Some('\\') => {
                let (character, after) = escaped(characters.as_str());
                plain.extend(character);
                rest = after;
            }
            Some(character) if wanted(character) => {
                plain.push(character);
                rest = characters.as_str();
            }
            _ => return (plain, rest),
        }
    }
}

/// What stands after a backslash: up to six hexadecimal digits and a space, or any character;
/// a line break stands for nothing.
fn escaped(text: &str) -> (Option<char>, &str) {
    let digits = text
        .bytes()
        .take(6)
        .take_while(u8::is_ascii_hexdigit)
        .count();
    if digits > 0 {
        let (digits, rest) = text.split_at(digits);
        let rest = rest.strip_prefix([' ', '\t', '\n']).unwrap_or(rest);
        let code = u32::from_str_radix(digits, 16).unwrap_or_default();
        let character = char::from_u32(code).filter(|c| *c != '\0');
        return (character.or(Some(char::REPLACEMENT_CHARACTER)), rest);
    }
    let mut characters = text.chars();
    let character = characters.next().filter(|c| *c != '\n');
    (character, characters.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(css: &str) -> Vec<(String, Purpose)> {
        let base = Url::parse("https://a.example/s/x.css").unwrap();
        references(css, &base)
            .into_iter()
            .map(|found| (found.url.path().to_owned(), found.purpose))
            .collect()
    }

    fn paths(css: &str) -> Vec<String> {
        found(css).into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn imports_are_style_sheets_and_other_addresses_images() {
        let css = "@charset \"utf-8\"; @IMPORT 'a.css' screen; @import url( \"b.css\" ) print;\n\
                   body { background: url(/c.png), URL( 'd.png' ) }";
        assert_eq!(
            found(css),
            [
                ("/s/a.css".to_owned(), Purpose::Style),
                ("/s/b.css".to_owned(), Purpose::Style),
                ("/c.png".to_owned(), Purpose::Image),
                ("/s/d.png".to_owned(), Purpose::Image),
            ]
        );
    }

    #[test]
    fn what_only_looks_like_an_address_is_none() {
        assert_eq!(
            paths("/* url(a) */ p::after { content: \"url(b)\" }"),
            [""; 0]
        );
        assert_eq!(
            paths("@namespace svg url(http://www.w3.org/2000/svg);"),
            [""; 0]
        );
        assert_eq!(paths("a { b: curl(c); d: url(#e) url(data:,f) }"), [""; 0]);
        assert_eq!(paths("a { content: 'b\\'url(c)' }"), [""; 0]);
    }

    #[test]
    fn of_a_font_the_source_is_loaded_that_browsers_take() {
        let css = "@font-face { font-family: \"A\"; src: url(a.eot);\
                   src: url('a.eot?x') format('embedded-opentype'), url(a.woff2) format(woff2),\
                   url(a.ttf) } b { c: url(d) }";
        assert_eq!(
            found(css),
            [
                ("/s/a.woff2".to_owned(), Purpose::Font),
                ("/s/d".to_owned(), Purpose::Image),
            ]
        );
    }

    #[test]
    fn escapes_stand_for_their_characters() {
        assert_eq!(
            paths(r"a { b: u\72l(\66\000066 .png) url('\'') }"),
            ["/s/ff.png", "/s/'"]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read(css in r#"[@{};:()'"\\/* aurl\n]{0,80}|\PC{0,80}"#) {
            for token in Tokens(&css) {
                if let Token::String(text) | Token::Url(text) | Token::Word(text) = token {
                    prop_assert!(text.len() <= css.len() * 3);
                }
            }
        }

        #[test]
        fn addresses_are_found_in_any_quotes(name in "[a-z0-9._~-]{1,12}", quote in "['\"]?") {
            prop_assume!(name != "." && name != "..");
            let css = format!("a{{b:url({quote}{name}{quote})}}");
            prop_assert_eq!(paths(&css), [format!("/s/{name}")]);
        }
    }
}
