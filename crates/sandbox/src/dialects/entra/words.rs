//! Every refusal in Entra's words: OAuth error, AADSTS code, text.
//! Codes: Microsoft Learn, "Microsoft Entra authentication and authorization error codes".

use crate::refusal::Refusal;

/// Entra's words for a refusal.
pub(super) struct Words {
    pub(super) error: &'static str,
    /// The number after `AADSTS`.
    pub(super) code: u32,
    pub(super) text: String,
}

/// Puts a refusal into Entra's words.
pub(super) fn describe(refusal: &Refusal) -> Words {
    let error = match refusal {
        Refusal::UnknownTenant(_) | Refusal::SingleTenantApp => "invalid_request",
        Refusal::UnknownClient => "unauthorized_client",
        Refusal::UnregisteredScope(_) | Refusal::UnknownResource(_) => "invalid_resource",
        Refusal::ScopeNotGranted(_) => "invalid_grant",
        other => other.oauth_error(),
    };
    Words {
        error,
        code: code(refusal),
        text: text(refusal),
    }
}

fn code(refusal: &Refusal) -> u32 {
    match refusal {
        Refusal::MissingParameter("scope") => 90_014,
        Refusal::Malformed(_) | Refusal::MissingParameter(_) | Refusal::UnexpectedParameter(_) => {
            900_144
        }
        Refusal::UnsupportedGrantType => 70_003,
        Refusal::UnknownTenant(_) => 90_002,
        Refusal::SingleTenantApp => 50_194,
        Refusal::UnknownClient => 700_016,
        Refusal::MissingSecret => 7_000_218,
        Refusal::WrongSecret => 7_000_215,
        Refusal::ExpiredSecret | Refusal::SecretRetired => 7_000_222,
        Refusal::UnknownCode | Refusal::UnknownRefreshToken | Refusal::OtherClient => 70_000,
        Refusal::CodeReused => 54_005,
        Refusal::CodeExpired => 70_008,
        Refusal::RedirectMismatch => 50_011,
        Refusal::MissingVerifier | Refusal::VerifierMismatch => 501_481,
        Refusal::RefreshTokenExpired => 700_082,
        Refusal::RefreshTokenReused | Refusal::GrantRevoked => 50_173,
        Refusal::ConsentRevoked | Refusal::ScopeNotGranted(_) => 65_001,
        Refusal::AccountDisabled => 50_057,
        Refusal::AccountLocked => 50_053,
        Refusal::UnknownScope(_) | Refusal::DefaultScopeMixed => 70_011,
        Refusal::UnregisteredScope(_) => 650_057,
        Refusal::UnknownResource(_) => 500_011,
    }
}

/// The real texts where people search for them; the sandbox's own words otherwise.
fn text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::MissingParameter("scope") => "The required field 'scope' is missing from the credential. Ensure that \
            you have all the necessary parameters for the login request."
            .to_owned(),
        Refusal::MissingParameter(name) => {
            format!("The request body must contain the following parameter: '{name}'.")
        }
        Refusal::UnknownTenant(tenant) => {
            format!("Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID.")
        }
        Refusal::SingleTenantApp => "The application is not configured as a multi-tenant application. Usage of the \
            /common endpoint is not supported for such apps. Use a tenant-specific endpoint or configure the \
            application to be multi-tenant."
            .to_owned(),
        Refusal::MissingSecret => {
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.".to_owned()
        }
        Refusal::WrongSecret => "Invalid client secret provided. Ensure the secret being sent in the request is the \
            client secret value, not the client secret ID."
            .to_owned(),
        Refusal::ExpiredSecret => {
            "The provided client secret keys are expired. Create new keys for your app.".to_owned()
        }
        Refusal::CodeReused => "OAuth2 Authorization code was already redeemed, please retry with a new valid code or \
            use an existing refresh token."
            .to_owned(),
        Refusal::MissingVerifier | Refusal::VerifierMismatch => {
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.".to_owned()
        }
        Refusal::RefreshTokenReused | Refusal::GrantRevoked => {
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.".to_owned()
        }
        Refusal::UnknownScope(scope) => format!(
            "The provided value for the input parameter 'scope' is not valid. The scope '{scope}' does not exist."
        ),
        Refusal::UnregisteredScope(scope) => format!(
            "Invalid resource. The client has requested access to '{scope}', which is not listed in the requested \
             permissions in the client's application registration."
        ),
        other => {
            let words = other.to_string();
            let mut letters = words.chars();
            let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
            format!("{first}{}.", letters.as_str())
        }
    }
}
