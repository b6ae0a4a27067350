//! `/authorizations`: the list, choosing a provider, and the editor.

pub mod editor;
mod list;
mod new;

pub use list::List;
pub use new::New;
