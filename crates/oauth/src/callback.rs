//! Checks on the callback that need no request.

/// The callback comes from another issuer than the one the flow began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerMismatch {
    /// The provider announced that it sends `iss`, and did not.
    #[error("the callback lacks the issuer that the provider announces")]
    Missing,
    /// `iss` is there and is another.
    #[error("the callback names another issuer than the one it was asked from")]
    Different,
}

/// `iss` of an authorization response (RFC 9207 §2.4, S6).
///
/// `expected` is the issuer stored with the flow, `advertised` whether its metadata announce
/// `authorization_response_iss_parameter_supported`. Compared byte for byte. An `iss` that nothing
/// is known to compare with is ignored: it protects a client that configured an issuer.
pub fn check_issuer(
    expected: Option<&str>,
    advertised: bool,
    got: Option<&str>,
) -> Result<(), IssuerMismatch> {
    match (expected, got) {
        (Some(expected), Some(got)) if expected != got => Err(IssuerMismatch::Different),
        (_, None) if advertised => Err(IssuerMismatch::Missing),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s6_issuer_of_the_callback() {
        let issuer = Some("https://a.example");
        let other = Some("https://b.example");
        let slash = Some("https://a.example/");
        assert_eq!(check_issuer(issuer, true, issuer), Ok(()));
        assert_eq!(check_issuer(issuer, false, None), Ok(()));
        assert_eq!(check_issuer(None, false, other), Ok(()));
        assert_eq!(
            check_issuer(issuer, true, None),
            Err(IssuerMismatch::Missing)
        );
        for got in [other, slash] {
            for advertised in [true, false] {
                let refused = Err(IssuerMismatch::Different);
                assert_eq!(check_issuer(issuer, advertised, got), refused);
            }
        }
    }
}
