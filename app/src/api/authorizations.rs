//! Authorizations, as lists show them and act on them.

use super::UiError;
use leptos::server;
use model::{
    AuthorizationId,
    authorization::{AuthorizationFilter, AuthorizationRow, Page},
};
use server_fn::codec::Json;

#[cfg(feature = "ssr")]
use {
    crate::context::RequestContext,
    broker::access::Actor,
    model::authorization::{Authorization, GrantInfo},
};

/// One page of the list.
#[server(prefix = "/ui", endpoint = "authorizations/list", input = Json)]
pub async fn list(filter: AuthorizationFilter) -> Result<Page<AuthorizationRow>, UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .authorization_rows(&actor, &filter)
        .await
        .map_err(super::refuse)
}

/// Puts an authorization aside, or brings it back.
#[server(prefix = "/ui", endpoint = "authorizations/set-active", input = Json)]
pub async fn set_active(id: AuthorizationId, active: bool) -> Result<(), UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .set_active(&actor, id, active)
        .await
        .map(drop)
        .map_err(super::refuse)
}

/// Refreshes the stored consent now. Answers why there is no new token; `None` when there is one.
#[server(prefix = "/ui", endpoint = "authorizations/refresh", input = Json)]
pub async fn refresh(id: AuthorizationId) -> Result<Option<String>, UiError> {
    let (context, _, actor) = super::caller()?;
    refreshed(&context, &actor, id).await
}

/// Refreshes, and tells how that went: a provider's refusal is no failure of the request.
#[cfg(feature = "ssr")]
pub(super) async fn refreshed(
    context: &RequestContext,
    actor: &Actor,
    id: AuthorizationId,
) -> Result<Option<String>, UiError> {
    let broker = &context.broker;
    let before = broker.authorization(actor, id).await;
    let before = before
        .map_err(super::refuse)?
        .and_then(|authorization| authorization.grant);
    let after = broker.refresh(actor, id).await.map_err(super::refuse)?;
    Ok(why_not(before.as_ref(), &after))
}

/// Why there is no new token.
#[cfg(feature = "ssr")]
fn why_not(before: Option<&GrantInfo>, after: &Authorization) -> Option<String> {
    let told = |grant: &GrantInfo| (grant.refreshed_at, grant.last_error.clone());
    let (refreshed_before, said_before) = before.map(told).unwrap_or_default();
    let (refreshed_at, said) = after.grant.as_ref().map(told).unwrap_or_default();
    if refreshed_at != refreshed_before {
        return None;
    }
    let Some(said) = said.filter(|said| said_before.as_ref() != Some(said)) else {
        return Some(
            "The provider could not be asked just now: it asked for a pause, or another refresh is under way. Try again in a moment."
                .to_owned(),
        );
    };
    let reason = match after.state.reason_text() {
        "" => format!("the provider answered {}", said.code),
        reason => reason.to_owned(),
    };
    let next = match after.state.next_action() {
        "" => "Tokenry keeps trying.",
        next => next,
    };
    Some(format!("It brought no token: {reason}. {next}"))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::why_not;
    use chrono::{DateTime, TimeDelta, Utc};
    use model::{
        authorization::{Authorization, GrantInfo, ProviderErrorInfo},
        settings::Settings,
        status::{ReauthorizationReason, Status},
    };

    fn grant() -> GrantInfo {
        GrantInfo {
            account: None,
            authorized_at: DateTime::UNIX_EPOCH,
            asked_scopes: vec![],
            granted_scopes: vec![],
            missing_scopes: vec![],
            extra_scopes: vec![],
            expires_at: None,
            refreshed_at: None,
            refreshable: true,
            last_error: None,
            warning: None,
        }
    }

    fn refused(at: DateTime<Utc>) -> GrantInfo {
        GrantInfo {
            last_error: Some(ProviderErrorInfo {
                code: "invalid_grant".to_owned(),
                message: String::new(),
                correlation_id: None,
                at,
            }),
            ..grant()
        }
    }

    fn after(state: Status, grant: GrantInfo) -> Authorization {
        Authorization {
            id: uuid::Uuid::nil().into(),
            name: String::new(),
            provider: String::new(),
            active: true,
            status: state.label(),
            state,
            next_action: String::new(),
            settings: Settings::default(),
            secrets: std::collections::BTreeMap::default(),
            client_secrets: vec![],
            redirect_uri: String::new(),
            connectors: vec![],
            scopes: vec![],
            grant: Some(grant),
            published: false,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn only_a_new_token_counts_as_refreshed() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let lost = Status::ReauthorizationNeeded(ReauthorizationReason::AnswerLost);
        let dead = Status::ReauthorizationNeeded(ReauthorizationReason::Refused);
        let before = refused(DateTime::UNIX_EPOCH);
        let fresh = GrantInfo {
            refreshed_at: Some(now),
            ..grant()
        };
        assert_eq!(why_not(Some(&before), &after(Status::Healthy, fresh)), None);
        let no = why_not(Some(&before), &after(dead, refused(now))).unwrap();
        assert!(
            no.contains(dead.reason_text()) && no.contains(dead.next_action()),
            "{no}"
        );
        let early = why_not(Some(&grant()), &after(Status::Healthy, refused(now))).unwrap();
        assert!(early.contains("invalid_grant"), "{early}");
        // An error from before is not told as the answer to this one.
        let untold = why_not(Some(&before), &after(lost, before.clone())).unwrap();
        assert!(untold.contains("could not be asked"), "{untold}");
    }
}
