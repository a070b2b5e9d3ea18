//! The question how a person wants to be called: asked once, on the first visit, and again when they like.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use roomcast_shared::limits::MAX_PERSON_NAME_CHARS;
use roomcast_shared::person::{PersonName, PersonNameError};

use super::avatar::{hue, initial};
use super::draft::Draft;
use super::live_room::LiveRoom;
use super::title::room_name;
use crate::components::live_text::{live_text, words};
use crate::connection::room::{has_kept_name, keep_name, kept_name};
use crate::dom::{after, listen};
use crate::store::room::Room;

/// Length of the name's field in UTF-16 units: more than any name has, so that it cuts none, and few enough for
/// `dir="auto"`.
const MAX_FIELD_UNITS: &str = "1000";

/// The question. Copies of it are the same one.
#[derive(Clone, Copy)]
pub struct NameQuestion {
    room: LiveRoom,
    draft: Draft,
    is_open: RwSignal<bool>,
    /// `true` until this browser has answered it for the first time.
    is_first: RwSignal<bool>,
    field: NodeRef<html::Input>,
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
            field: NodeRef::new(),
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
        if let Some(field) = self.field.get_untracked() {
            field.set_value(&kept_name());
            // It fails only for elements that cannot have the focus.
            let _ = field.focus();
            field.select();
        }
    }

    /// Takes the name in the field, or says what is wrong with it.
    fn answer(self) {
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        match PersonName::parse(&field.value()) {
            Ok(name) => {
                self.room.session().rename(name.as_str());
                self.leave();
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

/// The card with the question, over the conversation.
#[component]
pub fn NameCard(question: NameQuestion) -> impl IntoView {
    let NameQuestion {
        room,
        is_open,
        is_first,
        field,
        advice,
        ..
    } = question;
    // Once, when the field comes onto the page.
    Effect::new(move |_| {
        if field.with(Option::is_some) && is_open.get_untracked() {
            question.ask();
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        question.answer();
    };
    let press = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            question.leave();
        }
    };
    let room_name = words(move || room_name(room));
    let skip = words(move || skip_words(is_first.get(), &room.with(my_name)));
    let done = words(move || if is_first.get() { "Join" } else { "Save" }.to_owned());
    let told = words(move || advice.get());
    view! {
        <div
            class="name-card"
            role="dialog"
            aria-labelledby="name-question"
            data-first=move || is_first.get().then_some("")
            hidden=move || !is_open.get()
        >
            <p hidden=move || !is_first.get()>
                "You are about to join #" <span translate="no" use:live_text=room_name></span> "."
            </p>
            <h2 id="name-question">"What should people call you?"</h2>
            <form on:submit=submit on:keydown=press>
                <label class="label" for="your-name">"Your name"</label>
                <input
                    id="your-name"
                    type="text"
                    dir="auto"
                    maxlength=MAX_FIELD_UNITS
                    autocomplete="nickname"
                    spellcheck="false"
                    enterkeyhint="done"
                    aria-describedby="name-advice"
                    aria-invalid=move || advice.with(|advice| !advice.is_empty()).then_some("true")
                    node_ref=field
                />
                <p class="advice" id="name-advice" role="alert" use:live_text=told></p>
                <div class="actions">
                    <button
                        type="submit"
                        class="button button-primary"
                        use:live_text=done
                    ></button>
                    <button
                        type="button"
                        class="button"
                        id="skip"
                        on:click=move |_| question.leave()
                        use:live_text=skip
                    ></button>
                </div>
            </form>
        </div>
    }
}

/// The person at this page, as their picture: the button that asks again.
#[component]
pub fn MyName(question: NameQuestion) -> impl IntoView {
    let room = question.room;
    let label = room.words(|room| {
        let mut label = String::from("Your name: ");
        label.push_str(&my_name(room));
        label.push_str(". Change it");
        label
    });
    let is_open = question.is_open;
    view! {
        <button
            type="button"
            class="me"
            id="me"
            aria-label=label
            aria-expanded=move || if is_open.get() { "true" } else { "false" }
            on:click=move |_| question.toggle()
        >
            <span
                class="avatar"
                aria-hidden="true"
                style=("--hue", room.words(|room| {
                    room.me.as_ref().map(|me| hue(me).to_string()).unwrap_or_default()
                }))
            >
                {room.words(|room| initial(&my_name(room)))}
            </span>
        </button>
    }
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
