//! The page of a room as a whole: shows what the session has, and hands it what the person does.

use std::rc::Rc;

use leptos::leptos_dom::helpers::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::announcer::Announcer;
use super::composer::Composer;
use super::message_list::MessageList;
use super::message_row::{ACT, NUMBER};
use super::people::PeopleList;
use super::share;
use super::status::StatusLine;
use crate::connection::room::{RoomSession, View};
use crate::dom::{by_id, is_in_sight, listen, show_text};
use crate::store::room::Room;
use crate::store::room::incoming::Message;

/// What shows a room.
pub struct RoomView {
    session: RoomSession,
    name: Element,
    status: StatusLine,
    list: Rc<MessageList>,
    newest: HtmlElement,
    typing: Element,
    composer: Rc<Composer>,
    people: PeopleList,
    announcer: Announcer,
}

impl RoomView {
    /// The view, in the elements of the page. None when they are not there.
    pub fn new(session: &RoomSession) -> Option<Self> {
        let list = Rc::new(MessageList::new(session.clone())?);
        let newest: HtmlElement = by_id("newest")?;
        let to_end: Rc<dyn Fn()> = {
            let (list, session) = (list.clone(), session.clone());
            Rc::new(move || {
                list.go_to_end();
                session.show();
            })
        };
        let composer = Composer::new(session, to_end.clone())?;
        listen(&newest, "click", Box::new(move |_| to_end()));
        listen_to_list(&list, &composer, session);
        share::start()?;
        Some(Self {
            session: session.clone(),
            name: by_id("room-name")?,
            status: StatusLine::new()?,
            list,
            newest,
            typing: by_id("typing")?,
            composer,
            people: PeopleList::new()?,
            announcer: Announcer::new()?,
        })
    }

    fn show_title(&self, room: &Room) {
        let name = if room.name.is_empty() {
            let segment = self.session.address().segment();
            js_sys::decode_uri_component(segment).map_or_else(|_| segment.to_owned(), String::from)
        } else {
            room.name.clone()
        };
        show_text(&self.name, &name);

        let mut title = String::new();
        if room.unread.count() > 0 {
            title.push('(');
            title.push_str(&room.unread.count().to_string());
            title.push_str(") ");
        }
        title.push_str(&name);
        title.push_str(" · Roomcast");
        if document().title() != title {
            document().set_title(&title);
        }
    }

    /// The way down, when one is scrolled up; with the number of messages that came meanwhile.
    fn show_way_down(&self, room: &Room) {
        let mut words = String::from("Newest messages");
        if room.unread.count() > 0 {
            words.clear();
            words.push_str("New messages: ");
            words.push_str(&room.unread.count().to_string());
        }
        show_text(&self.newest, &words);
        self.newest.set_hidden(self.list.is_at_end());
    }
}

impl View for RoomView {
    fn show(&self) {
        self.list.show();
        self.session.look(is_in_sight() && self.list.is_at_end());
        let room = self.session.room();
        self.status.show(self.session.status());
        self.show_title(&room);
        self.show_way_down(&room);
        show_text(&self.typing, &room.typing_sentence());
        self.composer.show(&room);
        self.people.show(&room);
    }

    fn hear(&self, message: &Message) {
        self.announcer.hear(&self.session.room(), message);
    }
}

/// Hands on what the person does with the list.
fn listen_to_list(list: &Rc<MessageList>, composer: &Rc<Composer>, session: &RoomSession) {
    let (own, to) = (list.clone(), session.clone());
    let follow = move |_| {
        let was_at_end = own.is_at_end();
        own.follow();
        if own.is_at_end() != was_at_end {
            to.show();
        }
    };
    listen(list.window(), "scroll", Box::new(follow));

    let (own, to) = (composer.clone(), session.clone());
    let act = move |event: Event| {
        let Some(target) = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
        else {
            return;
        };
        let number = target
            .get_attribute(NUMBER)
            .and_then(|number| number.parse().ok());
        let Some(number) = number else { return };
        if target.get_attribute(ACT).as_deref() == Some("retry") {
            to.retry(number);
        } else if let Some(text) = to.take_back(number) {
            own.edit(&text);
        }
    };
    listen(list.window(), "click", Box::new(act));

    // A window of another size, and on a phone the keyboard, which leaves a smaller part in sight.
    let own = list.clone();
    let resized = Rc::new(move || {
        if let (Some(sight), Some(root)) =
            (window().visual_viewport(), document().document_element())
        {
            let mut height = pixels(sight.height()).to_string();
            height.push_str("px");
            let root: HtmlElement = root.unchecked_into();
            // It fails only in a style that cannot be changed.
            let _ = root.style().set_property("--in-sight", &height);
        }
        own.lay_out(false);
    });
    if let Some(sight) = window().visual_viewport() {
        let resized = resized.clone();
        listen(&sight, "resize", Box::new(move |_| resized()));
    }
    listen(&window(), "resize", Box::new(move |_| resized()));
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the height of a screen; what is behind its point is to be cut off"
)]
fn pixels(length: f64) -> i32 {
    length as i32
}
