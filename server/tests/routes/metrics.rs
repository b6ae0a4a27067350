//! What is measured, and who may read it.

use crate::support::{Answer, Setup, TestServer};
use axum::{
    body::Body,
    http::{Request, header},
};
use broker::telemetry::list;
use sandbox::{Behaviour, CannedAnswer};
use server::config::MetricsSection;

/// The process has one set of measurements: counts here include what other tests did.
async fn scrape(server: &TestServer) -> String {
    server.broker.measure().await.unwrap();
    let answer = server.stranger().get("/metrics").await.expect(200);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    answer.body
}

/// The value of a series; `None` when there is none.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
    Some(line.parse().unwrap())
}

#[tokio::test]
async fn what_happens_is_counted() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Measured").await;
    let path = format!("/authorizations/{id}/token");
    api.get(&path).await.expect(200);
    let text = scrape(&server).await;

    let reads = r#"tokenry_http_requests_total{route="/api/v1/authorizations/{id}/token",method="GET",status="200"}"#;
    assert!(value(&text, reads).unwrap() >= 1.0, "{text}");
    let lives = r#"tokenry_token_time_to_expiry_seconds_count{provider="azure-devops"}"#;
    assert!(value(&text, lives).unwrap() >= 1.0, "{text}");
    assert_eq!(value(&text, "tokenry_ready"), Some(1.0), "{text}");
    let healthy = r#"tokenry_grants{provider="azure-devops",status="healthy"}"#;
    assert!(value(&text, healthy).is_some(), "{text}");
    let cancelled = r#"tokenry_grants{provider="azure-devops",status="cancelled"}"#;
    assert!(
        value(&text, cancelled).is_some(),
        "zeros are told too: {text}"
    );
    assert!(
        value(&text, "tokenry_refresh_queue_depth").is_some(),
        "{text}"
    );
    assert!(!text.contains(&id), "ids are no labels: {text}");
}

#[tokio::test]
async fn expired_tokens_that_were_refused_are_counted() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Refused").await;
    server.sandbox.set_behaviour(Behaviour {
        answer: Some(CannedAnswer {
            status: 503,
            ..CannedAnswer::default()
        }),
        ..Behaviour::default()
    });
    server.clock.advance(chrono::TimeDelta::hours(2));
    let series = "tokenry_expired_tokens_refused_total";
    let before = value(&scrape(&server).await, series).unwrap_or(0.0);
    api.get(&format!("/authorizations/{id}/token"))
        .await
        .expect(503);
    let after = value(&scrape(&server).await, series).unwrap();
    assert!(after > before, "{before} → {after}");
}

/// By what came of them: an alert that cannot tell a provider's trouble from a wrong secret is none.
#[tokio::test]
async fn refreshes_are_counted_by_what_came_of_them() {
    let server = TestServer::start().await;
    let api = server.api().await;
    let id = api.published("Refreshed").await;
    let refresh = format!("/authorizations/{id}/refresh");
    let count = |text: &str, outcome: &str| {
        let series =
            format!(r#"tokenry_refreshes_total{{provider="azure-devops",outcome="{outcome}"}}"#);
        value(text, &series).unwrap_or(0.0)
    };
    let requests = r#"tokenry_token_request_duration_seconds_count{provider="azure-devops"}"#;
    for (status, error, outcome) in [
        (None, None, "refreshed"),
        (Some(503), None, "transient"),
        (Some(400), Some("invalid_grant"), "invalid_grant"),
        (Some(401), Some("invalid_client"), "invalid_client"),
    ] {
        server.sandbox.set_behaviour(Behaviour {
            answer: status.map(|status| CannedAnswer {
                status,
                error: error.map(str::to_owned),
                ..CannedAnswer::default()
            }),
            ..Behaviour::default()
        });
        let before = scrape(&server).await;
        api.post(&refresh).await;
        let after = scrape(&server).await;
        assert!(
            count(&after, outcome) > count(&before, outcome),
            "{outcome}"
        );
        let (asked, asked_before) = (value(&after, requests), value(&before, requests));
        assert!(asked.unwrap() > asked_before.unwrap_or(0.0), "{outcome}");
    }
    let in_flight = r#"tokenry_refreshes_in_flight{provider="azure-devops"}"#;
    assert!(value(&scrape(&server).await, in_flight).is_some());
}

/// Everything in the text is on the list, with the kind that stands there.
#[tokio::test]
async fn nothing_is_told_that_is_not_on_the_list() {
    let server = TestServer::start().await;
    server.api().await.published("Listed").await;
    let text = scrape(&server).await;
    let mut told = 0;
    for line in text.lines() {
        let Some(rest) = line.strip_prefix("# TYPE ") else {
            continue;
        };
        let (name, kind) = rest.split_once(' ').unwrap();
        let metric = list::ALL.iter().find(|metric| metric.name == name);
        let metric = metric.unwrap_or_else(|| panic!("{name} is not on the list"));
        assert_eq!(metric.kind.name(), kind, "{name}");
        assert!(
            text.contains(&format!("# HELP {name} {}", metric.help)),
            "{name}"
        );
        told += 1;
    }
    assert!(told >= 8, "{told} metrics in {text}");
}

fn with_token(token: &str) -> Setup {
    Setup {
        metrics: MetricsSection::default().with_token(token.into()),
        ..Setup::default()
    }
}

async fn read_with(server: &TestServer, authorization: Option<&str>) -> Answer {
    let mut request = Request::get("/metrics");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

/// S35: neither an API key nor a session opens it once a token is set.
#[tokio::test]
async fn s35_with_a_token_nobody_else_reads() {
    let server = TestServer::with(with_token("scrape-7f3a")).await;
    let api = server.api().await;
    read_with(&server, Some("Bearer scrape-7f3a"))
        .await
        .expect(200);
    let api_key = format!("Bearer {}", api.key);
    for wrong in [
        None,
        Some("Bearer scrape-7f3b"),
        Some("Bearer "),
        Some("Basic scrape-7f3a"),
        Some(api_key.as_str()),
    ] {
        let refused = read_with(&server, wrong).await.expect(401);
        assert_eq!(refused.problem(), "unauthenticated");
        assert_eq!(
            refused.header("www-authenticate"),
            "Bearer realm=\"Tokenry metrics\""
        );
    }
    let signed_in = server.browser().await.get("/metrics").await;
    assert_eq!(signed_in.expect(401).problem(), "unauthenticated");
}

#[tokio::test]
async fn nothing_is_there_when_it_is_switched_off() {
    let server = TestServer::with(Setup {
        metrics: MetricsSection::off(),
        ..Setup::default()
    })
    .await;
    server.stranger().get("/metrics").await.expect(404);
}
