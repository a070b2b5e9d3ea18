//! The pages of the client for programs that make a preview of their link.

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};

use crate::assets::{Page, WITHOUT_SCRIPTS, escaped};
use crate::config::BasePath;

const TEMPLATE: &str = include_str!("link_preview.html");

/// What a preview says of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinkPreview<'a> {
    title: &'a str,
    description: &'static str,
    /// Whether search engines may list the page.
    robots: &'static str,
}

impl<'a> LinkPreview<'a> {
    /// The preview of a room. Nothing of the conversation is in it: it may appear anywhere.
    pub(super) fn of_room(title: &'a str) -> Self {
        Self {
            title,
            description: "A live room. Open the link to read and write.",
            robots: "noindex",
        }
    }

    /// The preview of a page that is the same for everybody.
    pub(super) fn of_page(page: Page) -> Self {
        match page {
            Page::Primes => Self {
                title: "Primes · Roomcast",
                description: "Each prime arrives as an event of its own, the moment the server has found it.",
                robots: "all",
            },
            Page::Rooms | Page::Room => Self {
                title: "Rooms · Roomcast",
                description: "Whoever opens the same address is in the same room.",
                robots: "all",
            },
        }
    }

    /// Answers with a page that says so (The Open Graph protocol). Nobody enters a room, and no cookie is set.
    ///
    /// The picture needs an absolute address, so it is left out where the request names no host.
    pub(super) fn answer(
        self,
        is_secure: bool,
        base_path: &BasePath,
        request: &Request,
    ) -> Response {
        let uri = request.uri();
        let host = uri.authority().map(http::uri::Authority::as_str);
        let host = host.or_else(|| request.headers().get(header::HOST)?.to_str().ok());
        let scheme = if is_secure { "https" } else { "http" };
        let places = host.map(|host| {
            let base_path = base_path.as_str();
            let origin = escaped(&format!("{scheme}://{host}{base_path}"));
            let path = escaped(uri.path());
            format!(
                "<meta property=\"og:url\" content=\"{origin}{path}\">\n\
                 <meta property=\"og:image\" content=\"{origin}/icon-512.png\">"
            )
        });
        let html = TEMPLATE
            .replace("{places}", &places.unwrap_or_default())
            .replace("{description}", self.description)
            .replace("{robots}", self.robots)
            .replace("{title}", &escaped(self.title));
        let fields = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::CONTENT_SECURITY_POLICY, WITHOUT_SCRIPTS),
        ];
        (StatusCode::OK, fields, html).into_response()
    }
}
