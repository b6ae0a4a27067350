//! Signing in and out, and a person's own account.
//!
//! Signing in, setting up and signing out are plain form posts: they work before the page is
//! interactive, answer with a redirect, and so begin every session with a fresh page. What was
//! typed, without passwords, comes back through a short-lived cookie (`flash`).

use super::UiError;
use leptos::server;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

#[cfg(feature = "ssr")]
mod flash;

/// A form that was refused: why, and what had been typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub error: Option<UiError>,
    /// E-mail address as typed.
    pub email: String,
    /// Name as typed.
    pub name: String,
    /// Workspace name as typed.
    pub workspace: String,
}

/// What the sign-in page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInState {
    /// The last attempt, when it was refused.
    pub refused: Refused,
    /// There is no account yet: only the setup link helps.
    pub setup_needed: bool,
    /// Somebody is signed in already.
    pub signed_in: bool,
}

/// What the setup page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupState {
    /// The last attempt, when it was refused.
    pub refused: Refused,
    /// The link can still be used.
    pub valid: bool,
}

/// What the sign-in page shows.
#[server(prefix = "/ui", endpoint = "accounts/sign-in-page", input = Json)]
pub async fn sign_in_page() -> Result<SignInState, UiError> {
    let context = crate::context::RequestContext::get();
    let setup_needed = context.broker.setup_needed().await.map_err(super::refuse)?;
    Ok(SignInState {
        refused: flash::take(&context),
        setup_needed,
        signed_in: context.session.is_some(),
    })
}

/// What the setup page shows for the token of a setup link.
#[server(prefix = "/ui", endpoint = "accounts/setup-page", input = Json)]
pub async fn setup_page(token: String) -> Result<SetupState, UiError> {
    let context = crate::context::RequestContext::get();
    let valid = context
        .broker
        .setup_link_is_valid(&token)
        .await
        .map_err(super::refuse)?;
    Ok(SetupState {
        refused: flash::take(&context),
        valid,
    })
}

/// Signs in, then leads to `next`.
#[server(prefix = "/ui", endpoint = "accounts/sign-in")]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), UiError> {
    use crate::links;
    use broker::SecretString;
    use model::problem::Problem;

    let context = crate::context::RequestContext::get();
    let password = SecretString::from(password);
    match context
        .broker
        .sign_in(email.trim(), &password, context.client)
        .await
    {
        Ok(session) => {
            context.sign_in(&session);
            leptos_axum::redirect(links::safe_next(&next).unwrap_or(links::HOME));
        }
        Err(error) => {
            let refused = Refused {
                error: Some(UiError(Problem::from(error))),
                email,
                ..Refused::default()
            };
            flash::put(&context, &refused);
            leptos_axum::redirect(&links::sign_in(&next));
        }
    }
    Ok(())
}

/// Creates the first administrator with a setup link (S23), and signs them in.
#[server(prefix = "/ui", endpoint = "accounts/set-up")]
pub async fn set_up(
    token: String,
    email: String,
    password: String,
    #[server(default)] name: String,
    #[server(default)] workspace: String,
) -> Result<(), UiError> {
    use crate::links;
    use broker::{SecretString, accounts::SetupInput};
    use model::problem::Problem;

    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let context = crate::context::RequestContext::get();
    let input = SetupInput {
        email: email.trim().to_owned(),
        name: given(&name),
        password: SecretString::from(password),
        workspace_name: given(&workspace),
    };
    match context.broker.set_up(&token, input).await {
        Ok(session) => {
            context.sign_in(&session);
            leptos_axum::redirect(links::HOME);
        }
        Err(error) => {
            let refused = Refused {
                error: Some(UiError(Problem::from(error))),
                email,
                name,
                workspace,
            };
            flash::put(&context, &refused);
            leptos_axum::redirect(&format!("/setup?token={}", links::encode(&token)));
        }
    }
    Ok(())
}

/// Ends this session.
#[server(prefix = "/ui", endpoint = "accounts/sign-out")]
pub async fn sign_out() -> Result<(), UiError> {
    let context = crate::context::RequestContext::get();
    if let Some(session) = &context.session {
        context
            .broker
            .sign_out(session)
            .await
            .map_err(super::refuse)?;
    }
    context.sign_out();
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Ends all sessions of this person, this one too.
#[server(prefix = "/ui", endpoint = "accounts/sign-out-everywhere")]
pub async fn sign_out_everywhere() -> Result<(), UiError> {
    let (context, user, _) = super::caller()?;
    context
        .broker
        .sign_out_everywhere(&user)
        .await
        .map_err(super::refuse)?;
    context.sign_out();
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Changes the password.
#[server(prefix = "/ui", endpoint = "accounts/change-password", input = Json)]
pub async fn change_password(old: String, new: String) -> Result<(), UiError> {
    use broker::SecretString;

    let (context, user, _) = super::caller()?;
    let (old, new) = (SecretString::from(old), SecretString::from(new));
    context
        .broker
        .change_password(&user, &old, new, context.client)
        .await
        .map_err(super::refuse)
}

/// Renames the workspace.
#[server(prefix = "/ui", endpoint = "accounts/rename-workspace", input = Json)]
pub async fn rename_workspace(name: String) -> Result<(), UiError> {
    let (context, _, actor) = super::caller()?;
    context
        .broker
        .rename_workspace(&actor, &name)
        .await
        .map_err(super::refuse)
}
