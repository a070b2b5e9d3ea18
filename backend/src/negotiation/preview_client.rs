//! Programs that fetch a page for a preview or an index, and nobody who reads it.

use http::{HeaderMap, HeaderValue, header};

/// Parts of the `User-Agent` of programs that make previews of links or index pages, in lowercase. Nearly all
/// others say `bot`, `crawler` or `spider`, or look like a browser.
const TOKENS: [&str; 29] = [
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
    "cardyb",
    "viber",
    "snapchat",
    "kakaotalk-scrap",
    "kakaostory",
    "googlemessages",
    "pagerenderer",
    "rocket.chat",
    "line-poker",
    "unfurl",
];

/// Beginnings of the `User-Agent` of programs that people and developers use in a terminal or in code of their own, in
/// lowercase: what such a one asks for is for them.
const TOOLS: [&str; 25] = [
    "curl/",
    "wget/",
    "wget2/",
    "xh/",
    "http",
    "lwp",
    "libwww-perl",
    "python",
    "aiohttp",
    "go-http-client",
    "java",
    "apache-httpclient",
    "okhttp",
    "node",
    "undici",
    "axios",
    "got ",
    "deno/",
    "bun/",
    "ruby",
    "faraday",
    "php",
    "guzzlehttp",
    "powershell",
    "roomcast/",
];

/// Fields of which browsers send at least one when somebody opens a page.
const BROWSER_FIELDS: [&str; 3] = [
    "accept-language",
    "sec-fetch-mode",
    "upgrade-insecure-requests",
];

/// Maker of phones, whose browsers say its name.
const PHONE: &str = "cubot";

/// Fields by which browsers say that they fetch a page before somebody asks for it.
const PURPOSE_FIELDS: [&str; 3] = ["sec-purpose", "purpose", "x-moz"];

/// `true` if the client is a program that shows a preview of the page or indexes it, and takes no part in
/// anything.
pub(crate) fn makes_preview(headers: &HeaderMap) -> bool {
    let Some(agent) = headers.get(header::USER_AGENT).map(lowercase) else {
        return false;
    };
    let agent = agent.replace(PHONE, "");
    TOKENS.iter().any(|token| agent.contains(token)) || looks_like_browser(&agent, headers)
}

/// `true` for an unknown program that says it is a browser, or asks for a document as one does, and is none: it
/// neither says in which language somebody reads, nor that somebody opens a page.
fn looks_like_browser(agent: &str, headers: &HeaderMap) -> bool {
    let asks_for_page = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| lowercase(accept).contains("text/html"));
    let is_tool = agent.is_empty() || TOOLS.iter().any(|tool| agent.starts_with(tool));
    let is_opened = BROWSER_FIELDS
        .iter()
        .any(|name| headers.contains_key(*name));
    !is_opened && (agent.starts_with("mozilla/") || asks_for_page && !is_tool)
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
            "Bluesky Cardyb/1.1; +https://cardyb.bsky.app",
            "Viber/13.3.0.4",
            "Rocket.Chat/6.0",
            "kakaotalk-scrap/1.0; +https://devtalk.kakao.com/",
            "Mozilla/5.0 (compatible; Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/))",
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
            "our-monitor/2",
            "",
        ] {
            assert!(!makes_preview(&field("user-agent", agent)), "{agent}");
        }
        assert!(!makes_preview(&HeaderMap::new()));
        for agent in [
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
            "Lynx/2.9",
        ] {
            for name in BROWSER_FIELDS {
                let mut fields = field("user-agent", agent);
                fields.extend(field("accept", "text/html,*/*"));
                fields.extend(field(name, "x"));
                assert!(!makes_preview(&fields), "{agent}");
            }
        }
    }

    #[test]
    fn a_program_that_asks_for_a_page_as_no_browser_does_makes_a_preview() {
        for (agent, accept, is_preview) in [
            ("Mozilla/5.0 (Linux; Android 12) Chrome/120.0", "*/*", true),
            ("our-preview/1", "text/html", true),
            ("our-preview/1", "text/html,application/xhtml+xml", true),
            ("our-reader/1", "*/*", false),
            ("our-reader/1", "text/plain", false),
            ("curl/8.5.0", "text/html", false),
            ("roomcast/0.1.0", "text/html", false),
            ("python-requests/2.31", "text/html", false),
        ] {
            let mut fields = field("user-agent", agent);
            fields.extend(field("accept", accept));
            assert_eq!(makes_preview(&fields), is_preview, "{agent} {accept}");
        }
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
