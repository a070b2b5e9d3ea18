//! A number that is too long for its row, whole.

use leptos::html;
use leptos::prelude::*;

use super::live_text::{live_text, words};

/// Shows the digits that `opened_number` holds, until they are closed.
#[component]
pub fn NumberDialog(opened_number: RwSignal<String>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let (Some(dialog), true) = (
            dialog.get(),
            opened_number.with(|digits| !digits.is_empty()),
        ) {
            // It fails only where the dialog is open already.
            let _ = dialog.show_modal();
        }
    });
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let title = words(move || {
        let digits = opened_number.with(String::len);
        format!("A prime of {digits} digits")
    });
    let digits = words(move || opened_number.get());
    let copy = move |_| {
        // Where copying is not allowed, the digits can still be selected.
        let _ = opened_number
            .with_untracked(|digits| window().navigator().clipboard().write_text(digits));
    };
    view! {
        <dialog
            node_ref=dialog
            class="number-dialog"
            aria-labelledby="number-title"
            on:close=move |_| opened_number.set(String::new())
        >
            <h2 id="number-title">{live_text(title)}</h2>
            <p class="digits" tabindex="0" translate="no">{live_text(digits)}</p>
            <div class="actions">
                <button type="button" class="button" on:click=copy>"Copy"</button>
                <button type="button" class="button button-primary" on:click=close>"Close"</button>
            </div>
        </dialog>
    }
}
