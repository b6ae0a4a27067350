//! The rows of a list that is read again while it is looked at.

use leptos::prelude::*;
use std::hash::Hash;

/// A view for each row. It is changed in place, so that what has the focus keeps it.
#[component]
pub fn Rows<T, I, C, V>(
    /// The rows.
    #[prop(into)]
    of: Signal<Vec<T>>,
    /// What tells them apart.
    id: fn(&T) -> I,
    /// What shows one.
    children: C,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    I: Eq + Hash + 'static,
    C: Fn(Memo<T>) -> V + Clone + Send + 'static,
    V: IntoView + 'static,
{
    let row = move |first: T| {
        let row = Memo::new(move |before: Option<&T>| {
            let same = |row: &&T| id(row) == id(&first);
            of.with(|rows| rows.iter().find(same).cloned())
                // It is about to go.
                .or_else(|| before.cloned())
                .unwrap_or_else(|| first.clone())
        });
        children(row)
    };
    view! { <For each=move || of.get() key=id children=row /> }
}
