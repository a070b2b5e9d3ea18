//! `/rooms/{room}`: the room's own address, which answers every client by what it asks for.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::handler::Handler as _;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};
use roomcast_shared::event_stream;

use super::{RoomPath, RoomService, Visitor, events, history, publish, socket};
use crate::assets::Page;
use crate::handler::assets;
use crate::handler::link_preview::LinkPreview;
use crate::handler::problem::Problem;
use crate::negotiation::{accept, preview_client};
use crate::state::AppState;
use crate::transport::websocket::upgrade::{asks_for_websocket, is_stripped};

/// What a client wants of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Socket,
    Publish,
    Page,
    EventStream,
    History,
    Lines,
}

/// Hands the request to the handler that the client means: a WebSocket to an upgrade, the page to
/// a browser, an event stream, history in JSON or lines of text to whoever accepts that best, and
/// it takes messages by POST.
pub async fn address(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let wish = wish(&parts);
    let request = Request::from_parts(parts, body);
    if matches!(wish, Wish::Page | Wish::EventStream | Wish::Lines)
        && preview_client::makes_preview(request.headers())
    {
        return preview.call(request, state).await;
    }
    let mut response = match wish {
        Wish::Socket => socket::socket.call(request, state).await,
        Wish::Publish => publish::publish.call(request, state).await,
        Wish::Page => page.call(request, state).await,
        Wish::EventStream => events::events.call(request, state).await,
        Wish::History => history::history.call(request, state).await,
        Wish::Lines => events::lines.call(request, state).await,
    };
    let vary = HeaderValue::from_static("Accept");
    response.headers_mut().append(header::VARY, vary);
    response
}

/// Answers with what a preview of the room's link needs.
async fn preview(
    State(service): State<Arc<RoomService>>,
    room: Result<RoomPath, Problem>,
    request: Request,
) -> Response {
    match room {
        Ok(RoomPath(name)) => LinkPreview::of_room(&format!("#{name}")).answer(
            service.people.is_secure(),
            &service.base_path,
            &request,
        ),
        Err(problem) => problem.into_response(),
    }
}

/// Answers with the room's page. The page's tabs open their WebSockets at the same time, so who
/// they are is settled here.
async fn page(
    State(state): State<AppState>,
    room: Result<RoomPath, Problem>,
    visitor: Result<Visitor, Problem>,
    request: Request,
) -> Response {
    let visitor = match room.and(visitor) {
        Ok(visitor) => visitor,
        Err(problem) => return problem.into_response(),
    };
    let mut response = assets::document(Page::Room, &state.assets, &request);
    // Nobody has come yet.
    if !preview_client::is_prefetch(request.headers()) {
        visitor.remember(&state.rooms, &mut response);
    }
    response
}

fn wish(parts: &Parts) -> Wish {
    // One that lost its upgrade on the way would get an endless stream, which no browser takes.
    if asks_for_websocket(parts) || is_stripped(parts) {
        return Wish::Socket;
    }
    match parts.method {
        Method::POST => Wish::Publish,
        _ => by_accept(&parts.headers),
    }
}

/// The most liked type; of those that are liked alike the one that is named, or named first. Where
/// the client leaves it to us, lines: `curl -N` takes everything. Whoever takes none of these gets
/// lines too, rather than nothing.
fn by_accept(headers: &HeaderMap) -> Wish {
    let offers = [
        (Wish::Page, "text/html"),
        (Wish::EventStream, event_stream::MEDIA_TYPE),
        (Wish::History, "application/json"),
        (Wish::Lines, "text/plain"),
    ];
    // Of equals the last one.
    let best = offers
        .into_iter()
        .max_by_key(|(_, media_type)| accept::preference(headers, media_type));
    best.map_or(Wish::Lines, |(wish, _)| wish)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn wish_of(method: Method, accept: &str) -> Wish {
        let request = Request::builder().method(method).header("accept", accept);
        wish(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn every_client_gets_what_it_asks_for() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(wish_of(Method::GET, browser), Wish::Page);
        assert_eq!(wish_of(Method::GET, "text/event-stream"), Wish::EventStream);
        assert_eq!(wish_of(Method::GET, "application/json"), Wish::History);
        assert_eq!(wish_of(Method::GET, "*/*"), Wish::Lines);
        assert_eq!(wish_of(Method::HEAD, "image/png"), Wish::Lines);
        assert_eq!(wish_of(Method::POST, browser), Wish::Publish);
    }

    #[test]
    fn of_what_is_liked_alike_the_named_one_is_sent_then_the_first() {
        for (accept, wish) in [
            ("application/json, text/plain, */*", Wish::History),
            ("text/html, */*", Wish::Page),
            ("*/*, text/event-stream", Wish::EventStream),
            ("text/plain, application/json", Wish::Lines),
            (
                "application/json, text/javascript, */*; q=0.01",
                Wish::History,
            ),
            ("text/*", Wish::Lines),
            ("text/*, application/json;q=0.9", Wish::Lines),
            ("text/html;q=0.5, */*", Wish::Lines),
            ("text/plain;q=0, */*", Wish::History),
            ("", Wish::Lines),
        ] {
            assert_eq!(wish_of(Method::GET, accept), wish, "{accept}");
        }
        let parts = Request::get("/rooms/a").body(()).unwrap().into_parts().0;
        assert_eq!(wish(&parts), Wish::Lines, "without the field");
    }

    #[test]
    fn an_upgrade_is_a_socket_whatever_it_accepts() {
        let request = Request::get("/rooms/a")
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("accept", "*/*");
        let parts = request.body(()).unwrap().into_parts().0;
        assert_eq!(wish(&parts), Wish::Socket);
        let stripped = Request::get("/rooms/a").header("sec-websocket-key", "key");
        let parts = stripped.body(()).unwrap().into_parts().0;
        assert_eq!(wish(&parts), Wish::Socket, "without its upgrade");
    }
}
