//! Long lists: a page at first, more on request, and all that is shown read again when something
//! happened.

use super::{Button, use_toasts};
use crate::api::UiError;
use leptos::{prelude::*, task::spawn_local};
use model::authorization::Page;

/// The most rows that can be asked for at once.
const LARGEST: usize = 200;

/// The rows that are shown, and where the next page begins.
pub struct Listing<T: 'static> {
    /// The rows.
    pub rows: RwSignal<Vec<T>>,
    /// The cursor of the next page; none after the last one.
    next: RwSignal<Option<String>>,
}

impl<T> Clone for Listing<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Listing<T> {}

impl<T: Clone + Send + Sync + 'static> Listing<T> {
    /// Nothing is shown yet.
    pub fn empty() -> Self {
        Self {
            rows: RwSignal::new(Vec::new()),
            next: RwSignal::new(None),
        }
    }

    /// Begins with a page.
    pub fn of(page: Page<T>) -> Self {
        Self {
            rows: RwSignal::new(page.items),
            next: RwSignal::new(page.next),
        }
    }

    /// Shows these instead.
    pub fn show(self, page: Page<T>) {
        self.next.set(page.next);
        self.rows.set(page.items);
    }

    /// Nothing is shown.
    pub fn is_empty(self) -> bool {
        self.rows.read().is_empty()
    }

    /// There are more rows than are shown.
    pub fn has_more(self) -> bool {
        self.next.read().is_some()
    }

    /// Reads as many rows as are shown again, in place; at least `page`. What cannot be read stays
    /// as it is; the next change tries again.
    ///
    /// `id` tells rows apart; `read` takes the number of rows.
    pub fn read_again<I, F>(self, page: u32, id: fn(&T) -> I, read: impl FnOnce(u32) -> F)
    where
        I: PartialEq + 'static,
        F: Future<Output = Result<Page<T>, UiError>> + 'static,
    {
        let shown = self.rows.with_untracked(Vec::len);
        let wanted = u32::try_from(shown.min(LARGEST)).unwrap_or(page).max(page);
        let reading = read(wanted);
        spawn_local(async move {
            let Ok(page) = reading.await else {
                return;
            };
            // The list may be gone, or more may have been loaded meanwhile.
            if self.rows.try_with_untracked(Vec::len) != Some(shown) {
                return;
            }
            let beyond = beyond(&page, self.rows.get_untracked(), id);
            if beyond.is_empty() {
                self.show(page);
            } else {
                self.rows.set([page.items, beyond].concat());
            }
        });
    }
}

/// What was loaded beyond the largest page: it stays, and goes on from where it ended.
fn beyond<T, I: PartialEq>(page: &Page<T>, mut old: Vec<T>, id: fn(&T) -> I) -> Vec<T> {
    let again = |row: &T| page.items.iter().any(|other| id(other) == id(row));
    let last = page.items.last().filter(|_| page.next.is_some());
    let end = last.and_then(|last| old.iter().position(|row| id(row) == id(last)));
    match end {
        Some(end) if old.len() > LARGEST => {
            let mut beyond = old.split_off(end + 1);
            beyond.retain(|row| !again(row));
            beyond
        }
        _ => Vec::new(),
    }
}

/// Loads the next page below.
#[component]
pub fn LoadMore<T, L, F>(
    /// What it goes below.
    listing: Listing<T>,
    /// Reads the page of a cursor.
    load: L,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    L: Fn(String) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<Page<T>, UiError>> + 'static,
{
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            while let Some(from) = listing.next.try_get_untracked().flatten() {
                let loaded = load(from.clone()).await;
                // Read again meanwhile, the list may end elsewhere now; or it is gone.
                if listing.next.try_get_untracked() != Some(Some(from)) {
                    continue;
                }
                match loaded {
                    Ok(page) => {
                        listing.next.set(page.next);
                        listing.rows.update(|rows| rows.extend(page.items));
                    }
                    Err(error) => toasts.error("More could not be loaded", &error),
                }
                break;
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <Show when=move || listing.has_more()>
            <div class="list-more">
                <Button busy=busy on_press=press>
                    "Load more"
                </Button>
            </div>
        </Show>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, Page, beyond};

    fn page(items: impl Iterator<Item = usize>, next: Option<&str>) -> Page<usize> {
        Page {
            items: items.collect(),
            next: next.map(str::to_owned),
        }
    }

    fn ids(page: &Page<usize>, shown: usize) -> Vec<usize> {
        beyond(page, (0..shown).collect(), |row| *row)
    }

    #[test]
    fn rows_beyond_the_largest_page_stay_unless_they_moved_into_it() {
        let shown = LARGEST + 3;
        let same = page(0..LARGEST, Some("more"));
        assert_eq!(ids(&same, shown), [LARGEST, LARGEST + 1, LARGEST + 2]);
        let one_came = page((1_000..=1_000).chain(0..LARGEST - 1), Some("more"));
        assert_eq!(ids(&one_came, shown).first(), Some(&(LARGEST - 1)));
        let one_moved = page((LARGEST..=LARGEST).chain(0..LARGEST - 1), Some("more"));
        assert_eq!(
            ids(&one_moved, shown),
            [LARGEST - 1, LARGEST + 1, LARGEST + 2]
        );
    }

    #[test]
    fn rows_that_one_page_holds_are_shown_as_read() {
        assert_eq!(ids(&page(0..50, Some("more")), 60), [0; 0]);
        // Most of them are gone.
        assert_eq!(ids(&page(0..50, None), LARGEST + 3), [0; 0]);
    }
}
