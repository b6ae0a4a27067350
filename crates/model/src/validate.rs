//! Checks that the browser makes while somebody types and the server makes again.

use crate::{
    api_key::ApiKeyInput,
    authorization::AuthorizationInput,
    connector::{AdvancedRestApi, ConnectorConfig, ConnectorInput},
    notification::{ChannelInput, ChannelKind},
    problem::FieldError,
    provider::{FieldKind, ProviderInfo, SettingsField},
    scopes,
};
use url::Url;
use uuid::Uuid;

/// Longest name of anything, in characters.
pub const NAME_MAX: usize = 100;
/// Longest settings value, in bytes.
pub const VALUE_MAX: usize = 4096;
/// Shortest password, in characters (OWASP ASVS 5.0 §6.2.1 asks for 8 at least, 15 recommended).
pub const PASSWORD_MIN: usize = 12;
/// Longest password, in bytes, so that hashing cannot be used to exhaust the server.
pub const PASSWORD_MAX: usize = 1024;

/// Checks a whole authorization.
///
/// `has_secret` tells whether a value for a secret field is already stored.
pub fn authorization(
    provider: &ProviderInfo,
    input: &AuthorizationInput,
    has_secret: impl Fn(&str) -> bool,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    errors.extend(name(&input.name).err());
    for field in &provider.fields {
        let stored = field.kind == FieldKind::Secret && has_secret(&field.key);
        if let Err(message) = setting(field, input.settings.get(&field.key), stored) {
            errors.push(FieldError::new(format!("settings.{}", field.key), message));
        }
    }
    for key in input.settings.0.keys() {
        if provider.field(key).is_none() {
            errors.push(FieldError::new(
                format!("settings.{key}"),
                format!("{} has no setting called {key}.", provider.name),
            ));
        }
    }
    for scope in &input.scopes {
        if let Err(error) = scopes::check(scope) {
            errors.push(FieldError::new("scopes", error.to_string()));
        }
    }
    errors
}

/// Checks one settings value. The message names what to do.
pub fn setting(field: &SettingsField, value: Option<&str>, stored: bool) -> Result<(), String> {
    let label = &field.label;
    let Some(value) = value else {
        return if field.required && !stored {
            Err(format!("Fill in {label}."))
        } else {
            Ok(())
        };
    };
    if value.len() > VALUE_MAX {
        return Err(format!("{label} is longer than {VALUE_MAX} bytes."));
    }
    if value.chars().any(char::is_control) {
        return Err(format!(
            "{label} holds a line break or control character; copy it again without."
        ));
    }
    match field.kind {
        FieldKind::Text | FieldKind::Secret => Ok(()),
        FieldKind::Guid => value.parse::<Uuid>().map(drop).map_err(|_| {
            format!("{label} looks like 1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b; copy it again.")
        }),
        FieldKind::Url => absolute_url(label, value).map(drop),
        FieldKind::Bool => match value {
            "true" | "false" => Ok(()),
            _ => Err(format!("{label} is either true or false.")),
        },
        FieldKind::Choice => {
            if field.choices.iter().any(|choice| choice.value == value) {
                Ok(())
            } else {
                let all: Vec<_> = field.choices.iter().map(|c| c.value.as_str()).collect();
                Err(format!("{label} is one of {}.", all.join(", ")))
            }
        }
        FieldKind::KeyValues => {
            if value
                .trim_start_matches('?')
                .split('&')
                .all(|pair| pair.split_once('=').is_some_and(|(key, _)| !key.is_empty()))
            {
                Ok(())
            } else {
                Err(format!("Write {label} as name=value, joined by &."))
            }
        }
    }
}

/// Checks the name of anything.
pub fn name(name: &str) -> Result<(), FieldError> {
    let name = name.trim();
    let problem = if name.is_empty() {
        "Give it a name."
    } else if name.chars().count() > NAME_MAX {
        "Use at most 100 characters."
    } else if name.chars().any(char::is_control) {
        "Leave out line breaks and control characters."
    } else {
        return Ok(());
    };
    Err(FieldError::new("name", problem))
}

/// Checks a connector.
pub fn connector(input: &ConnectorInput) -> Vec<FieldError> {
    let mut errors = Vec::new();
    errors.extend(name(&input.name).err());
    let ConnectorConfig::AdvancedRestApi(AdvancedRestApi {
        base_url,
        timeout_seconds,
    }) = &input.config;
    match absolute_url("Base URL", base_url) {
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            errors.push(FieldError::new(
                "config.base_url",
                "Leave the query (?…) and fragment (#…) out of the base URL.",
            ));
        }
        Ok(_) => {}
        Err(message) => errors.push(FieldError::new("config.base_url", message)),
    }
    if !(1..=600).contains(timeout_seconds) {
        errors.push(FieldError::new(
            "config.timeout_seconds",
            "Choose a timeout of 1 to 600 seconds.",
        ));
    }
    errors
}

/// Checks an API key before it is made.
pub fn api_key(input: &ApiKeyInput) -> Vec<FieldError> {
    let mut errors = Vec::new();
    errors.extend(name(&input.name).err());
    if input.scopes.is_empty() {
        errors.push(FieldError::new(
            "scopes",
            "Choose at least one thing the key may be used for.",
        ));
    }
    errors
}

/// Checks a notification channel. Whether a webhook may be reached is the server's to say.
pub fn channel(input: &ChannelInput) -> Result<(), FieldError> {
    let target = input.target.trim();
    let checked = match input.kind {
        ChannelKind::Email => email(target).map_err(|error| error.message),
        ChannelKind::Webhook if target.len() > VALUE_MAX => {
            Err(format!("The address is longer than {VALUE_MAX} bytes."))
        }
        ChannelKind::Webhook => absolute_url("The address", target).map(drop),
    };
    checked.map_err(|message| FieldError::new("target", message))
}

/// Checks an e-mail address as far as a program can: something, an @, a host.
pub fn email(email: &str) -> Result<(), FieldError> {
    let plausible = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email
            .rsplit_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty());
    if plausible {
        Ok(())
    } else {
        Err(FieldError::new(
            "email",
            "Enter an e-mail address such as ada@example.com.",
        ))
    }
}

/// Checks a new password.
pub fn password(password: &str) -> Result<(), FieldError> {
    if password.chars().count() < PASSWORD_MIN {
        Err(FieldError::new(
            "password",
            format!("Use at least {PASSWORD_MIN} characters; several words are easy to remember."),
        ))
    } else if password.len() > PASSWORD_MAX {
        Err(FieldError::new(
            "password",
            format!("Use at most {PASSWORD_MAX} bytes."),
        ))
    } else {
        Ok(())
    }
}

/// An absolute http(s) URL without credentials. Whether it may be reached is the server's to say.
pub fn absolute_url(label: &str, value: &str) -> Result<Url, String> {
    let url = Url::parse(value.trim())
        .map_err(|_| format!("{label} must be a whole address such as https://example.com/."))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("{label} must start with https://."));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("Leave user name and password out of {label}."));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::{absolute_url, email, name, password};

    #[test]
    fn names() {
        assert!(name("Azure DevOps – work items").is_ok());
        for bad in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn urls() {
        assert!(absolute_url("URL", "https://dev.azure.com/contoso").is_ok());
        for bad in [
            "dev.azure.com",
            "javascript:alert(1)",
            "https://user:pw@example.com",
            "file:///etc/passwd",
        ] {
            assert!(absolute_url("URL", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_and_passwords() {
        assert!(email("ada@example.com").is_ok());
        assert!(email("ada").is_err());
        assert!(email("a da@example.com").is_err());
        assert!(password("correct horse").is_ok());
        assert!(password("short").is_err());
    }
}
