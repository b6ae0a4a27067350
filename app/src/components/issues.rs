//! What publishing changes and what it found, each a line with a link to the place.

use super::{Icon, IconName};
use crate::{links, text};
use leptos::prelude::*;
use model::publish::{Change, ChangeKind, EntityRef, Issue, Severity};

/// Detected issues: severity, explanation, link.
#[component]
pub fn IssueList(
    /// The issues.
    issues: Vec<Issue>,
) -> impl IntoView {
    view! {
        <ul class="issues">
            {issues.into_iter().map(issue).collect_view()}
        </ul>
    }
    .into_any()
}

fn issue(issue: Issue) -> AnyView {
    let (class, icon, word) = match issue.severity {
        Severity::Warning => (
            "issues__item issues__item--warning",
            IconName::Warning,
            "Warning: ",
        ),
        Severity::Error => (
            "issues__item issues__item--error",
            IconName::Error,
            "Error: ",
        ),
    };
    view! {
        <li class=class>
            <Icon name=icon />
            <span>
                <span class="visually-hidden">{word}</span>
                {explanation(issue.message, issue.entity)}
            </span>
        </li>
    }
    .into_any()
}

/// The message, in which the entity's name is the link to it.
fn explanation(message: String, entity: Option<EntityRef>) -> AnyView {
    let Some(entity) = entity else {
        return message.into_any();
    };
    let quoted = format!("“{}”", entity.name);
    match message.split_once(&quoted) {
        Some((before, after)) => {
            let (before, after) = (before.to_owned(), after.to_owned());
            view! {
                {before}
                <EntityLink entity=entity />
                {after}
            }
            .into_any()
        }
        None => view! {
            <EntityLink entity=entity />
            ": "
            {message}
        }
        .into_any(),
    }
}

/// Changes since a publication, in words.
#[component]
pub fn ChangeList(
    /// The changes.
    changes: Vec<Change>,
) -> impl IntoView {
    view! {
        <ul class="changes">
            {changes.into_iter().map(change).collect_view()}
        </ul>
    }
    .into_any()
}

fn change(change: Change) -> AnyView {
    let verb = text::change_verb(&change);
    let fields = text::change_fields(&change);
    let mark = match change.kind {
        ChangeKind::Added => "+",
        ChangeKind::Changed => "~",
        ChangeKind::Removed => "−",
    };
    let name = if change.kind == ChangeKind::Removed {
        view! { <strong>{change.entity.name}</strong> }.into_any()
    } else {
        view! { <EntityLink entity=change.entity /> }.into_any()
    };
    view! {
        <li class="changes__item">
            <span class="changes__mark" aria-hidden="true">
                {mark}
            </span>
            <span>
                {verb} " " {name}
                {(!fields.is_empty())
                    .then(|| view! { <span class="changes__fields">": " {fields}</span> })}
            </span>
        </li>
    }
    .into_any()
}

#[component]
fn EntityLink(entity: EntityRef) -> impl IntoView {
    let href = links::entity(&entity);
    view! { <a href=href>{entity.name}</a> }.into_any()
}
