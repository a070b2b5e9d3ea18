//! The question how a person wants to be called: asked once, on the first visit, and again when they like.

use leptos::prelude::*;
use roomcast_shared::limits::MAX_PERSON_NAME_CHARS;
use roomcast_shared::person::{PersonName, PersonNameError};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, KeyboardEvent};

use super::avatar::{hue, initial};
use super::draft::Draft;
use super::live_room::LiveRoom;
use super::title::room_name;
use crate::components::bind::{
    Part, keep_attribute, keep_flag, keep_style, keep_text, part, truth,
};
use crate::components::live_text::words;
use crate::connection::room::{has_kept_name, keep_name, kept_name};
use crate::dom::{after, listen};
use crate::store::room::Room;

/// The question. Copies of it are the same one.
#[derive(Clone, Copy)]
pub struct NameQuestion {
    room: LiveRoom,
    draft: Draft,
    is_open: RwSignal<bool>,
    /// `true` until this browser has answered it for the first time.
    is_first: RwSignal<bool>,
    field: Part,
    advice: RwSignal<String>,
}

impl NameQuestion {
    /// The question, open where this browser was never asked.
    pub fn new(room: LiveRoom, draft: Draft) -> Self {
        let is_first = !has_kept_name();
        let question = Self {
            room,
            draft,
            is_open: RwSignal::new(is_first),
            is_first: RwSignal::new(is_first),
            field: Part::default(),
            advice: RwSignal::new(String::new()),
        };
        // Whoever answers in another tab has answered here.
        let answered_elsewhere = move || {
            if question.is_first.get_untracked() && has_kept_name() {
                question.close();
            }
        };
        listen(
            &window(),
            "storage",
            Box::new(move |_| answered_elsewhere()),
        );
        question
    }

    /// Goes on as a guest if the question was never answered: who writes has answered it.
    pub fn skip_first(self) {
        if self.is_first.get_untracked() {
            keep_name("");
            self.close();
        }
    }

    fn field(self) -> Option<HtmlInputElement> {
        self.field.get().map(JsCast::unchecked_into)
    }

    fn toggle(self) {
        if self.is_open.get_untracked() {
            self.leave();
        } else {
            self.is_open.set(true);
            // What is still hidden cannot have the focus.
            after(0, Box::new(move || self.ask()));
        }
    }

    /// Puts the name that is kept into the field, to be typed over.
    fn ask(self) {
        if let Some(field) = self.field() {
            field.set_value(&kept_name());
            // It fails only for elements that cannot have the focus.
            let _ = field.focus();
            field.select();
        }
    }

    /// Takes the name in the field, or says what is wrong with it.
    fn answer(self) {
        let Some(field) = self.field() else {
            return;
        };
        match PersonName::parse(&field.value()) {
            Ok(name) => {
                self.room.session().rename(name.as_str());
                // Not by leaving it, which on the first visit is to want no name.
                self.close();
                self.draft.focus();
            }
            Err(error) => {
                self.advice.set(name_advice(error));
                // It fails only for elements that cannot have the focus.
                let _ = field.focus();
            }
        }
    }

    /// Closes the card and goes on to the message.
    fn leave(self) {
        self.skip_first();
        self.close();
        self.draft.focus();
    }

    fn close(self) {
        self.is_first.set(false);
        self.is_open.set(false);
        self.advice.set(String::new());
    }
}

/// Serves the card with the question, over the conversation.
pub fn serve_name_card(page: &Element, question: NameQuestion) {
    let NameQuestion {
        room,
        is_open,
        is_first,
        advice,
        ..
    } = question;
    let submit = move |event: Event| {
        event.prevent_default();
        question.answer();
    };
    let press = move |event: Event| {
        let event: &KeyboardEvent = event.unchecked_ref();
        if event.key() == "Escape" {
            question.leave();
        }
    };
    let room_name = words(move || room_name(room));
    let skip = words(move || skip_words(is_first.get(), &room.with(my_name)));
    let done = words(move || if is_first.get() { "Join" } else { "Save" }.to_owned());
    let told = words(move || advice.get());
    let card = part(page, ".name-card");
    keep_text(part(&card, "p span").into(), room_name);
    keep_text(part(&card, "#name-advice").into(), told);
    keep_text(part(&card, "[type=submit]").into(), done);
    let intro = part(&card, "p");
    keep_flag(intro, "hidden", Box::new(move || !is_first.get()));
    let form = part(&card, "form");
    listen(&form, "submit", Box::new(submit));
    listen(&form, "keydown", Box::new(press));
    let button = part(&card, "#skip");
    listen(&button, "click", Box::new(move |_| question.leave()));
    keep_text(button.into(), skip);
    let field = part(&card, "#your-name");
    let is_wrong = words(move || {
        let is_wrong = advice.with(|advice| !advice.is_empty());
        if is_wrong { "true" } else { "false" }.to_owned()
    });
    keep_attribute(field.clone(), "aria-invalid", is_wrong);
    question.field.set(field);
    keep_flag(card.clone(), "data-first", Box::new(move || is_first.get()));
    keep_flag(card, "hidden", Box::new(move || !is_open.get()));
    if is_open.get_untracked() {
        question.ask();
    }
}

/// Serves the button that asks again: the person at this page, as their picture.
pub fn serve_my_name(page: &Element, question: NameQuestion) {
    let room = question.room;
    let label = room.words(|room| {
        let mut label = String::from("Your name: ");
        label.push_str(&my_name(room));
        label.push_str(". Change it");
        label
    });
    let button = part(page, "#me");
    listen(&button, "click", Box::new(move |_| question.toggle()));
    let avatar = part(&button, ".avatar");
    keep_text(
        avatar.clone().into(),
        room.words(|room| initial(&my_name(room))),
    );
    let hue = room.words(|room| {
        let me = room.me.as_ref();
        me.map(|me| hue(me).to_string()).unwrap_or_default()
    });
    keep_style(avatar, "--hue", hue);
    keep_attribute(button.clone(), "aria-label", label);
    keep_attribute(button, "aria-expanded", truth(question.is_open));
}

/// The name of the person at this page; empty before the first connection.
fn my_name(room: &Room) -> String {
    room.me
        .as_ref()
        .map_or_else(String::new, |me| me.name.clone())
}

fn skip_words(is_first: bool, me: &str) -> String {
    if !is_first {
        return "Cancel".to_owned();
    }
    let mut words = String::from("Join as ");
    words.push_str(if me.is_empty() { "a guest" } else { me });
    words
}

fn name_advice(error: PersonNameError) -> String {
    match error {
        PersonNameError::TooLong => {
            let mut advice = String::from("Use at most ");
            advice.push_str(&MAX_PERSON_NAME_CHARS.to_string());
            advice.push_str(" characters.");
            advice
        }
        PersonNameError::Invisible => "Write a name that people can see.".to_owned(),
        PersonNameError::Character(_) => "Leave out control characters.".to_owned(),
    }
}
