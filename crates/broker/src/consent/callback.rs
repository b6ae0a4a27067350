//! Reading the callback's query (RFC 6749 §4.1.2, S9).

use super::ConsentError;
use secrecy::SecretString;

/// Longest query that is looked at, in bytes.
const QUERY_MAX: usize = 16 * 1024;

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

impl Callback {
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
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                "error_description" => &mut description,
                "iss" => &mut issuer,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(ConsentError::Malformed("a parameter is there twice"));
            }
        }
        let state = state
            .filter(|state| !state.is_empty())
            .ok_or(ConsentError::Malformed("the state is missing"))?;
        let code = code.filter(|code| !code.is_empty());
        let answer = match (code, error) {
            (Some(_), Some(_)) => {
                return Err(ConsentError::Malformed("it holds both a code and an error"));
            }
            (Some(code), None) => Answer::Code(code.into()),
            (None, Some(code)) => Answer::Error { code, description },
            (None, None) => Answer::Nothing,
        };
        Ok(Self {
            state,
            issuer,
            answer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Callback};
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
        ] {
            assert!(Callback::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_three_answers() {
        let answer = |query| Callback::parse(query).unwrap().answer;
        assert!(matches!(
            answer("state=s&code=c&session_state=x"),
            Answer::Code(_)
        ));
        assert!(matches!(
            answer("state=s&error=InvalidScope"),
            Answer::Error { .. }
        ));
        assert!(matches!(answer("state=s"), Answer::Nothing));
    }

    proptest! {
        #[test]
        fn no_query_panics(query in ".{0,200}") {
            let _ = Callback::parse(&query);
        }
    }
}
