//! The icons of the interface, drawn on a 20 × 20 grid with a 1.5 stroke.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    /// Done, well.
    Check,
    /// Attention.
    Warning,
    /// Failed.
    Error,
    /// A hint.
    Info,
    /// Take away, close.
    Close,
    /// Add one.
    Plus,
    /// Look for.
    Search,
    /// Copy to the clipboard.
    Copy,
    /// Leads out of the application.
    External,
    /// Opens something below.
    ChevronDown,
    /// Leads on.
    ChevronRight,
    /// Waiting.
    Clock,
    /// Not there, not begun.
    Circle,
    /// Navigation menu.
    Menu,
    /// The overview.
    Pulse,
    /// Authorizations.
    Key,
    /// Connectors.
    Plug,
    /// Publications.
    Rocket,
    /// API keys.
    Terminal,
    /// Settings.
    Sliders,
    /// Notifications.
    Bell,
    /// A person.
    User,
    /// No connection.
    Offline,
}

impl IconName {
    const fn path(self) -> &'static str {
        match self {
            Self::Check => "m4.5 10.5 3.5 3.5 7.5-8",
            Self::Warning => "M10 3.2 2.6 16.3h14.8zM10 8.2v3.6m0 2.2v.1",
            Self::Error => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 6.3v4.4m0 2.6v.1",
            Self::Info => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 9.3v4.4m0-7v-.1",
            Self::Close => "m5 5 10 10M15 5 5 15",
            Self::Plus => "M10 4v12M4 10h12",
            Self::Search => "M8.8 3.5a5.3 5.3 0 1 0 0 10.6 5.3 5.3 0 0 0 0-10.6zm3.8 9.1 4 4",
            Self::Copy => "M7.5 7.5h8v9h-8zM12.5 7.5v-4h-8v9h3",
            Self::External => "M8 4.5H4.5v11h11V12M11.5 3.5h5v5m0-5-7.5 7.5",
            Self::ChevronDown => "m5.5 8 4.5 4.5L14.5 8",
            Self::ChevronRight => "m8 5.5 4.5 4.5L8 14.5",
            Self::Clock => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 6v4.2l2.8 1.8",
            Self::Circle => "M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z",
            Self::Menu => "M3.5 6h13m-13 4h13m-13 4h13",
            Self::Pulse => "M2.5 10.500h3.500l2.500-6 3.500 11 2.500-5h3",
            Self::Key => {
                "M7 9.2a3.9 3.9 0 1 0 0 7.8 3.9 3.9 0 0 0 0-7.8zm2.8 1.1 6.7-6.8m-3 3 2.2 2.2"
            }
            Self::Plug => "M7 3v4m6-4v4M4.8 7h10.4v2.5a5.2 5.2 0 0 1-10.4 0zM10 14.7V17.5",
            Self::Rocket => "M10 13V3.5m0 0L6 7.5m4-4 4 4M3.5 13v3.5h13V13",
            Self::Terminal => "m4 6 4 4-4 4m6.5 1H16",
            Self::Sliders => "M3.5 6.5h6m4 0h3m-13 7h3m4 0h6M11.5 4.5v4m-3 3v4",
            Self::Bell => {
                "M5.500 8.500a4.500 4.500 0 0 1 9 0c0 4 1.500 5 1.500 5H4s1.500-1 1.500-5zM8.300 16.200a2 2 0 0 0 3.400 0"
            }
            Self::User => {
                "M10 3.5a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4zM3.8 16.8c.6-3 3-4.6 6.2-4.6s5.6 1.6 6.2 4.6"
            }
            Self::Offline => {
                "m3 3 14 14M2.5 8a11 11 0 0 1 3.3-2m3.2-.9a11 11 0 0 1 8.5 2.9M5.5 11a7 7 0 0 1 2.5-1.5m4.5.4a7 7 0 0 1 2 1.1M10 15.5v.1"
            }
        }
    }
}

/// A decorative icon; the words beside it say the same.
#[component]
pub fn Icon(
    /// Which one.
    name: IconName,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=name.path()></path>
        </svg>
    }
    .into_any()
}
