//! Files that are pasted or dropped, which a room does not take yet.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Event};

use super::draft::Draft;
use crate::dom::listen;

/// Says what is possible instead when files are dropped anywhere on the page: the browser would show them in
/// its place.
pub fn refuse_dropped_files(draft: Draft) {
    listen(
        &window(),
        "dragover",
        Box::new(|event| {
            files_of(&event);
        }),
    );
    let dropped = move |event: Event| {
        if let Some(advice) = files_of(&event) {
            draft.hint.set(advice.to_owned());
        }
    };
    listen(&window(), "drop", Box::new(dropped));
}

/// Says what is possible instead when nothing but files is pasted.
pub fn refuse_pasted_files(draft: Draft, event: &ClipboardEvent) {
    let transfer = event.clipboard_data();
    if let Some(advice) = transfer.as_ref().and_then(advice) {
        event.prevent_default();
        draft.hint.set(advice.to_owned());
    }
}

/// What is to be said of the files that are dragged over the page, which are kept from it here.
fn files_of(event: &Event) -> Option<&'static str> {
    let event = event.dyn_ref::<DragEvent>()?;
    let advice = advice(&event.data_transfer()?)?;
    event.prevent_default();
    Some(advice)
}

/// Office programs offer a picture of the text that is copied: with text beside them files do not count.
fn advice(transfer: &DataTransfer) -> Option<&'static str> {
    let has = |kind: &str| transfer.types().includes(&kind.into(), 0);
    if !has("Files") || has("text/plain") {
        return None;
    }
    let first = transfer.files().and_then(|files| files.get(0));
    let is_picture = first.is_some_and(|file| file.type_().starts_with("image/"));
    Some(if is_picture {
        "Pictures cannot be sent yet. Paste a link."
    } else {
        "Files cannot be sent yet. Paste a link."
    })
}
