//! Notifications of mentions, for people who look at something else.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Notification, NotificationOptions, NotificationPermission};

use super::message_list::MessageList;
use crate::components::bind::{keep_flag, part};
use crate::dom::{after, is_in_sight, listen, once};
use crate::store::room::incoming::Message;

/// Delay of a notification in milliseconds, in which a tab that is in sight may claim the message.
const NOTIFY_MILLISECONDS: i32 = 500;

/// Time for which a tab claims a message, in milliseconds: longer than the others need to hear of it.
const CLAIM_MILLISECONDS: i32 = 10_000;

/// The button by which a person asks for notifications; where the browser blocks them, it says so.
pub fn serve_notify_button(page: &Element) {
    let state = RwSignal::new(permission());
    let ask = move |_| {
        if let Ok(answer) = Notification::request_permission() {
            spawn_local(async move {
                // Whatever the person answers, the browser knows.
                let _ = JsFuture::from(answer).await;
                state.set(permission());
            });
        }
    };
    // The person may have changed it in the browser's settings meanwhile.
    let look_again = move |_| state.set(permission());
    listen(&document(), "visibilitychange", Box::new(look_again));
    let button = part(page, "#notify");
    listen(&button, "click", Box::new(ask));
    for (part, shown_at) in [
        (button, NotificationPermission::Default),
        (
            part(page, "#notify-blocked"),
            NotificationPermission::Denied,
        ),
    ] {
        keep_flag(
            part,
            "hidden",
            Box::new(move || state.get() != Some(shown_at)),
        );
    }
}

/// Notifies the person of a message in a room, once for all tabs, and not if one of them is in sight. A click leads
/// to the message.
pub fn notify(room: &str, message: &Message, words: String, list: MessageList) {
    if permission() != Some(NotificationPermission::Granted) {
        return;
    }
    // Each message has a tag of its own: none takes the place of another.
    let mut tag = room.to_owned();
    tag.push(' ');
    tag.push_str(&String::from(message.position));
    if is_in_sight() {
        claim(&tag, Box::new(|| ()));
        return;
    }
    let (room, offset) = (room.to_owned(), message.position.offset);
    let notify = move || {
        let claimed = tag.clone();
        let show = move || {
            if !is_in_sight() {
                show(
                    &room,
                    &words,
                    &tag,
                    Box::new(move || list.go_to_message(offset)),
                );
            }
        };
        claim(&claimed, Box::new(show));
    };
    after(NOTIFY_MILLISECONDS, Box::new(notify));
}

fn show(title: &str, words: &str, tag: &str, go: Box<dyn FnOnce()>) {
    let options = NotificationOptions::new();
    options.set_body(words);
    options.set_tag(tag);
    // Browsers without a right to do so here say so by an exception: nothing is lost.
    if let Ok(notification) = Notification::new_with_options(title, &options) {
        let shown = notification.clone();
        let click = move || {
            // It fails only where there is no window.
            let _ = window().focus();
            shown.close();
            go();
        };
        notification.set_onclick(Some(&once(Box::new(click))));
    }
}

/// Acts if no other tab has claimed this name in the last seconds. Where the browser has no locks, every tab acts,
/// and notifications of the same tag are one.
fn claim(name: &str, act: Box<dyn FnOnce()>) {
    let field = |object: &JsValue, name: &str| Reflect::get(object, &JsValue::from_str(name));
    let locks = field(&window().navigator(), "locks").unwrap_or_default();
    let request = field(&locks, "request").and_then(JsCast::dyn_into::<Function>);
    let Ok(request) = request else {
        act();
        return;
    };
    let options = Object::new();
    // Setting a field of a plain object cannot fail.
    let _ = Reflect::set(&options, &JsValue::from_str("ifAvailable"), &JsValue::TRUE);
    let granted = Closure::once_into_js(move |lock: JsValue| {
        if lock.is_null() {
            return JsValue::UNDEFINED;
        }
        act();
        let mut hold = |release: Function, _: Function| {
            // It fails only for arguments of other types.
            let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(
                &release,
                CLAIM_MILLISECONDS,
            );
        };
        Promise::new(&mut hold).into()
    });
    // It fails only in documents that may not have locks, which may not notify either.
    let _ = request.call3(&locks, &JsValue::from_str(name), &options.into(), &granted);
}

/// Returns what the person allows; none where the browser has no notifications, or none for pages without TLS.
fn permission() -> Option<NotificationPermission> {
    let has = Reflect::has(&window(), &JsValue::from_str("Notification")) == Ok(true);
    (has && window().is_secure_context()).then(Notification::permission)
}
