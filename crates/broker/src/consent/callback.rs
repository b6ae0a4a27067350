//! Reading the callback's query (RFC 6749 §4.1.2, S9).

use super::ConsentError;
use secrecy::SecretString;

/// Longest query that is looked at, in bytes.
const QUERY_MAX: usize = 16 * 1024;

/// `state` of the link for administrators. Nothing is looked up by it, so it need not be a secret.
pub(super) const ADMIN_STATE: &str = "admin-consent";

/// Who comes back.
pub(super) enum Return {
    /// Somebody who was sent to consent, as one flow.
    Person(Callback),
    /// An administrator who followed the link to consent for everybody. No flow of ours is behind
    /// it and nothing of it is proven: it is told, and changes nothing.
    Administrator {
        /// The address says that they agreed.
        agreed: bool,
    },
}

/// What the provider sent back.
pub(super) struct Callback {
    pub state: String,
    pub issuer: Option<String>,
    pub answer: Answer,
}

/// The provider's answer.
pub(super) enum Answer {
    Code(SecretString),
    Error {
        code: String,
        description: Option<String>,
    },
    /// Neither: how the legacy Azure DevOps dialect says that the person declined.
    Nothing,
}

impl Return {
    /// Parses a raw query; every parameter that we know may be there once.
    pub(super) fn parse(query: &str) -> Result<Self, ConsentError> {
        if query.len() > QUERY_MAX {
            return Err(ConsentError::Malformed("it is too long"));
        }
        let mut state = None;
        let mut code = None;
        let mut error = None;
        let mut description = None;
        let mut issuer = None;
        let mut admin = None;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                "error_description" => &mut description,
                "iss" => &mut issuer,
                "admin_consent" => &mut admin,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(ConsentError::Malformed("a parameter is there twice"));
            }
        }
        let code = code.filter(|code| !code.is_empty());
        if code.is_none() && (admin.is_some() || state.as_deref() == Some(ADMIN_STATE)) {
            let agreed = admin.is_some_and(|admin| admin.eq_ignore_ascii_case("true"));
            return Ok(Self::Administrator {
                agreed: agreed && error.is_none(),
            });
        }
        let state = state
            .filter(|state| !state.is_empty())
            .ok_or(ConsentError::Malformed("the state is missing"))?;
        let answer = match (code, error) {
            (Some(_), Some(_)) => {
                return Err(ConsentError::Malformed("it holds both a code and an error"));
            }
            (Some(code), None) => Answer::Code(code.into()),
            (None, Some(code)) => Answer::Error { code, description },
            (None, None) => Answer::Nothing,
        };
        Ok(Self::Person(Callback {
            state,
            issuer,
            answer,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Return};
    use proptest::prelude::*;

    // S9
    #[test]
    fn duplicates_and_contradictions_are_refused() {
        for bad in [
            "",
            "code=c",
            "state=&code=c",
            "state=s&state=s&code=c",
            "state=s&code=a&code=b",
            "state=s&code=c&error=access_denied",
            "state=s&error=a&error=b",
            "state=s&code=c&iss=a&iss=b",
            "admin_consent=True&admin_consent=True",
        ] {
            assert!(Return::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_three_answers() {
        let answer = |query| match Return::parse(query).unwrap() {
            Return::Person(callback) => callback.answer,
            Return::Administrator { .. } => panic!("{query} is of a flow"),
        };
        assert!(matches!(
            answer("state=s&code=c&session_state=x"),
            Answer::Code(_)
        ));
        assert!(matches!(
            answer("state=s&error=InvalidScope"),
            Answer::Error { .. }
        ));
        assert!(matches!(answer("state=s"), Answer::Nothing));
        // With a code it is a flow's, whatever else it says.
        assert!(matches!(
            answer("state=s&code=c&admin_consent=True"),
            Answer::Code(_)
        ));
    }

    #[test]
    fn an_administrator_comes_back() {
        let agreed = |query| match Return::parse(query).unwrap() {
            Return::Person(_) => panic!("{query} is of no flow"),
            Return::Administrator { agreed } => agreed,
        };
        assert!(agreed("admin_consent=True&tenant=t&state=admin-consent"));
        assert!(agreed("admin_consent=true&tenant=t"));
        assert!(!agreed("admin_consent=False&state=admin-consent"));
        assert!(!agreed(
            "admin_consent=True&error=access_denied&state=admin-consent"
        ));
        assert!(!agreed("error=permission_denied&state=admin-consent"));
    }

    proptest! {
        #[test]
        fn no_query_panics(query in ".{0,200}") {
            let _ = Return::parse(&query);
        }
    }
}
