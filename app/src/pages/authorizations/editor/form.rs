//! The values of the form, and what can be said of them without a browser.
//!
//! [`Form`] is what the reactive store holds: the editable part of an `AuthorizationInput`. Field
//! paths are those of the server's field errors (`name`, `settings.client_id`, `scopes`), so that
//! an error finds its field and its tab whoever found it.

use chrono::NaiveDate;
use model::{
    ConnectorId,
    authorization::{Authorization, AuthorizationInput},
    provider::{FieldKind, ProviderInfo},
    settings::Settings,
};
use reactive_stores::Store;

/// Path of the date a client secret stops working.
pub const SECRET_EXPIRY: &str = "client_secret_expires_on";
/// The secret that has an expiry date.
pub const CLIENT_SECRET: &str = "client_secret";

/// What a person edits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store)]
pub struct Form {
    /// Name of the authorization.
    pub name: String,
    /// Values of the provider's fields; a secret is there only while it is being replaced.
    pub settings: Settings,
    /// Last day of the client secret.
    pub secret_expires_on: Option<NaiveDate>,
    /// Connectors that use it, in the order they were added.
    pub connectors: Vec<ConnectorId>,
    /// Scopes chosen.
    pub scopes: Vec<String>,
}

impl From<AuthorizationInput> for Form {
    fn from(input: AuthorizationInput) -> Self {
        Self {
            name: input.name,
            settings: input.settings,
            secret_expires_on: input.client_secret_expires_on,
            connectors: input.connectors,
            scopes: input.scopes,
        }
    }
}

impl From<&Authorization> for Form {
    fn from(stored: &Authorization) -> Self {
        Self {
            name: stored.name.clone(),
            settings: stored.settings.clone(),
            secret_expires_on: stored
                .secrets
                .get(CLIENT_SECRET)
                .and_then(|secret| secret.expires_on),
            connectors: stored.connectors.clone(),
            scopes: stored.scopes.clone(),
        }
    }
}

impl Form {
    /// What the server takes.
    pub fn to_input(&self, provider: &str) -> AuthorizationInput {
        AuthorizationInput {
            name: self.name.clone(),
            provider: provider.to_owned(),
            settings: self.settings.clone(),
            client_secret_expires_on: self.secret_expires_on,
            connectors: self.connectors.clone(),
            scopes: self.scopes.clone(),
        }
    }

    /// Nothing was entered beyond what a new authorization starts with: leaving it loses nothing.
    pub fn is_blank(&self, provider: &ProviderInfo) -> bool {
        self.name.trim().is_empty()
            && self.connectors.is_empty()
            && self.scopes.is_empty()
            && provider
                .fields
                .iter()
                .all(|field| self.settings.get(&field.key) == field.default.as_deref())
    }

    /// Whether a field holds the same in both.
    pub fn agrees_on(&self, other: &Self, field: &str) -> bool {
        match field {
            "name" => self.name.trim() == other.name.trim(),
            "connectors" => same_members(&self.connectors, &other.connectors),
            "scopes" => same_members(&self.scopes, &other.scopes),
            SECRET_EXPIRY => self.secret_expires_on == other.secret_expires_on,
            _ => {
                let key = setting_key(field).unwrap_or(field);
                self.settings.get(key) == other.settings.get(key)
            }
        }
    }

    /// Takes one field over from the other.
    pub fn take_over(&mut self, other: &Self, field: &str) {
        match field {
            "name" => self.name.clone_from(&other.name),
            "connectors" => self.connectors.clone_from(&other.connectors),
            "scopes" => self.scopes.clone_from(&other.scopes),
            SECRET_EXPIRY => self.secret_expires_on = other.secret_expires_on,
            _ => {
                let key = setting_key(field).unwrap_or(field);
                self.settings
                    .set(key, other.settings.get(key).unwrap_or_default());
            }
        }
    }
}

fn same_members<T: Ord + Clone>(one: &[T], other: &[T]) -> bool {
    let sorted = |list: &[T]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    sorted(one) == sorted(other)
}

/// The key in `settings` that a field path names.
pub fn setting_key(field: &str) -> Option<&str> {
    field.strip_prefix("settings.")
}

/// The three tabs of the editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tab {
    /// Name and client registration.
    #[default]
    Settings,
    /// What uses it.
    Connectors,
    /// What it may do.
    Scopes,
}

impl Tab {
    /// All of them, in the order shown.
    pub const ALL: [Self; 3] = [Self::Settings, Self::Connectors, Self::Scopes];

    /// The last part of its URL.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Connectors => "connectors",
            Self::Scopes => "scopes",
        }
    }

    /// Its label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Settings => "Settings",
            Self::Connectors => "Connectors",
            Self::Scopes => "Scopes",
        }
    }

    /// The tab a URL names; the first one when it names none.
    pub fn from_slug(slug: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|tab| tab.slug() == slug)
            .unwrap_or_default()
    }

    /// The tab that a field is on.
    pub fn of(field: &str) -> Self {
        match field.split(['.', '[']).next() {
            Some("connectors") => Self::Connectors,
            Some("scopes") => Self::Scopes,
            _ => Self::Settings,
        }
    }
}

/// The `id` of the element that a field path names.
pub fn element_id(field: &str) -> String {
    format!("field-{}", field.replace(['.', '[', ']'], "-"))
}

/// A field of which two versions of the form hold different values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path.
    pub field: String,
    /// Its label.
    pub label: String,
}

/// The fields of which two versions differ. Secrets are left out: nobody can compare them.
pub fn differences(provider: &ProviderInfo, mine: &Form, theirs: &Form) -> Vec<Difference> {
    let fixed = |field: &str, label: &str| Difference {
        field: field.to_owned(),
        label: label.to_owned(),
    };
    let settings = provider
        .fields
        .iter()
        .filter(|field| field.kind != FieldKind::Secret)
        .map(|field| fixed(&format!("settings.{}", field.key), &field.label));
    [fixed("name", "Name")]
        .into_iter()
        .chain(settings)
        .chain([
            fixed(SECRET_EXPIRY, "Client secret expires on"),
            fixed("connectors", "Connectors"),
            fixed("scopes", "Scopes"),
        ])
        .filter(|difference| !mine.agrees_on(theirs, &difference.field))
        .collect()
}

/// Whose value of a differing field is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one in this browser.
    Mine,
    /// The one somebody else saved.
    Theirs,
}

/// What to propose for a field: theirs where only they changed it, mine otherwise.
pub fn proposed(field: &str, origin: Option<&Form>, mine: &Form) -> Side {
    match origin {
        Some(origin) if origin.agrees_on(mine, field) => Side::Theirs,
        _ => Side::Mine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::provider::SettingsField;

    fn field(key: &str, kind: FieldKind, default: Option<&str>) -> SettingsField {
        SettingsField {
            key: key.to_owned(),
            label: key.to_uppercase(),
            kind,
            required: true,
            help: None,
            placeholder: None,
            default: default.map(str::to_owned),
            choices: Vec::new(),
        }
    }

    fn provider() -> ProviderInfo {
        ProviderInfo {
            id: "example".to_owned(),
            name: "Example".to_owned(),
            description: String::new(),
            icon: String::new(),
            deprecation: None,
            docs_url: None,
            sign_in_host: None,
            redirect_uri: String::new(),
            fields: vec![
                field("client_id", FieldKind::Text, None),
                field("client_secret", FieldKind::Secret, None),
                field("tenant", FieldKind::Text, Some("organizations")),
            ],
            scopes: Vec::new(),
            automatic_scopes: Vec::new(),
            optional_scopes: Vec::new(),
            resource_prefix: String::new(),
            setup_steps: Vec::new(),
        }
    }

    fn form() -> Form {
        Form {
            name: "Boards".to_owned(),
            settings: [("client_id", "abc"), ("tenant", "organizations")]
                .into_iter()
                .collect(),
            scopes: vec!["work".to_owned(), "wiki".to_owned()],
            ..Form::default()
        }
    }

    #[test]
    fn defaults_alone_are_nothing_to_lose() {
        let mut form = Form {
            settings: [("tenant", "organizations")].into_iter().collect(),
            ..Form::default()
        };
        assert!(form.is_blank(&provider()));
        form.settings.set("tenant", "contoso");
        assert!(!form.is_blank(&provider()));
    }

    #[test]
    fn order_of_scopes_is_no_difference() {
        let mut theirs = form();
        theirs.scopes.reverse();
        assert!(differences(&provider(), &form(), &theirs).is_empty());
    }

    #[test]
    fn differences_name_every_field_but_secrets() {
        let mut theirs = form();
        theirs.name = "Boards of Contoso".to_owned();
        theirs.settings.set("client_id", "def");
        theirs.settings.set("client_secret", "typed");
        theirs.scopes.push("code".to_owned());
        let fields: Vec<_> = differences(&provider(), &form(), &theirs)
            .into_iter()
            .map(|difference| difference.field)
            .collect();
        assert_eq!(fields, ["name", "settings.client_id", "scopes"]);
    }

    #[test]
    fn taking_over_every_difference_leaves_none() {
        let mut mine = form();
        let mut theirs = form();
        theirs.name = "Other".to_owned();
        theirs.settings.set("tenant", "");
        theirs.secret_expires_on = NaiveDate::from_ymd_opt(2027, 1, 1);
        theirs.scopes.clear();
        for difference in differences(&provider(), &mine, &theirs) {
            mine.take_over(&theirs, &difference.field);
        }
        assert_eq!(mine, theirs);
    }

    #[test]
    fn a_merge_proposes_what_only_they_changed() {
        let origin = form();
        let mut mine = form();
        mine.name = "Mine".to_owned();
        assert_eq!(proposed("name", Some(&origin), &mine), Side::Mine);
        assert_eq!(proposed("scopes", Some(&origin), &mine), Side::Theirs);
        assert_eq!(proposed("scopes", None, &mine), Side::Mine);
    }

    #[test]
    fn errors_find_their_tab_and_element() {
        assert_eq!(Tab::of("settings.client_id"), Tab::Settings);
        assert_eq!(Tab::of("scopes[2]"), Tab::Scopes);
        assert_eq!(Tab::from_slug("nonsense"), Tab::Settings);
        assert_eq!(element_id("settings.client_id"), "field-settings-client_id");
    }
}
