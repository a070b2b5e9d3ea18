//! Web addresses: where a bare one ends, and where a link may lead.

use std::net::Ipv6Addr;

use roomcast_shared::rich_text::Node;

use super::super::script::{ends_address, is_picture, is_spaceless, is_word};

/// Returns the length in bytes of the web address with which `rest` begins, if it stands behind
/// `before`.
///
/// The host ends where letters of a script without spaces follow an ASCII one (`example.com에서`). Further
/// on such letters belong to the address where they begin a part of it, right behind `/`, `?`, `#`, `=`,
/// `&`, `-`, `_`, `+` or `:` (`/パス`), and up to the next such sign, but not behind ASCII letters
/// (`/a谢谢`). Punctuation of scripts other than Latin ends it, and so does a bracket that was opened
/// before it; punctuation at its end is none of it.
pub(super) fn length(before: Option<char>, rest: &str) -> Option<usize> {
    let is_in_word = |c: char| (is_word(c) && !is_spaceless(c)) || matches!(c, '+' | '.');
    if before.is_some_and(is_in_word) {
        return None;
    }
    let mut length = scheme(rest)?;
    length += user(&rest[length..]);
    length += host(&rest[length..])?;
    length += port(&rest[length..]);
    if rest[length..].starts_with(['/', '?', '#']) {
        length = end_of_path(rest, length, before);
    }
    Some(length)
}

/// The length of `http://` or `https://` at the beginning.
fn scheme(text: &str) -> Option<usize> {
    ["https://", "http://"]
        .into_iter()
        .find(|scheme| {
            let begin = text.get(..scheme.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
        })
        .map(str::len)
}

/// The length of `user:password@` at the beginning, or 0.
fn user(text: &str) -> usize {
    let may_be = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:%".contains(c);
    let end = text.find(|c| !may_be(c)).unwrap_or(text.len());
    if end > 0 && text[end..].starts_with('@') {
        end + 1
    } else {
        0
    }
}

/// The length of the host at the beginning: an IPv6 address in brackets, or labels.
fn host(text: &str) -> Option<usize> {
    if let Some(bracketed) = text.strip_prefix('[') {
        let may_be = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
        let end = bracketed.find(|c| !may_be(c))?;
        let (address, behind) = bracketed.split_at(end);
        address
            .parse::<Ipv6Addr>()
            .ok()
            .filter(|_| behind.starts_with(']'))?;
        return Some(address.len() + "[]".len());
    }
    let is_part = |c: char| {
        matches!(c, '-' | '_' | '.' | '\u{200c}' | '\u{200d}') || (is_word(c) && !ends_address(c))
    };
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let end = text[..end].find("..").unwrap_or(end);
    let host = text[..end].trim_end_matches(['.', '-', '_', '\u{200c}', '\u{200d}']);
    let last = host.rfind('.').map_or(0, |dot| dot + 1);
    let host = match host[last..].find(is_spaceless) {
        Some(follows) if follows > 0 => &host[..last + follows],
        // No top-level domain alone is a place in such a script.
        Some(_) if last == 0 => return None,
        _ => host,
    };
    host.starts_with(is_word).then_some(host.len())
}

/// The length of `:` and a number at the beginning, or 0.
fn port(text: &str) -> usize {
    let Some(number) = text.strip_prefix(':') else {
        return 0;
    };
    match number.bytes().take_while(u8::is_ascii_digit).count() {
        digits @ 1..=5 => digits + 1,
        _ => 0,
    }
}

/// How a part of an address began.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Begins,
    Spaced,
    Spaceless,
}

/// Returns where an address ends whose path begins at `begin`.
fn end_of_path(text: &str, begin: usize, before: Option<char>) -> usize {
    let mut part = Part::Spaced;
    let mut open = Vec::new();
    let mut end = text.len();
    for (index, c) in text[begin..].char_indices() {
        let at = begin + index;
        let rest = &text[at + c.len_utf8()..];
        let is_letter = is_spaceless(c) || is_picture(c) || c == '・';
        let ends = match c {
            '(' | '[' => {
                open.push(c);
                false
            }
            ')' => open.pop() != Some('('),
            ']' => open.pop() != Some('['),
            '\'' => before == Some('\''),
            ',' | ';' => scheme(rest).is_some(),
            '–' => !rest.starts_with(is_word),
            _ if is_letter => part == Part::Spaced,
            _ => ends_address(c),
        };
        if ends {
            end = at;
            break;
        }
        part = match c {
            '/' | '?' | '#' | '=' | '&' => Part::Begins,
            '-' | '_' | '+' | ':' if part != Part::Spaceless => Part::Begins,
            _ if is_letter => Part::Spaceless,
            _ if part == Part::Spaceless => Part::Spaceless,
            _ => Part::Spaced,
        };
    }
    trimmed(&text[..end])
}

/// Returns the length without punctuation at the end, and without brackets that it does not close.
fn trimmed(address: &str) -> usize {
    let is_punctuation = |c: char| {
        matches!(
            c,
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '(' | '['
        ) || matches!(c, '・' | '–' | '״' | '׳' | '\u{200c}' | '\u{200d}')
    };
    address.trim_end_matches(is_punctuation).len()
}

/// `true` for an address to which a link may lead: `http:`, `https:` or `mailto:`, with a host or a
/// mailbox.
pub(super) fn is_destination(to: &str) -> bool {
    let is_strange = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c,
            '<' | '>' | '"' | '\\' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if to.contains(is_strange) {
        return false;
    }
    if let Some(length) = scheme(to) {
        let length = length + user(&to[length..]);
        return host(&to[length..]).is_some();
    }
    let mailbox = to.get("mailto:".len()..).unwrap_or_default();
    let is_mail = to.len() > mailbox.len() && to.to_ascii_lowercase().starts_with("mailto:");
    is_mail
        && mailbox
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

/// Last parts of names of hosts that a person takes for an address without `http://` before it.
const GENERIC_DOMAINS: [&str; 11] = [
    "com", "org", "net", "edu", "gov", "mil", "info", "biz", "io", "dev", "app",
];

/// Suffixes of files and names of programs that are as long as the domain of a country: `README.md`, `Node.js`.
const FILE_SUFFIXES: [&str; 22] = [
    "cc", "cs", "db", "go", "gz", "hh", "hs", "js", "kt", "md", "mk", "ml", "pl", "ps", "py", "rb",
    "rs", "sh", "so", "tf", "ts", "xz",
];

/// `true` if the text of a link is the address of another host than it leads to.
pub(super) fn is_of_other_host(text: &[Node], to: &str) -> bool {
    let mut shown = String::new();
    collect_text(text, &mut shown);
    let shown = shown.trim().to_lowercase();
    let is_address = ["http://", "https://", "www."]
        .iter()
        .any(|start| shown.starts_with(start));
    (is_address || is_named_host(&shown)) && host_of(&shown) != host_of(&to.to_lowercase())
}

/// `true` if nothing of the text of a link can be seen.
pub(super) fn is_blank(text: &[Node]) -> bool {
    let mut shown = String::new();
    collect_text(text, &mut shown);
    shown.trim().is_empty()
}

/// `true` for a text that is a name of a host by its last part, and whatever path follows.
fn is_named_host(text: &str) -> bool {
    let Some((name, domain)) = host_of(text).rsplit_once('.') else {
        return false;
    };
    let is_domain = GENERIC_DOMAINS.contains(&domain)
        || (domain.len() == 2
            && domain.bytes().all(|byte| byte.is_ascii_lowercase())
            && !FILE_SUFFIXES.contains(&domain));
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| is_word(c) || c == '-');
    is_domain && name.split('.').all(is_label)
}

fn collect_text(nodes: &[Node], text: &mut String) {
    for node in nodes {
        text.push_str(&node.text);
        collect_text(&node.children, text);
    }
}

/// The host of an address, without a `www.` before it.
fn host_of(address: &str) -> &str {
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = authority
        .find(['/', '?', '#', '\\'])
        .unwrap_or(authority.len());
    let host = authority[..end].rsplit('@').next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}
