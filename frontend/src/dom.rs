//! The browser in few words: what components and connections need of it, each thing once, because
//! every generic way to do it again is paid for by everybody who loads the page.

use std::time::Duration;

use js_sys::{Function, JsString};
use leptos::leptos_dom::helpers::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventTarget, HtmlElement, KeyboardEvent, Storage};

/// Code of a key press that an input method has taken (UI Events, section 7.3.1).
const INPUT_METHOD_KEY: u32 = 229;

/// What the browser calls.
pub type Listener = Closure<dyn FnMut(Event)>;

/// A listener that lives as long as it is held.
pub fn listener(act: Box<dyn FnMut(Event)>) -> Listener {
    Closure::wrap(act)
}

/// Listens for as long as the page is there.
pub fn listen(target: &EventTarget, kind: &str, act: Box<dyn FnMut(Event)>) {
    let listener = listener(act);
    // It fails only for arguments of other types.
    let _ = target.add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref());
    listener.forget();
}

/// Keeps the keys of an input method from every handler of keys. While it composes, Enter chooses a word, and
/// arrows move among its candidates.
///
/// Most browsers mark these presses as composing. Safari ends a composition before it reports the key that
/// ended it, and marks that key by the code 229.
pub fn guard_input_methods() {
    let guard = listener(Box::new(|event: Event| {
        let key: &KeyboardEvent = event.unchecked_ref();
        if key.is_composing() || key.key_code() == INPUT_METHOD_KEY {
            event.stop_immediate_propagation();
        }
    }));
    // It comes before all others: at the window, on the way down. It fails only for arguments of other types.
    let _ = window().add_event_listener_with_callback_and_bool(
        "keydown",
        guard.as_ref().unchecked_ref(),
        true,
    );
    guard.forget();
}

/// Returns `true` for Ctrl or Cmd with this letter.
pub fn is_command(event: &KeyboardEvent, letter: &str) -> bool {
    (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case(letter)
}

/// Acts before the browser opens its own search of the page.
pub fn on_find(act: Box<dyn Fn()>) {
    let press = move |event: Event| {
        let event: &KeyboardEvent = event.unchecked_ref();
        if is_command(event, "f") || is_command(event, "g") || event.key() == "F3" {
            act();
        }
    };
    listen(&window(), "keydown", Box::new(press));
}

/// What the browser calls once, and which is gone after that.
pub fn once(act: Box<dyn FnOnce()>) -> Function {
    Closure::once_into_js(act).unchecked_into()
}

/// Acts once, in so many milliseconds.
pub fn after(milliseconds: i32, act: Box<dyn FnOnce()>) -> i32 {
    let act = once(act);
    // It fails only for arguments of other types.
    window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(&act, milliseconds)
        .unwrap_or(0)
}

/// Acts again and again, each time after so many milliseconds.
pub fn every(milliseconds: i32, act: Box<dyn FnMut()>) {
    let act = Closure::<dyn FnMut()>::wrap(act);
    let function = act.as_ref().unchecked_ref();
    // It fails only for arguments of other types.
    let _ = window().set_interval_with_callback_and_timeout_and_arguments_0(function, milliseconds);
    act.forget();
}

/// A new element of a kind that exists, with a class and a text, at the end of another one.
pub fn append(parent: &Element, kind: &str, class: &str, text: &str) -> HtmlElement {
    let element = element(kind);
    if !class.is_empty() {
        element.set_class_name(class);
    }
    if !text.is_empty() {
        element.set_text_content(Some(text));
    }
    // It fails only where an element would be put into itself.
    let _ = parent.append_child(&element);
    element
}

/// A new element.
pub fn element(kind: &str) -> HtmlElement {
    let element = document().create_element(kind);
    element
        .unwrap_or_else(|_| unreachable!("all kinds that are asked for are valid names"))
        .unchecked_into()
}

/// Sets an attribute whose name is valid.
pub fn set(element: &Element, name: &str, value: &str) {
    // It fails only for invalid names.
    let _ = element.set_attribute(name, value);
}

/// What the browser keeps for this site; none where a person does not allow it.
pub fn local_storage() -> Option<Storage> {
    window().local_storage().ok()?
}

/// What the browser keeps for this tab.
pub fn session_storage() -> Option<Storage> {
    window().session_storage().ok()?
}

/// A text as part of a URL.
pub fn url_part(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// A text in small letters, composed (Unicode NFC).
pub fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().normalize("NFC").into()
}

#[wasm_bindgen]
extern "C" {
    /// The browser's knowledge of where characters end.
    #[wasm_bindgen(js_namespace = Intl)]
    type Segmenter;

    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new() -> Result<Segmenter, JsValue>;

    #[wasm_bindgen(method)]
    fn segment(this: &Segmenter, text: &str) -> Segments;

    type Segments;

    #[wasm_bindgen(method, js_name = containing)]
    fn containing_first(this: &Segments) -> Option<Segment>;

    type Segment;

    #[wasm_bindgen(method, getter)]
    fn segment(this: &Segment) -> String;
}

/// Returns the first character of a text as people see it (UAX #29, extended grapheme cluster): a flag, a family,
/// a letter with its accents. Browsers without `Intl.Segmenter` give the first code point.
pub fn first_character(text: &str) -> String {
    let first = Segmenter::new()
        .ok()
        .and_then(|segmenter| segmenter.segment(text).containing_first());
    first.map_or_else(|| text.chars().take(1).collect(), |first| first.segment())
}

/// The time, in milliseconds since 1970.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since 1970 are whole, positive, and far below 2^53"
)]
pub fn now_milliseconds() -> u64 {
    js_sys::Date::now() as u64
}

/// The time since 1970.
pub fn now() -> Duration {
    Duration::from_millis(now_milliseconds())
}

/// A wait as the browser's timers take it.
pub fn milliseconds(wait: Duration) -> i32 {
    i32::try_from(wait.as_millis()).unwrap_or(i32::MAX)
}

/// `true` if the page came over TLS.
pub fn is_secure() -> bool {
    window().location().protocol().as_deref() == Ok("https:")
}

/// Whether somebody may be looking at the page.
pub fn is_in_sight() -> bool {
    !document().hidden()
}
