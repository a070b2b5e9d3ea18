//! Who is here.

use leptos::prelude::*;

use super::avatar::Avatar;
use super::live_room::LiveRoom;
use super::message_list::{MessageList, ShowAll};
use super::notification::NotifyButton;
use super::status::WayHint;
use crate::components::live_text::live_text;
use crate::store::room::Room;
use crate::store::room::incoming::{People, PersonPresent};

/// The meaning of the mark beside a name that looks like the one of a person who came before.
const LOOK_ALIKE: &str = "Someone else here had a name like this one first. It may be the same person on another device.";

/// The people in the room, and what concerns them.
#[component]
pub fn PeopleList(room: LiveRoom, list: MessageList) -> impl IntoView {
    view! {
        <aside class="people" id="people">
            <h2 class="label">
                "People "
                <span
                    id="people-count"
                    translate="no"
                    use:live_text=room.words(|room| room.people.count.to_string())
                ></span>
            </h2>
            <ul id="people-list" aria-label="People">
                <For
                    each=move || room.with(listed)
                    key=|(present, is_me)| (
                        present.person.id,
                        present.person.name.clone(),
                        present.look_alike,
                        *is_me,
                    )
                    children=|(present, is_me)| view! { <Present present is_me /> }
                />
            </ul>
            <p
                class="hint"
                hidden=room.flag(|room| unlisted(&room.people) == 0)
                use:live_text=room.words(|room| format!("and {} more", unlisted(&room.people)))
            ></p>
            <p class="hint" id="alone" hidden=room.flag(|room| room.people.count != 1)>
                "You’re the only one here. Share the link to invite people."
            </p>
            <NotifyButton />
            <WayHint room />
            <ShowAll room list />
        </aside>
    }
}

/// Opens and closes the list where the page has no place for it.
#[component]
pub fn PeopleToggle(room: LiveRoom) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let toggle = move |_| {
        is_open.update(|is_open| *is_open = !*is_open);
        // The messages are covered now, or in sight again.
        room.session().show();
    };
    let words = room.words(|room| match room.people.count {
        0 => "People".to_owned(),
        count => format!("People {count}"),
    });
    view! {
        <button
            type="button"
            class="button people-toggle"
            aria-expanded=move || if is_open.get() { "true" } else { "false" }
            aria-controls="people"
            on:click=toggle
            use:live_text=words
        ></button>
    }
}

#[component]
fn Present(present: PersonPresent, is_me: bool) -> impl IntoView {
    let name = present.person.name.clone();
    view! {
        <li>
            <Avatar person=&present.person />
            <span class="person-name" dir="auto" translate="no">{name}</span>
            {is_me.then(|| view! { <span class="mark">"you"</span> })}
            {present
                .look_alike
                .then(|| {
                    view! {
                        <span class="mark look-alike" role="img" aria-label=LOOK_ALIKE tabindex="0">
                            "≈"
                            <span class="tip">{LOOK_ALIKE}</span>
                        </span>
                    }
                })}
        </li>
    }
}

/// Those whom the server names, and which of them is the person at this page.
fn listed(room: &Room) -> Vec<(PersonPresent, bool)> {
    let me = room.me.as_ref().map(|me| me.id);
    let listed = room.people.listed.iter();
    listed
        .map(|present| (present.clone(), me == Some(present.person.id)))
        .collect()
}

fn unlisted(people: &People) -> usize {
    people.count.saturating_sub(people.listed.len())
}
