//! A modal dialog: the browser's own, which keeps focus inside and closes on Escape.

use super::{IconButton, IconName};
use leptos::{html, prelude::*};

/// A modal dialog. Its content exists only while it is open, so a form in it starts afresh.
#[component]
pub fn Dialog(
    /// Its id; unique on the page.
    #[prop(into)]
    id: String,
    /// Open or not.
    #[prop(into)]
    open: Signal<bool>,
    /// The person closed it (Escape, the cross).
    #[prop(into)]
    on_close: Callback<()>,
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    /// It asks a question that must be answered. The text of its content, of id `{id}-text`, is
    /// read out with it.
    #[prop(optional)]
    alert: bool,
    /// Its content.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let title_id = StoredValue::new(format!("{id}-title"));
    let text_id = alert.then(|| format!("{id}-text"));
    Effect::new(move |_| {
        let open = open.get();
        if let Some(dialog) = node.get() {
            match (open, dialog.open()) {
                // Fails only for a dialog that is not in the document any more.
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    view! {
        <dialog
            node_ref=node
            id=id
            class="dialog"
            class:dialog--alert=alert
            role=alert.then_some("alertdialog")
            aria-labelledby=title_id.get_value()
            aria-describedby=text_id
            on:close=move |_| {
                if open.get_untracked() {
                    on_close.run(());
                }
            }
        >
            <Show when=move || open.get()>
                <div class="dialog__box">
                    <h2 class="dialog__title" id=title_id.get_value()>
                        {title}
                    </h2>
                    {children()}
                    <div class="dialog__close">
                        <IconButton
                            icon=IconName::Close
                            label="Close"
                            on_press=move |()| on_close.run(())
                        />
                    </div>
                </div>
            </Show>
        </dialog>
    }
    .into_any()
}
