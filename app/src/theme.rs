//! Light, dark, or as the system has it. The choice is a cookie, so that the server can put it
//! into the page and nothing flashes.

use serde::{Deserialize, Serialize};

/// Name of the cookie; readable by scripts, since it is no secret.
pub const COOKIE: &str = "tokenry_theme";
/// How long the browser remembers, in seconds: a year.
const REMEMBERED: u32 = 31_536_000;

/// The colours of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// As in the cookie and in `data-theme`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Auto => "Like the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The theme of that key; the system's for anything else.
    #[cfg(any(feature = "ssr", test))]
    pub fn from_key(key: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.key() == key)
            .unwrap_or_default()
    }

    /// Puts it on the page and into the cookie. In the browser only.
    pub fn apply(self) {
        use leptos::prelude::document;
        use wasm_bindgen::JsCast as _;

        let document = document();
        if let Some(root) = document.document_element() {
            // Fails only for an invalid attribute name.
            let _ = root.set_attribute("data-theme", self.key());
        }
        if let Some(document) = document.dyn_ref::<web_sys::HtmlDocument>() {
            let cookie = format!(
                "{COOKIE}={}; Path=/; SameSite=Lax; Max-Age={REMEMBERED}",
                self.key()
            );
            let _ = document.set_cookie(&cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Theme;

    #[test]
    fn cookies_from_elsewhere_mean_the_system() {
        assert_eq!(Theme::from_key("dark"), Theme::Dark);
        assert_eq!(Theme::from_key("\"><script>"), Theme::Auto);
    }
}
