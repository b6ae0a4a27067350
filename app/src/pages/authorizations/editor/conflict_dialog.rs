//! Somebody else saved meanwhile: the choice between two versions, field by field.

use super::{
    actions::Actions,
    form::{Difference, Form, SECRET_EXPIRY, Side, differences, element_id, proposed, setting_key},
    state::{Asking, EditorState, Work},
};
use crate::components::{Button, ButtonKind, Dialog};
use leptos::prelude::*;
use model::authorization::Authorization;
use std::collections::BTreeMap;

/// The dialog; its content is made of the stored version it was opened with.
#[component]
pub fn ConflictDialog() -> impl IntoView {
    let state = EditorState::expect();
    let open = Signal::derive(move || matches!(&*state.asking.read(), Some(Asking::Conflict(_))));
    let stored = move || match state.asking.get_untracked() {
        Some(Asking::Conflict(stored)) => Some(*stored),
        _ => None,
    };
    view! {
        <Dialog
            id="conflict"
            open
            title="Somebody else saved meanwhile"
            on_close=move |()| state.asking.set(None)
        >
            {stored().map(|stored| view! { <Choice stored/> })}
        </Dialog>
    }
}

/// Whose value was chosen, by field.
type Choices = RwSignal<BTreeMap<String, Side>>;

#[component]
fn Choice(stored: Authorization) -> impl IntoView {
    let state = EditorState::expect();
    let actions = Actions::expect();
    let theirs = StoredValue::new(Form::from(&stored));
    let mine = StoredValue::new(state.form.get_untracked());
    let version = stored.version;
    let rows = theirs
        .with_value(|theirs| mine.with_value(|mine| differences(&state.provider(), mine, theirs)));
    let choices: Choices = RwSignal::new(state.origin.with_untracked(|origin| {
        mine.with_value(|mine| {
            let side = |row: &Difference| proposed(&row.field, origin.as_ref(), mine);
            rows.iter()
                .map(|row| (row.field.clone(), side(row)))
                .collect()
        })
    }));
    let all = move |side: Side| choices.with(|all| all.values().all(|one| *one == side));
    let save = move |()| {
        choices.with_untracked(|choices| {
            theirs.with_value(|theirs| merge(state, theirs, choices));
        });
        if state.submit() {
            actions.save_as(version);
        } else {
            state.asking.set(None);
        }
    };
    let verb = move || {
        if all(Side::Mine) {
            "Keep mine and save"
        } else {
            "Save this choice"
        }
    };
    let saving = Signal::derive(move || state.busy.get() == Some(Work::Saving));
    let discarding = Signal::derive(move || state.busy.get() == Some(Work::Discarding));
    let same = rows.is_empty();
    view! {
        <div class="dialog__text">
            <p>
                {if same {
                    "Both versions hold the same values. Saving stores yours over it."
                } else {
                    "Your edits started from an older version. Choose for every field whose value to save; nothing is lost until you do."
                }}
            </p>
            {rows
                .into_iter()
                .map(|row| view! { <Row row mine theirs choices/> })
                .collect_view()}
        </div>
        <div class="dialog__actions">
            <Button on_press=move |()| state.asking.set(None)>"Decide later"</Button>
            <Button busy=discarding on_press=move |()| actions.discard()>
                "Take theirs, discard mine"
            </Button>
            <Button kind=ButtonKind::Primary busy=saving on_press=save>
                {verb}
            </Button>
        </div>
    }
}

/// Takes over the fields of which theirs was chosen.
fn merge(state: EditorState, theirs: &Form, choices: &BTreeMap<String, Side>) {
    state.form.update(|form| {
        for (field, side) in choices {
            if *side == Side::Theirs {
                form.take_over(theirs, field);
            }
        }
    });
}

#[component]
fn Row(
    row: Difference,
    mine: StoredValue<Form>,
    theirs: StoredValue<Form>,
    choices: Choices,
) -> impl IntoView {
    let state = EditorState::expect();
    let Difference { field, label } = row;
    let option = |side: Side| {
        let form = if side == Side::Mine { mine } else { theirs };
        let value = form.with_value(|form| shown(state, form, &field));
        view! { <SideOption field=field.clone() side value choices/> }
    };
    view! {
        <fieldset class="conflict">
            <legend>{label}</legend>
            {option(Side::Mine)}
            {option(Side::Theirs)}
        </fieldset>
    }
}

#[component]
fn SideOption(field: String, side: Side, value: String, choices: Choices) -> impl IntoView {
    let (name, who) = match side {
        Side::Mine => ("mine", "Mine"),
        Side::Theirs => ("theirs", "Theirs"),
    };
    let group = format!("conflict-{}", element_id(&field));
    let id = format!("{group}-{name}");
    let key = field.clone();
    view! {
        <div class="conflict__option">
            <input
                type="radio"
                id=id.clone()
                name=group
                value=name
                prop:checked=move || choices.with(|choices| choices.get(&key) == Some(&side))
                on:change=move |_| {
                    choices.update(|choices| {
                        choices.insert(field.clone(), side);
                    });
                }
            />
            <label for=id>
                <strong>{who}</strong>
                <span class="conflict__value">{value}</span>
            </label>
        </div>
    }
}

/// A field's value in words.
fn shown(state: EditorState, form: &Form, field: &str) -> String {
    let text = match field {
        "name" => form.name.clone(),
        "scopes" => form.scopes.join(", "),
        "connectors" => state.connectors.with_untracked(|all| {
            let names: Vec<_> = form
                .connectors
                .iter()
                .map(|id| {
                    let connector = all.iter().find(|connector| connector.id == *id);
                    connector.map_or("a deleted connector", |connector| &connector.name)
                })
                .collect();
            names.join(", ")
        }),
        SECRET_EXPIRY => form
            .secret_expires_on
            .map(|day| day.to_string())
            .unwrap_or_default(),
        _ => setting_value(state, form, field),
    };
    if text.trim().is_empty() {
        "nothing".to_owned()
    } else {
        text
    }
}

/// A settings value, with the label instead of the value where the provider has one.
fn setting_value(state: EditorState, form: &Form, field: &str) -> String {
    let key = setting_key(field).unwrap_or(field);
    let value = form.settings.get(key).unwrap_or_default();
    let provider = state.provider();
    let choice = provider
        .field(key)
        .and_then(|field| field.choices.iter().find(|choice| choice.value == value));
    choice.map_or_else(|| value.to_owned(), |choice| choice.label.clone())
}
