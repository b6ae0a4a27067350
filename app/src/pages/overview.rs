//! `/overview`: how many authorizations are how, and what needs attention first.

mod attention;

use crate::{
    api::{UiError, health as api},
    components::{
        ButtonKind, ButtonLink, DueTime, EmptyState, Failure, Icon, IconName, PageHeader,
        PublishBanner, Skeleton,
    },
    links,
    live::use_live,
    text,
};
use attention::NeedsAttention;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::Redirect;
use model::health::{LiveChange, Overview as Facts, StateGroup};

/// `/`: the overview, once there is something to look over.
#[component]
pub fn Start() -> impl IntoView {
    let overview = Resource::new_blocking(|| (), |()| api::load_overview());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let path = match overview.await {
                    Ok(facts) if facts.active() + facts.inactive > 0 => links::OVERVIEW,
                    Ok(_) | Err(_) => links::HOME,
                };
                view! { <Redirect path=path /> }
            })}
        </Suspense>
    }
}

/// The page.
#[component]
pub fn Overview() -> impl IntoView {
    let overview = Resource::new(|| (), |()| api::load_overview());
    view! {
        <PageHeader title="Overview" text="How your authorizations are doing, as it happens." />
        <PublishBanner />
        <Suspense fallback=|| view! { <Skeleton rows=4 /> }>
            {move || Suspend::new(async move {
                match overview.await {
                    Ok(facts) => view! { <Content facts=facts /> }.into_any(),
                    Err(error) => refused(error, Callback::new(move |()| overview.refetch())),
                }
            })}
        </Suspense>
    }
    .into_any()
}

fn refused(error: UiError, on_retry: Callback<()>) -> AnyView {
    view! { <Failure error=error on_retry=on_retry /> }.into_any()
}

#[component]
fn Content(facts: Facts) -> impl IntoView {
    let facts = RwSignal::new(facts);
    use_live(
        |change| change != LiveChange::Notified,
        move || {
            spawn_local(async move {
                // What cannot be read stays as it is; the next change tries again.
                if let Ok(read) = api::load_overview().await {
                    let _ = facts.try_set(read);
                }
            });
        },
    );
    let is_empty = Memo::new(move |_| {
        let facts = facts.read();
        facts.active() + facts.inactive == 0
    });
    view! {
        <Show when=move || !is_empty.get() fallback=|| view! { <Nothing /> }>
            <Counts facts=facts />
            <NeedsAttention facts=facts />
            <Activity facts=facts />
        </Show>
    }
    .into_any()
}

/// How many are in which state.
#[component]
fn Counts(facts: RwSignal<Facts>) -> impl IntoView {
    view! {
        <section aria-labelledby="states">
            <h2 class="overview__title" id="states">
                "States"
            </h2>
            <ul class="counts">
                {StateGroup::ALL
                    .into_iter()
                    .map(|group| {
                        let number = Memo::new(move |_| facts.read().count(group));
                        view! { <Count group=group number=number /> }
                    })
                    .collect_view()}
            </ul>
            <p class="overview__inactive">
                <a href="/authorizations">
                    {move || text::count(size(facts.read().active()), "active authorization")}
                </a>
                " · "
                <a href="/authorizations?inactive=true">
                    {move || format!("{} inactive", facts.read().inactive)}
                </a>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Count(group: StateGroup, number: Memo<u64>) -> impl IntoView {
    let (tone, icon) = look(group);
    // What is not there does not shout.
    let class = move || {
        if number.get() == 0 {
            "count".to_owned()
        } else {
            format!("count {tone}")
        }
    };
    view! {
        <li>
            <a class=class href=format!("{}?state={}", links::HOME, group.key())>
                <span class="count__number">{move || number.get()}</span>
                <span class="count__name">
                    <Icon name=icon />
                    {group.text()}
                </span>
            </a>
        </li>
    }
    .into_any()
}

/// What the refreshes of all of them together were.
#[component]
fn Activity(facts: RwSignal<Facts>) -> impl IntoView {
    let next = Memo::new(move |_| facts.read().next_refresh_at);
    let day = |refreshed: u32, failed: u32| match (refreshed, failed) {
        (0, 0) => "no refreshes".to_owned(),
        (refreshed, 0) => format!("{refreshed} refreshed, none failed"),
        (refreshed, failed) => format!("{refreshed} refreshed, {failed} failed"),
    };
    view! {
        <section class="overview__activity" aria-labelledby="activity">
            <h2 class="overview__title" id="activity">
                "Refreshes"
            </h2>
            <dl class="facts">
                <div>
                    <dt>"Today (UTC)"</dt>
                    <dd>
                        {move || {
                            let today = facts.read().today;
                            day(today.refreshed, today.failed)
                        }}
                    </dd>
                </div>
                <div>
                    <dt>"Yesterday"</dt>
                    <dd>
                        {move || {
                            let yesterday = facts.read().yesterday;
                            day(yesterday.refreshed, yesterday.failed)
                        }}
                    </dd>
                </div>
                <div>
                    <dt>"Next"</dt>
                    <dd>
                        {move || match next.get() {
                            Some(at) => view! { <DueTime at=at /> }.into_any(),
                            None => "none planned".into_any(),
                        }}
                    </dd>
                </div>
            </dl>
        </section>
    }
    .into_any()
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <EmptyState
            icon=IconName::Pulse
            title="Nothing to look after yet"
            text="Set up an authorization, and this page shows how it is doing and what needs you first."
        >
            <ButtonLink href="/authorizations/new" kind=ButtonKind::Primary>
                <Icon name=IconName::Plus />
                "Add authorization"
            </ButtonLink>
        </EmptyState>
    }
    .into_any()
}

/// Class and icon of a group.
const fn look(group: StateGroup) -> (&'static str, IconName) {
    match group {
        StateGroup::Working => ("count--success", IconName::Check),
        StateGroup::RefreshFailing | StateGroup::Misconfigured => {
            ("count--warning", IconName::Warning)
        }
        StateGroup::ReauthorizationNeeded | StateGroup::Cancelled => {
            ("count--error", IconName::Error)
        }
        StateGroup::Never => ("count--plain", IconName::Circle),
    }
}

/// A number to be put in words.
fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
