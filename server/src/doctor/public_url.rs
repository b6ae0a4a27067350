//! Does the public URL lead here?

use super::{
    Finding,
    configuration::{bare, is_local, listen_url},
    patient::Patient,
};
use crate::http::INSTANCE;
use broker::inspection;
use oauth::http::{GuardedClient, HttpClient as _, HttpError};
use url::Url;

const CHECK: &str = "public_url";

/// Who answers at an address.
pub(super) enum Found {
    /// A Tokenry, with what tells it from others.
    Tokenry(String),
    /// Something else.
    Other(u16),
    Nobody(HttpError),
}

/// Leaves with the patient what it answers as.
pub async fn check(patient: &mut Patient) -> Vec<Finding> {
    let client = match patient.own_client() {
        Ok(client) => client,
        Err(error) => {
            let next = "Install the system's certificates (ca-certificates).";
            return vec![Finding::failure(CHECK, format!("{error:#}."), next)];
        }
    };
    let own = match patient.readable_storage() {
        Some(storage) => inspection::instance(storage).await.unwrap_or_default(),
        None => None,
    };
    let url = &patient.public_url;
    let mut findings = vec![match (ask(&client, &health(url)).await, own) {
        (Found::Tokenry(other), Some(own)) if other != own => Finding::failure(
            CHECK,
            format!("Another Tokenry answers at {}.", bare(url)),
            "Correct `public_url`, the proxy in front or the name's address; or `data_dir`, if this is the wrong data.",
        ),
        (Found::Tokenry(instance), _) => {
            patient.instance = Some(instance);
            Finding::ok(CHECK, format!("{} leads here.", bare(url)))
        }
        (Found::Other(status), _) => Finding::failure(
            CHECK,
            format!("Something else answers at {} (HTTP {status}).", bare(url)),
            "Check that the proxy in front passes everything below its root on to `listen`.",
        ),
        (Found::Nobody(error), _) => nobody(patient, &client, &error).await,
    }];
    findings.extend(open_metrics(patient, &client).await);
    findings
}

/// The server is down, or the way to it is.
async fn nobody(patient: &Patient, client: &GuardedClient, error: &HttpError) -> Finding {
    let url = bare(&patient.public_url);
    let listen = listen_url(&patient.config);
    match ask(client, &health(&listen)).await {
        Found::Tokenry(_) => Finding::failure(
            CHECK,
            format!("The server runs, and {url} does not lead to it: {error}."),
            "Check the proxy in front, its certificate and the name's address. Providers send browsers there.",
        ),
        Found::Other(_) | Found::Nobody(_) => Finding::warning(
            CHECK,
            format!(
                "Nobody answers at {url}, and no server runs at {}.",
                bare(&listen)
            ),
            "Start the server (`tokenry serve`), then run the doctor again.",
        ),
    }
}

fn health(base: &Url) -> String {
    format!("{}/healthz", bare(base))
}

/// Asks who is there. An answer says so wherever the server has put [`INSTANCE`] into it.
pub(super) async fn ask(client: &GuardedClient, address: &str) -> Found {
    match get(client, address).await {
        Ok(answer) => match answer.headers().get(INSTANCE) {
            Some(id) => Found::Tokenry(String::from_utf8_lossy(id.as_bytes()).into_owned()),
            None => Found::Other(answer.status().as_u16()),
        },
        Err(error) => Found::Nobody(error),
    }
}

/// Whether strangers can read `/metrics`.
async fn open_metrics(patient: &Patient, client: &GuardedClient) -> Option<Finding> {
    let url = &patient.public_url;
    let section = &patient.config.metrics;
    if !section.enabled || is_local(url) || section.bearer_token().ok()?.is_some() {
        return None;
    }
    let answer = get(client, &format!("{}/metrics", bare(url))).await.ok()?;
    answer.status().is_success().then(|| {
        Finding::warning(
            CHECK,
            format!("Everybody can read {}/metrics.", bare(url)),
            "Set `metrics.bearer_token_file`, or keep the proxy from passing `/metrics` on.",
        )
    })
}

async fn get(
    client: &GuardedClient,
    address: &str,
) -> Result<axum::http::Response<Vec<u8>>, HttpError> {
    let request = axum::http::Request::get(address)
        .body(Vec::new())
        .map_err(|error| HttpError::Malformed(error.to_string()))?;
    client.execute(request).await
}
