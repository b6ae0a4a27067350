//! What handlers share. Cheap to clone.

use crate::{
    config::{ConfigError, WebSection},
    live::Streams,
    middleware::rate_limit::RateLimits,
    telemetry::Metrics,
};
use app::context::{AssetPaths, CookiePolicy};
use axum::extract::FromRef;
use broker::{
    Broker,
    ports::{self, Randomness},
};
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use std::sync::Arc;
use uuid::Uuid;

/// Everything a request needs.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub broker: Broker,
    /// How cookies are written on this host.
    pub cookies: CookiePolicy,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Arc<[IpNet]>,
    /// How much of what may be asked.
    pub limits: Arc<RateLimits>,
    /// Names of the built files of the web app.
    pub asset_paths: Arc<AssetPaths>,
    /// Address of the sandbox, when it runs along.
    pub sandbox: Option<String>,
    /// What is measured, unless the operator does not want it.
    pub metrics: Option<Arc<Metrics>>,
    /// Pages that are told what happens.
    pub live: Streams,
    randomness: Arc<dyn Randomness>,
    leptos: LeptosOptions,
}

impl AppState {
    /// The state of a server with these use cases.
    ///
    /// # Errors
    /// When the section is not valid.
    pub fn new(
        broker: Broker,
        randomness: Arc<dyn Randomness>,
        web: &WebSection,
        asset_paths: AssetPaths,
        sandbox: Option<String>,
    ) -> Result<Self, ConfigError> {
        let cookies = CookiePolicy {
            secure: broker.public_url().scheme() == "https",
        };
        Ok(Self {
            broker,
            cookies,
            proxies: web.proxies()?.into(),
            limits: Arc::new(RateLimits::new(web)?),
            asset_paths: Arc::new(asset_paths),
            sandbox,
            metrics: None,
            live: Streams::default(),
            randomness,
            leptos: LeptosOptions::builder().output_name("tokenry").build(),
        })
    }

    /// The same with `/metrics`.
    #[must_use]
    pub fn measured(self, metrics: Option<Metrics>) -> Self {
        Self {
            metrics: metrics.map(Arc::new),
            ..self
        }
    }

    /// A new id for a request.
    pub fn new_request_id(&self) -> Uuid {
        ports::new_id(self.broker.now(), &mut *self.randomness.rng())
    }

    /// The public URL's origin, as browsers write it.
    pub fn origin(&self) -> String {
        self.broker.public_url().origin().ascii_serialization()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
