//! Classes of characters that decide where links and marks may begin and end, in every script.

use unicode_normalization::char::is_combining_mark;

/// `true` for a character of a word: a letter, a digit, or an accent on one.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c) && !is_of_picture(c))
}

/// `true` for a mark that makes a picture of what stands before it: a variation selector, or a keycap around it.
pub(super) fn is_of_picture(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{20dd}'..='\u{20e4}')
}

/// `true` for a character of a word in a script that puts no space between words, or that puts
/// particles directly behind them: Chinese, Japanese, Korean, Thai, Lao, Tibetan, Burmese, Khmer, and
/// the full-width forms of letters and digits. A mark or a link may have one directly beside it.
pub(super) fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{302f}' | '\u{3031}'..='\u{303c}' | '\u{3041}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}'
        | '\u{ff66}'..='\u{ffdc}' | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
        && is_word(c)
}

/// `true` for a picture among letters: emoji, arrows, ornaments, and what joins or colours them.
pub(super) fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{fe0e}' | '\u{fe0f}'
        | '\u{1f000}'..='\u{1faff}')
}

/// `true` for a picture that is no sign of older character sets.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}')
}

/// `true` for a character that is never a part of a web address in running text: white space, control
/// and direction characters, brackets and quotes that RFC 3986 leaves out, and the punctuation of
/// scripts other than Latin.
pub(super) fn ends_address(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_whitespace() || c.is_ascii_control() || "\"<>\\^`{|}".contains(c);
    }
    c.is_whitespace()
        || c.is_control()
        || opens(c)
        || closes(c)
        || matches!(c,
            '\u{589}' | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{66d}' | '\u{6d4}'
            | '\u{964}' | '\u{965}' | '\u{f08}'..='\u{f14}' | '\u{104a}'..='\u{104f}'
            | '\u{1361}'..='\u{1368}' | '\u{17d4}'..='\u{17da}'
            | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2014}'..='\u{2017}'
            | '\u{2020}'..='\u{202e}' | '\u{203c}'..='\u{2049}' | '\u{2060}'..='\u{206f}'
            | '\u{3000}'..='\u{3004}' | '\u{3012}'..='\u{3020}' | '\u{3030}' | '\u{303d}'..='\u{303f}'
            | '\u{fe10}'..='\u{fe1f}' | '\u{fe30}'..='\u{fe6f}' | '\u{feff}'
            | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
            | '\u{ff5b}'..='\u{ff65}' | '\u{ffe0}'..='\u{ffee}' | '\u{fff0}'..='\u{ffff}')
}

/// `true` for brackets and quotes beyond ASCII with which something begins, such as `「` and `«`.
pub(super) fn opens(c: char) -> bool {
    matches!(
        c,
        '«' | '‹'
            | '“'
            | '‘'
            | '‚'
            | '„'
            | '（'
            | '［'
            | '｛'
            | '＜'
            | '｟'
            | '｢'
            | '〈'
            | '《'
            | '「'
            | '『'
            | '【'
            | '〔'
            | '〖'
            | '〘'
            | '〚'
            | '〝'
            | '︵'
            | '﹙'
            | '﹁'
            | '﹃'
    )
}

/// `true` for brackets, quotes and punctuation beyond ASCII with which something ends.
pub(super) fn closes(c: char) -> bool {
    matches!(
        c,
        '»' | '›'
            | '”'
            | '’'
            | '）'
            | '］'
            | '｝'
            | '＞'
            | '｠'
            | '｣'
            | '〉'
            | '》'
            | '」'
            | '』'
            | '】'
            | '〕'
            | '〗'
            | '〙'
            | '〛'
            | '〞'
            | '〟'
            | '︶'
            | '﹚'
            | '﹂'
            | '﹄'
            | '、'
            | '。'
            | '，'
            | '．'
            | '：'
            | '；'
            | '！'
            | '？'
            | '｡'
            | '､'
            | '…'
    )
}

/// `true` for accents and marks that stand alone, as they do in faces made of characters.
pub(super) fn is_lone_accent(c: char) -> bool {
    matches!(c,
        '\u{a8}' | '\u{af}' | '\u{b4}' | '\u{b8}' | '\u{2b0}'..='\u{2ff}' | '\u{309b}'..='\u{309c}'
        | '\u{ff3e}' | '\u{ff40}' | '\u{ff9e}'..='\u{ff9f}' | '\u{ffe3}')
}
