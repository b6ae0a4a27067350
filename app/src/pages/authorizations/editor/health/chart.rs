//! The timeline, drawn: a bar a day, with marks that are told apart by their shape.

use super::timeline::{Column, Mark, TALLEST, columns, summary};
use leptos::prelude::*;
use model::health::{DAYS, Health};

/// Width of a day, in the drawing's units.
const DAY: u32 = 20;
/// Height of the lane of marks.
const LANE: u32 = 54;
/// Distance of two marks above each other.
const MARK: u32 = 17;
/// What the bars stand on.
const GROUND: u32 = LANE + TALLEST;

/// The drawing and its legend.
#[component]
pub(super) fn Chart(health: Memo<Health>) -> impl IntoView {
    let columns = Memo::new(move |_| columns(&health.read()));
    let span = move || {
        let columns = columns.read();
        let day = |column: Option<&Column>| column.map(|column| column.day.to_string());
        (
            day(columns.first()).unwrap_or_default(),
            day(columns.last()).unwrap_or_default(),
        )
    };
    let width = DAY * u32::try_from(DAYS).unwrap_or(30);
    view! {
        <figure class="timeline">
            <svg
                class="timeline__drawing"
                viewBox=format!("0 0 {width} {}", GROUND + 2)
                role="img"
                aria-label=move || summary(&health.read())
                focusable="false"
            >
                <defs>
                    <pattern
                        id="timeline-failed"
                        width="6"
                        height="6"
                        patternUnits="userSpaceOnUse"
                        patternTransform="rotate(45)"
                    >
                        <rect class="timeline__failed-back" width="6" height="6"></rect>
                        <rect class="timeline__failed-stripe" width="2.5" height="6"></rect>
                    </pattern>
                </defs>
                {move || {
                    let columns = columns.get();
                    let last = columns.len().saturating_sub(1);
                    (0..)
                        .zip(columns)
                        .map(|(at, column)| {
                            let today = usize::try_from(at).is_ok_and(|at| at == last);
                            view! { <Day at=at column=column today=today /> }
                        })
                        .collect_view()
                }}
                <line
                    class="timeline__ground"
                    x1="0"
                    x2=width
                    y1=format!("{GROUND}.5")
                    y2=format!("{GROUND}.5")
                ></line>
            </svg>
            <p class="timeline__span" aria-hidden="true">
                <span>{move || span().0}</span>
                <span class="timeline__today">"Today, "{move || span().1}</span>
            </p>
            <figcaption>
                <Legend />
            </figcaption>
        </figure>
    }
    .into_any()
}

#[component]
fn Day(at: u32, column: Column, today: bool) -> impl IntoView {
    let left = at * DAY;
    let bar = |height: u32, top: u32, class: &'static str| {
        (height > 0).then(|| {
            view! { <rect class=class x=left + 3 y=top width=DAY - 6 height=height></rect> }
        })
    };
    let refreshed_top = GROUND - column.refreshed;
    let failed_top = refreshed_top - column.failed;
    let marks = (0..)
        .zip(column.marks)
        .map(|(row, mark)| {
            let (x, y) = (left + DAY / 2, LANE - 9 - row * MARK);
            view! { <g transform=format!("translate({x} {y})")>{shape(mark)}</g> }
        })
        .collect_view();
    view! {
        <g class="timeline__day" class:timeline__day--today=today>
            <title>{column.words}</title>
            <rect class="timeline__back" x=left + 1 y="0" width=DAY - 2 height=GROUND></rect>
            {bar(column.refreshed, refreshed_top, "timeline__refreshed")}
            {bar(column.failed, failed_top, "timeline__failed")}
            {marks}
        </g>
    }
    .into_any()
}

/// A mark around the origin, 14 units wide.
fn shape(mark: Mark) -> AnyView {
    let (class, path) = match mark {
        Mark::Consent => (
            "timeline__mark timeline__mark--consent",
            "M0-7 7 0 0 7-7 0z",
        ),
        Mark::Failure => ("timeline__mark timeline__mark--failure", "M0-6.500 7 6H-7z"),
        Mark::Recovery => (
            "timeline__mark timeline__mark--recovery",
            "M0-5.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11z",
        ),
        Mark::Over => ("timeline__mark timeline__mark--over", "M-5-5 5 5M5-5-5 5"),
    };
    view! { <path class=class d=path></path> }.into_any()
}

/// What bars and marks stand for, in words.
#[component]
fn Legend() -> impl IntoView {
    let sample = |inside: AnyView| {
        view! {
            <svg class="timeline__sample" viewBox="-8 -8 16 16" aria-hidden="true" focusable="false">
                {inside}
            </svg>
        }
    };
    let bar = |class: &'static str| {
        view! { <rect class=class x="-6" y="-7" width="12" height="14"></rect> }.into_any()
    };
    view! {
        <ul class="timeline__legend">
            <li>{sample(bar("timeline__refreshed"))} "Refreshes of a day"</li>
            <li>{sample(bar("timeline__failed"))} "Failed ones"</li>
            {Mark::ALL
                .into_iter()
                .map(|mark| view! { <li>{sample(shape(mark))} {mark.text()}</li> })
                .collect_view()}
        </ul>
    }
    .into_any()
}
