//! `/settings`: the workspace, the person's password and sessions, the colours.

mod notifications;
mod password;
mod workspace;

use crate::{
    api::{
        accounts::SignOutEverywhere,
        session::{Session, use_session},
    },
    components::{Load, PageHeader},
    layout::ThemeChoice,
};
use leptos::prelude::*;
use notifications::NotificationSettings;
use password::PasswordForm;
use server_fn::ServerFn as _;
use workspace::WorkspaceForm;

/// The settings.
#[component]
pub fn Settings() -> impl IntoView {
    let session = use_session();
    view! {
        <PageHeader title="Settings" />
        // Built once: a new name of the workspace leaves alone what is typed into the other forms.
        <Load from=session rows=3 let:session>
            <Sections session=session.get_untracked() />
        </Load>
    }
    .into_any()
}

#[component]
fn Sections(session: Session) -> impl IntoView {
    let theme = session.theme;
    let user = session.user.map(|user| {
        view! {
            <Section title="Workspace" text="Your company or team. Everybody in it sees the name.">
                <WorkspaceForm name=user.workspace.name />
            </Section>
            <Section
                id="notifications"
                wide=true
                title="Notifications"
                text="What the bell tells can be sent to people and programs too: when an account is disabled, somebody has to sign in again, refreshes fail for long, or a client secret is about to expire. One message for each change."
            >
                <NotificationSettings />
            </Section>
            <Section title="Password" text=format!("You sign in as {}.", user.email)>
                <PasswordForm email=user.email.clone() />
            </Section>
            <Section
                title="Sessions"
                text="Ends every session of yours, on all devices, this one too."
            >
                <form method="post" action=SignOutEverywhere::url()>
                    <button type="submit" class="button">
                        "Sign out everywhere"
                    </button>
                </form>
            </Section>
        }
    });
    view! {
        {user}
        <Section title="Appearance" text="Kept in this browser.">
            <ThemeChoice id="settings-theme" theme=theme />
        </Section>
    }
    .into_any()
}

#[component]
fn Section(
    #[prop(optional)] id: Option<&'static str>,
    /// Its content needs the width of the page.
    #[prop(optional)]
    wide: bool,
    title: &'static str,
    #[prop(into)] text: String,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section" class:section--wide=wide id=id>
            <div class="section__words">
                <h2 class="section__title">{title}</h2>
                <p class="section__text">{text}</p>
            </div>
            <div class="section__body">{children()}</div>
        </section>
    }
    .into_any()
}
