//! The rooms that there are.

use js_sys::Date;
use leptos::html;
use leptos::prelude::*;
use roomcast_shared::lobby::LobbyRoom;
use roomcast_shared::room_name::RoomName;
use wasm_bindgen::JsValue;

use crate::components::live_text::{live_text, words};
use crate::connection::State;
use crate::connection::live_stream::LiveStream;
use crate::connection::lobby::LobbyReader;
use crate::dom::every;
use crate::route;
use crate::store::lobby::{ago, arranged, people};

/// How often times such as “5 min ago” are told anew, in milliseconds.
const CLOCK_INTERVAL_MILLISECONDS: i32 = 20_000;

/// A room of the list. It changes in place, so that the focus stays where it is.
#[derive(Clone)]
struct Item {
    name: RoomName,
    room: ArcRwSignal<LobbyRoom>,
}

/// The list, live.
#[component]
pub fn RoomList() -> impl IntoView {
    let list = NodeRef::<html::Ul>::new();
    let items = RwSignal::new(None::<Vec<Item>>);
    let now = RwSignal::new(milliseconds());
    let state = RwSignal::new(State::Connecting);
    let why = RwSignal::new(String::new());
    every(
        CLOCK_INTERVAL_MILLISECONDS,
        Box::new(move || now.set(milliseconds())),
    );
    let show = move |rooms| {
        // Nothing may move away while somebody points at it or has the focus in it. It fails only for
        // selectors that are none.
        let is_pointed_at = list
            .get_untracked()
            .is_some_and(|list| list.matches(":hover, :focus-within").unwrap_or(false));
        now.set(milliseconds());
        items.update(|items| {
            let old = items.take().unwrap_or_default();
            *items = Some(renewed(old, rooms, is_pointed_at));
        });
    };
    LiveStream::open(LobbyReader {
        show: Box::new(show),
        state,
        why,
    });

    // Where there is a reason, that says it.
    let is_looking = move || items.with(Option::is_none) && why.with(String::is_empty);
    let is_empty = move || items.with(|items| items.as_ref().is_some_and(Vec::is_empty));
    view! {
        <section class="card rooms" aria-labelledby="rooms-title">
            <p class="newest-top">
                <span class="label" id="rooms-title">"Busiest first"</span>
                <span
                    class="state"
                    role="status"
                    data-state=move || state.get().name()
                >
                    {live_text(words(move || state.get().label().to_owned()))}
                </span>
            </p>
            <p class="advice" role="alert">{live_text(words(move || why.get()))}</p>
            <p class="empty" hidden=move || !is_looking()>"Looking for rooms…"</p>
            {move || {
                is_empty()
                    .then(|| {
                        view! {
                            <p class="empty">
                                <b>"No rooms yet."</b>
                                " Make the first one: write a name, then send its address to somebody."
                            </p>
                        }
                    })
            }}
            <ul class="room-list" aria-label="Rooms" node_ref=list>
                <For
                    each=move || items.get().unwrap_or_default()
                    key=|item| item.name.clone()
                    children=move |item| view! { <ListedRoom item now /> }
                />
            </ul>
        </section>
    }
}

/// One room: its name, who is in it, and when something was last said.
#[component]
fn ListedRoom(item: Item, now: RwSignal<u64>) -> impl IntoView {
    let Item { name, room } = item;
    let count = {
        let room = room.clone();
        move || room.with(|room| room.people)
    };
    let is_busy = {
        let count = count.clone();
        move || if count() > 0 { "true" } else { "false" }
    };
    let told = words(move || match room.with(|room| room.last_message) {
        None => "Nothing said yet".to_owned(),
        Some(moment) => ago(moment, now.get()).unwrap_or_else(|| date(moment)),
    });
    view! {
        <li>
            <a href=route::room(name.as_str())>
                <span class="room-name" translate="no">{name.as_str().to_owned()}</span>
                <span
                    class="room-people"
                    data-busy=is_busy
                >
                    {live_text(words(move || people(count())))}
                </span>
                <span class="room-time">{live_text(told)}</span>
            </a>
        </li>
    }
}

/// The items of these rooms, which come as the busiest first; those that were there are the same ones.
fn renewed(mut old: Vec<Item>, rooms: Vec<LobbyRoom>, is_pointed_at: bool) -> Vec<Item> {
    let before: Vec<_> = old.iter().map(|item| item.name.clone()).collect();
    let rooms = arranged(&before, rooms, is_pointed_at).into_iter();
    rooms
        .map(|room| {
            let known = old.iter().position(|item| item.name == room.name);
            let Some(place) = known else {
                return Item {
                    name: room.name.clone(),
                    room: ArcRwSignal::new(room),
                };
            };
            let item = old.swap_remove(place);
            item.room.set(room);
            item
        })
        .collect()
}

/// The day of a moment, as people write it here.
fn date(moment: u64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are below 2^53"
    )]
    let date = Date::new(&JsValue::from_f64(moment as f64));
    date.to_locale_date_string("default", &JsValue::UNDEFINED)
        .into()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number of milliseconds after 1970"
)]
fn milliseconds() -> u64 {
    Date::now() as u64
}
