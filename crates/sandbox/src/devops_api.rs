//! A small Azure DevOps REST API: enough to see whether a token works, for whom, and for what.
//!
//! Every handler calls [`authorize_call`] with the scope it needs, and nothing else decides about access.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    Sandbox,
    accounts::Account,
    ledger::s256,
    params::Params,
    scopes,
    state::State as Memory,
    work_items::{Operation, PROJECTS, PatchError, WorkItem, project, timestamp},
};

pub(crate) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/_apis/profile/profiles/me", get(profile))
        .route("/{organization}/_apis/connectionData", get(connection_data))
        .route("/{organization}/_apis/projects", get(projects))
        .route(
            "/{organization}/{project}/_apis/wit/workitems/{id}",
            get(work_item).patch(patch_work_item).post(create_work_item),
        )
}

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum ApiError {
    #[error(
        "TF400813: Resource not available for anonymous access. Client authentication required."
    )]
    Anonymous,
    /// Unknown, expired or revoked, or the account is disabled: the client cannot tell.
    #[error(
        "VS30063: You are not authorized to access this resource: the access token is invalid or expired."
    )]
    InvalidToken,
    /// The organization's policy forbids third-party applications.
    #[error("TF400813: The user '{0}' is not authorized to access this resource.")]
    Policy(String),
    #[error(
        "TF400813: The user '{user}' is not authorized to access this resource. The token lacks the scope '{scope}'."
    )]
    Scope { user: String, scope: &'static str },
    #[error(
        "TF200016: The following project does not exist: {0}. Verify that the name of the project is correct and that the project exists on the specified Azure DevOps Server."
    )]
    NoProject(String),
    #[error("TF401232: Work item {0} does not exist, or you do not have permissions to read it.")]
    NoWorkItem(String),
    #[error(
        "No api-version was supplied for the \"{0}\" request. The version must be supplied either as part of the Accept header (e.g. \"application/json; api-version=1.0\") or as a query parameter (e.g. \"?api-version=1.0\")."
    )]
    NoApiVersion(&'static str),
    #[error(
        "The request indicated a Content-Type of \"{0}\" for method type \"{1}\" which is not supported. Valid content types for this method are: application/json-patch+json."
    )]
    ContentType(String, &'static str),
    #[error("You must pass a valid patch document in the body of the request.")]
    NoPatchDocument,
    #[error(transparent)]
    Patch(#[from] PatchError),
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Anonymous | Self::InvalidToken | Self::Policy(_) => StatusCode::UNAUTHORIZED,
            Self::Scope { .. } => StatusCode::FORBIDDEN,
            Self::NoProject(_) | Self::NoWorkItem(_) => StatusCode::NOT_FOUND,
            Self::ContentType(..) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Patch(PatchError::Stale) => StatusCode::PRECONDITION_FAILED,
            Self::NoApiVersion(_) | Self::NoPatchDocument | Self::Patch(_) => {
                StatusCode::BAD_REQUEST
            }
        }
    }

    /// The name of the exception on the real server.
    fn type_key(&self) -> &'static str {
        match self {
            Self::Anonymous | Self::InvalidToken | Self::Policy(_) | Self::Scope { .. } => {
                "UnauthorizedRequestException"
            }
            Self::NoProject(_) => "ProjectDoesNotExistWithNameException",
            Self::NoWorkItem(_) => "WorkItemUnauthorizedAccessException",
            Self::NoApiVersion(_) => "VssVersionNotSpecifiedException",
            Self::ContentType(..) => "VssRequestContentTypeNotSupportedException",
            Self::NoPatchDocument
            | Self::Patch(PatchError::Empty | PatchError::Unsupported(..)) => {
                "VssPropertyValidationException"
            }
            Self::Patch(PatchError::Stale) => "WorkItemRevisionMismatchException",
            Self::Patch(PatchError::NoTitle) => "RuleValidationException",
        }
    }

    fn respond(&self, base: &str) -> Response {
        let key = self.type_key();
        let body = json!({
            "$id": "1",
            "innerException": null,
            "message": self.to_string(),
            "typeName": format!("Microsoft.TeamFoundation.Framework.Server.{key}, Microsoft.TeamFoundation.Framework.Server"),
            "typeKey": key,
            "errorCode": 0,
            "eventId": 3000,
        });
        let mut response = (self.status(), Json(body)).into_response();
        if self.status() == StatusCode::UNAUTHORIZED
            && let Ok(challenge) =
                HeaderValue::try_from(format!("Bearer authorization_uri={base}/common"))
        {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The account the call is made for. Policy and scope are checked when the token itself is good.
fn authorize_call(
    state: &Memory,
    headers: &HeaderMap,
    needed: &'static str,
    now: DateTime<Utc>,
) -> Result<Account, ApiError> {
    let (account, covers) = authorize_token(state, headers, needed, now)?;
    if !covers {
        return Err(ApiError::Scope {
            user: account.oid.to_owned(),
            scope: needed,
        });
    }
    Ok(account)
}

/// The account of a good token that the organization lets in, and whether its scopes cover `needed`.
fn authorize_token(
    state: &Memory,
    headers: &HeaderMap,
    needed: &str,
    now: DateTime<Utc>,
) -> Result<(Account, bool), ApiError> {
    let token = bearer(headers).ok_or(ApiError::Anonymous)?;
    let (access, grant) = state
        .tokens
        .access(token, now)
        .ok_or(ApiError::InvalidToken)?;
    if !state.secret_still_valid(grant, access.minted_with) {
        return Err(ApiError::InvalidToken);
    }
    let account = state
        .account(grant.account)
        .filter(|account| account.active)
        .ok_or(ApiError::InvalidToken)?;
    if !state.behaviour.organization_policy {
        return Err(ApiError::Policy(account.oid.to_owned()));
    }
    let covers = scopes::covers(access.scopes.iter().map(String::as_str), needed);
    Ok((account.clone(), covers))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// Runs a handler's body under the lock and words its error.
fn respond(
    sandbox: &Sandbox,
    act: impl FnOnce(&mut Memory, DateTime<Utc>) -> Result<Value, ApiError>,
) -> Response {
    let now = sandbox.now();
    let mut state = sandbox.state();
    match act(&mut state, now) {
        Ok(body) => Json(body).into_response(),
        Err(error) => error.respond(state.config.base()),
    }
}

async fn profile(State(sandbox): State<Sandbox>, headers: HeaderMap) -> Response {
    respond(&sandbox, |state, now| {
        let account = authorize_call(state, &headers, "vso.profile", now)?;
        Ok(json!({
            "displayName": account.display_name,
            "publicAlias": account.oid,
            "emailAddress": account.email,
            "coreRevision": 1,
            "timeStamp": timestamp(now),
            "id": account.oid,
            "revision": 1,
        }))
    })
}

/// Who the token stands for in this organization: open to every token, whatever its scopes.
async fn connection_data(
    State(sandbox): State<Sandbox>,
    Path(_organization): Path<String>,
    headers: HeaderMap,
) -> Response {
    respond(&sandbox, |state, now| {
        let (account, _) = authorize_token(state, &headers, "", now)?;
        let user = json!({
            "id": account.oid,
            "descriptor": format!("Microsoft.IdentityModel.Claims.ClaimsIdentity;{}\\{}", account.tid, account.email),
            "providerDisplayName": account.display_name,
            "isActive": true,
        });
        Ok(json!({
            "authenticatedUser": user,
            "authorizedUser": user,
            "deploymentType": "hosted",
        }))
    })
}

async fn projects(
    State(sandbox): State<Sandbox>,
    Path(organization): Path<String>,
    headers: HeaderMap,
) -> Response {
    respond(&sandbox, |state, now| {
        authorize_call(state, &headers, "vso.project", now)?;
        let base = format!("{}/{organization}", state.config.base());
        let value: Vec<Value> = PROJECTS
            .iter()
            .map(|(name, id, description)| {
                json!({
                    "id": id,
                    "name": name,
                    "description": description,
                    "url": format!("{base}/_apis/projects/{id}"),
                    "state": "wellFormed",
                    "revision": 11,
                    "visibility": "private",
                    "lastUpdateTime": "2026-01-05T09:00:00Z",
                })
            })
            .collect();
        Ok(json!({"count": value.len(), "value": value}))
    })
}

/// `{organization}/{project}/…/{id}`
type WorkItemPath = Path<(String, String, String)>;

async fn work_item(
    State(sandbox): State<Sandbox>,
    Path((organization, in_project, id)): WorkItemPath,
    headers: HeaderMap,
) -> Response {
    respond(&sandbox, |state, now| {
        authorize_call(state, &headers, "vso.work", now)?;
        let in_project = find_project(&in_project)?;
        let item = id
            .parse()
            .ok()
            .and_then(|number| state.work_items.get(in_project, number));
        Ok(shown(
            state,
            &organization,
            item.ok_or(ApiError::NoWorkItem(id))?,
        ))
    })
}

async fn patch_work_item(
    State(sandbox): State<Sandbox>,
    Path((organization, in_project, id)): WorkItemPath,
    query: Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&sandbox, |state, now| {
        let account = authorize_call(state, &headers, "vso.work_write", now)?;
        let operations = patch_document("PATCH", &query, &headers, &body)?;
        let in_project = find_project(&in_project)?;
        let number = id.parse().unwrap_or_default();
        let patched = state
            .work_items
            .patch(in_project, number, &operations, &account, now);
        let item = patched.ok_or(ApiError::NoWorkItem(id))??.clone();
        Ok(shown(state, &organization, &item))
    })
}

/// Creates one: the last segment is `$` and the type, as in `/_apis/wit/workitems/$Task`.
async fn create_work_item(
    State(sandbox): State<Sandbox>,
    Path((organization, in_project, kind)): WorkItemPath,
    query: Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&sandbox, |state, now| {
        let account = authorize_call(state, &headers, "vso.work_write", now)?;
        let operations = patch_document("POST", &query, &headers, &body)?;
        let in_project = find_project(&in_project)?;
        let kind = kind
            .strip_prefix('$')
            .ok_or_else(|| ApiError::NoWorkItem(kind.clone()))?;
        let item = state
            .work_items
            .create(in_project, kind, &operations, &account, now)?
            .clone();
        Ok(shown(state, &organization, &item))
    })
}

fn find_project(name: &str) -> Result<&'static str, ApiError> {
    project(name).ok_or_else(|| ApiError::NoProject(name.to_owned()))
}

fn shown(state: &Memory, organization: &str, item: &WorkItem) -> Value {
    item.to_json(&format!("{}/{organization}", state.config.base()))
}

/// Writes need a version, and their body must say that it is a patch.
fn patch_document(
    method: &'static str,
    query: &[(String, String)],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Vec<Operation>, ApiError> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .unwrap_or_default()
    };
    let in_query = query
        .iter()
        .any(|(name, value)| name == "api-version" && !value.is_empty());
    if !in_query && !text(header::ACCEPT).contains("api-version=") {
        return Err(ApiError::NoApiVersion(method));
    }
    let content_type = text(header::CONTENT_TYPE);
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json-patch+json") {
        return Err(ApiError::ContentType(content_type.to_owned(), method));
    }
    serde_json::from_slice(body).map_err(|_| ApiError::NoPatchDocument)
}

/// `/oidc/userinfo` (OpenID Connect Core §5.3): the claims the token's scopes give.
pub(crate) async fn user_info(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = sandbox.now();
    let state = sandbox.state();
    // RFC 6750 §2.2: a form may carry the token.
    let form = Params::from_form(&headers, &body).unwrap_or_default();
    let token = bearer(&headers).or_else(|| form.get("access_token"));
    let found = token.and_then(|token| state.tokens.access(token, now));
    let account = found
        .and_then(|(_, grant)| state.account(grant.account))
        .filter(|account| account.active);
    let (Some((access, grant)), Some(account)) = (found, account) else {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    };
    if !access.scopes.contains("openid") {
        let challenge = [(
            header::WWW_AUTHENTICATE,
            "Bearer error=\"insufficient_scope\", scope=\"openid\"",
        )];
        return (StatusCode::FORBIDDEN, challenge).into_response();
    }
    let mut claims = json!({"sub": s256(&format!("{} {}", grant.client_id, account.oid))});
    if access.scopes.contains("profile") {
        claims["name"] = account.display_name.into();
        claims["preferred_username"] = account.email.into();
    }
    if access.scopes.contains("email") {
        claims["email"] = account.email.into();
    }
    Json(claims).into_response()
}
