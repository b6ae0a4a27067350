//! Requests to the token and revocation endpoints.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use oauth2::{
    AccessToken, AuthorizationCode, PkceCodeVerifier, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse as _,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    CodeExchange, Revocation, TokenKind, TokenResponse,
    adapter::Adapter,
    wire::{self, LenientToken},
};
use crate::{
    answer::{self, Answer},
    catalogue::{ClientAuthentication, ClientRegistration, Dialect},
    error::{ErrorClass, TokenError},
    http::HttpClient,
};

impl ClientRegistration {
    /// Exchanges the code of a callback (RFC 6749 §4.1.3).
    pub async fn exchange_code<'a>(
        &'a self,
        http: &'a dyn HttpClient,
        exchange: &'a CodeExchange<'_>,
        now: DateTime<Utc>,
    ) -> Result<TokenResponse, TokenError> {
        let (secret, response) = self
            .with_each_secret(|secret| {
                Box::pin(async move {
                    let client = wire::client(self, secret);
                    let code = AuthorizationCode::new(exchange.code.expose_secret().to_owned());
                    let mut request = client.exchange_code(code);
                    if self.provider.uses_pkce() {
                        let verifier = exchange.pkce_verifier.expose_secret().to_owned();
                        request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier));
                    }
                    let adapter = self.token_adapter(http, now);
                    let token = request.request_async(&adapter).await;
                    self.token_response(token, &adapter)
                })
            })
            .await?;
        Ok(TokenResponse {
            client_secret: secret,
            ..response
        })
    }

    /// Exchanges a refresh token (RFC 6749 §6). `scopes` are the chosen ones; they are repeated
    /// where the provider wants that.
    ///
    /// Sends one request, or one per client secret while the provider refuses the *client*.
    pub async fn refresh<'a>(
        &'a self,
        http: &'a dyn HttpClient,
        refresh_token: &'a SecretString,
        scopes: &'a [String],
        now: DateTime<Utc>,
    ) -> Result<TokenResponse, TokenError> {
        let (secret, response) = self
            .with_each_secret(|secret| {
                Box::pin(async move {
                    let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
                    let client = wire::client(self, secret);
                    let mut request = client.exchange_refresh_token(&token);
                    if self.provider.definition.tokens.refresh_repeats_scope {
                        let scopes = self.wire_scopes(scopes).into_iter().map(Scope::new);
                        request = request.add_scopes(scopes);
                    }
                    let adapter = self.token_adapter(http, now);
                    let token = request.request_async(&adapter).await;
                    self.token_response(token, &adapter)
                })
            })
            .await?;
        Ok(TokenResponse {
            client_secret: secret,
            ..response
        })
    }

    /// Revokes a token at the provider, where it offers that (RFC 7009, S16).
    pub async fn revoke<'a>(
        &'a self,
        http: &'a dyn HttpClient,
        token: &'a SecretString,
        kind: TokenKind,
        now: DateTime<Utc>,
    ) -> Result<Revocation, TokenError> {
        let Some(endpoint) = &self.endpoints.revocation else {
            return Ok(Revocation::NotOffered);
        };
        let (_, outcome) = self
            .with_each_secret(|secret| {
                Box::pin(async move {
                    let token = token.expose_secret().to_owned();
                    let token = match kind {
                        TokenKind::RefreshToken => {
                            StandardRevocableToken::RefreshToken(RefreshToken::new(token))
                        }
                        TokenKind::AccessToken => {
                            StandardRevocableToken::AccessToken(AccessToken::new(token))
                        }
                    };
                    let adapter = self.adapter(http, now, endpoint, answer::check_revocation);
                    let client = wire::client(self, secret);
                    let request = client.revoke_token(token).map_err(|error| {
                        let error = error.to_string();
                        TokenError::new(ErrorClass::Configuration, "request_malformed")
                            .describing(error)
                    })?;
                    request
                        .request_async(&adapter)
                        .await
                        .map_err(from_request_error)?;
                    Ok(Revocation::Revoked)
                })
            })
            .await?;
        Ok(outcome)
    }

    /// Tries the secrets in order for as long as the provider refuses the client, and tells which
    /// one it took. A refused client spends neither code nor refresh token: it is checked first (RFC
    /// 6749 §4.1.3, §6).
    ///
    /// Boxed rather than `AsyncFn`: callers spawn these futures, and the compiler can't tell yet
    /// that an async closure's future is `Send` for every lifetime.
    async fn with_each_secret<'a, T>(
        &'a self,
        attempt: impl Fn(Option<&'a SecretString>) -> BoxFuture<'a, Result<T, TokenError>> + Send + Sync,
    ) -> Result<(Option<usize>, T), TokenError> {
        if self.authentication == ClientAuthentication::None {
            return Ok((None, attempt(None).await?));
        }
        let mut refused = TokenError::new(ErrorClass::InvalidClient, "invalid_client")
            .describing("no client secret is set");
        for (index, secret) in self.client_secrets.iter().enumerate() {
            match attempt(Some(secret)).await {
                Err(error) if error.class == ErrorClass::InvalidClient => refused = error,
                other => return Ok((Some(index), other?)),
            }
        }
        Err(refused)
    }

    fn token_adapter<'a>(&'a self, http: &'a dyn HttpClient, now: DateTime<Utc>) -> Adapter<'a> {
        self.adapter(http, now, &self.endpoints.token, answer::check_token)
    }

    fn adapter<'a>(
        &'a self,
        http: &'a dyn HttpClient,
        now: DateTime<Utc>,
        endpoint: &'a Url,
        check: fn(&Answer<'_>) -> Result<(), TokenError>,
    ) -> Adapter<'a> {
        Adapter {
            registration: self,
            http,
            now,
            endpoint,
            check,
            server_date: OnceLock::new(),
        }
    }

    fn token_response<E>(
        &self,
        token: Result<LenientToken, RequestTokenError<TokenError, E>>,
        adapter: &Adapter<'_>,
    ) -> Result<TokenResponse, TokenError>
    where
        E: oauth2::ErrorResponse + 'static,
    {
        let token = token.map_err(from_request_error)?;
        Ok(TokenResponse {
            access_token: token.access_token().secret().as_str().into(),
            token_type: match self.provider.dialect() {
                // It says `jwt-bearer`, and its API wants `Authorization: Bearer` all the same.
                Dialect::AzureDevOpsLegacy => "Bearer".to_owned(),
                Dialect::AuthorizationCode | Dialect::EntraV2 => token.token_type_text().to_owned(),
            },
            expires_in: token.expires_in().or_else(|| self.default_lifetime()),
            refresh_token: token.refresh_token().map(|t| t.secret().as_str().into()),
            scopes: token.scopes().map(|scopes| {
                let plain = scopes.iter().map(|scope| self.provider.plain_scope(scope));
                plain.map(str::to_owned).collect()
            }),
            id_token: token.id_token().map(SecretString::from),
            server_date: adapter.server_date.get().copied(),
            // Known to `with_each_secret` alone.
            client_secret: None,
        })
    }
}

/// The adapter hands on successes only, so anything but its own error means that the body of a
/// success could not be read. The crate's error holds that body and is dropped here.
fn from_request_error<E: oauth2::ErrorResponse + 'static>(
    error: RequestTokenError<TokenError, E>,
) -> TokenError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(_)
        | RequestTokenError::Parse(..)
        | RequestTokenError::Other(_) => answer::unreadable(),
    }
}
