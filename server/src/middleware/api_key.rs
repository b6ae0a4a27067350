//! The REST API takes API keys and nothing else (S22): no cookie, so no cross-site request.

use super::rate_limit;
use crate::{http::ApiError, state::AppState};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use broker::access::Actor;
use model::problem::Code;

/// Finds out whose key it is, and lets the handler have the [`Actor`].
pub async fn require(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    match authenticate(&state, request.headers()).await {
        Ok(actor) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(error) => {
            let unauthenticated = error.problem().code == Code::Unauthenticated;
            let mut response = error.into_response();
            if unauthenticated {
                // RFC 6750 §3
                let challenge = HeaderValue::from_static("Bearer realm=\"Tokenry\"");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Actor, ApiError> {
    let refused = |detail| ApiError::new(Code::Unauthenticated, detail);
    let Some(key) = bearer(headers) else {
        return Err(refused("Send an API key: `Authorization: Bearer tky_…`."));
    };
    let actor = state
        .broker
        .authenticate_key(key)
        .await
        .map_err(ApiError::of)?
        .ok_or_else(|| refused("This API key is not valid, has expired or was deleted."))?;
    if let Actor::ApiKey(key) = &actor {
        rate_limit::check(&state.limits.api, &key.id)?;
    }
    Ok(actor)
}

/// The key, if there is exactly one `Authorization` and it is a bearer token.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_token_and_nothing_else() {
        let key = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(key(&["Bearer tky_x"]).as_deref(), Some("tky_x"));
        assert_eq!(key(&["bearer  tky_x"]).as_deref(), Some("tky_x"));
        assert_eq!(key(&["Basic tky_x"]), None);
        assert_eq!(key(&["tky_x"]), None);
        assert_eq!(key(&["Bearer a", "Bearer b"]), None);
        assert_eq!(key(&[]), None);
    }
}
