//! Programs that fetch a page for a preview or an index, and nobody who reads it.

use http::{HeaderMap, HeaderValue, header};

/// Parts of the `User-Agent` of programs that make previews of links or index pages, in lowercase. Nearly all
/// others say `bot`, `crawler` or `spider`.
const TOKENS: [&str; 19] = [
    "bot",
    "crawler",
    "spider",
    "slurp",
    "preview",
    "slack-imgproxy",
    "facebookexternalhit",
    "facebookcatalog",
    "meta-externalagent",
    "whatsapp",
    "embedly",
    "iframely",
    "mastodon",
    "pleroma",
    "misskey",
    "bitlybot",
    "vkshare",
    "skypeuripreview",
    "link-expanding",
];

/// Maker of phones, whose browsers say its name.
const PHONE: &str = "cubot";

/// Fields by which browsers say that they fetch a page before somebody asks for it.
const PURPOSE_FIELDS: [&str; 3] = ["sec-purpose", "purpose", "x-moz"];

/// `true` if the client is a program that shows a preview of the page or indexes it, and takes no part in
/// anything.
pub(crate) fn makes_preview(headers: &HeaderMap) -> bool {
    let agent = headers.get(header::USER_AGENT).map(lowercase);
    agent.is_some_and(|agent| {
        let agent = agent.replace(PHONE, "");
        TOKENS.iter().any(|token| agent.contains(token))
    })
}

/// `true` if a browser fetches the page before somebody asks for it. It may show that very answer later.
pub(crate) fn is_prefetch(headers: &HeaderMap) -> bool {
    PURPOSE_FIELDS.iter().any(|name| {
        let purpose = headers.get(*name).map(lowercase);
        purpose.is_some_and(|purpose| purpose.starts_with("prefetch") || purpose == "preview")
    })
}

fn lowercase(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &'static str, value: &'static str) -> HeaderMap {
        let name = http::HeaderName::from_static(name);
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn programs_that_make_previews_are_known_by_their_name() {
        for agent in [
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Slack-ImgProxy (+https://api.slack.com/robots)",
            "Twitterbot/1.0",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "TelegramBot (like TwitterBot)",
            "WhatsApp/2.23.20.0",
            "Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; Yahoo! Slurp)",
            "Mozilla/5.0 (compatible; Baiduspider/2.0)",
            "http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.social/)",
            "Iframely/1.3.1 (+https://iframely.com/docs/about)",
        ] {
            assert!(makes_preview(&field("user-agent", agent)), "{agent}");
        }
    }

    #[test]
    fn people_and_their_programs_are_no_previews() {
        for agent in [
            "curl/8.5.0",
            "Wget/1.21",
            "python-requests/2.31",
            "roomcast/0.1.0",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
            "",
        ] {
            assert!(!makes_preview(&field("user-agent", agent)), "{agent}");
        }
        assert!(!makes_preview(&HeaderMap::new()));
    }

    #[test]
    fn a_browser_says_when_it_fetches_ahead() {
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("purpose", "preview"),
            ("x-moz", "prefetch"),
        ] {
            assert!(is_prefetch(&field(name, value)), "{name}: {value}");
        }
        assert!(!is_prefetch(&field("sec-purpose", "navigate")));
    }
}
