//! The routes, and what all pages share.

use crate::{
    api::session,
    components::{
        ConnectionNotice, ToastRegion, provide_clock, provide_document_title, provide_toasts,
    },
    history,
    layout::Layout,
    links, pages,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    hooks::use_params_map,
    path,
};

/// The whole application.
///
/// Pages are rendered in one piece (`SsrMode::Async`): the data is local, so nothing is gained by
/// streaming, and the HTTP status is the page's own.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let title = provide_document_title();
    provide_toasts();
    provide_clock();
    session::provide_session();
    history::listen_before_router();
    view! {
        {title}
        <Router>
            <Routes fallback=pages::NotFound>
                <Route path=path!("/sign-in") view=pages::SignIn ssr=SsrMode::Async />
                <Route path=path!("/setup") view=pages::Setup ssr=SsrMode::Async />
                <Route path=path!("/connect/done") view=pages::ConnectDone ssr=SsrMode::Async />
                <Route path=path!("/connect/confirm") view=pages::ConnectConfirm ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Layout ssr=SsrMode::Async>
                    <Route path=path!("") view=pages::Start ssr=SsrMode::Async />
                    <Route path=path!("/overview") view=pages::Overview ssr=SsrMode::Async />
                    <Route
                        path=path!("/authorizations")
                        view=pages::authorizations::List
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/authorizations/new")
                        view=pages::authorizations::New
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/authorizations/:id/:tab")
                        view=pages::authorizations::editor::Editor
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/authorizations/:id") view=FirstTab ssr=SsrMode::Async />
                    <Route path=path!("/connectors") view=pages::Connectors ssr=SsrMode::Async />
                    <Route path=path!("/publications") view=pages::Publications ssr=SsrMode::Async />
                    <Route
                        path=path!("/notifications")
                        view=pages::Notifications
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/api-keys") view=pages::ApiKeys ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=pages::Settings ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
        <ConnectionNotice />
        <ToastRegion />
    }
}

/// `/authorizations/{id}` has no page of its own.
#[component]
fn FirstTab() -> impl IntoView {
    let id = use_params_map()
        .read_untracked()
        .get("id")
        .unwrap_or_default();
    view! { <Redirect path=format!("/authorizations/{}/settings", links::encode(&id)) /> }
}
