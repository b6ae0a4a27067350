//! Asks before something is done that cannot simply be undone.

use super::{Button, ButtonKind, Dialog};
use leptos::prelude::*;

/// A question with two answers. The text says what will happen; `confirm` is the verb.
#[component]
pub fn ConfirmDialog(
    /// Its id; unique on the page.
    #[prop(into)]
    id: String,
    /// Open or not.
    #[prop(into)]
    open: Signal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// The verb of the button that does it.
    #[prop(into)]
    confirm: Signal<String>,
    /// It takes something away.
    #[prop(optional)]
    danger: bool,
    /// It is being done.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Do it.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// Leave it.
    #[prop(into)]
    on_close: Callback<()>,
    /// What will happen.
    children: ChildrenFn,
) -> impl IntoView {
    let kind = if danger {
        ButtonKind::Danger
    } else {
        ButtonKind::Primary
    };
    let children = StoredValue::new(children);
    let text_id = StoredValue::new(format!("{id}-text"));
    view! {
        <Dialog id=id open=open title=title alert=true on_close=on_close>
            <div class="dialog__text" id=text_id.get_value()>
                {children.read_value()()}
            </div>
            <div class="dialog__actions">
                <Button on_press=on_close>"Cancel"</Button>
                <Button kind=kind busy=busy on_press=on_confirm>
                    {confirm}
                </Button>
            </div>
        </Dialog>
    }
    .into_any()
}
