//! `tokenry serve` and `tokenry sandbox`.

use crate::{
    assets::Assets,
    config::{Config, url_of},
    example, jobs,
    router::router,
    shutdown::{self, DRAIN, Shutdown},
    startup::{self, House},
    state::AppState,
    telemetry::Metrics,
};
use anyhow::{Context as _, Result};
use app::context::AssetPaths;
use axum::serve::ListenerExt as _;
use broker::{
    ExposeSecret as _,
    ports::{Clock as _, OsRandomness, Randomness as _, SystemClock},
};
use sandbox::{Sandbox, SandboxConfig};
use std::net::SocketAddr;
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use url::Url;

/// Options of `tokenry serve`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Start the sandbox too, and take it for Azure DevOps
    #[arg(long)]
    sandbox: bool,
}

/// Options of `tokenry sandbox`.
#[derive(Debug, clap::Args)]
pub struct SandboxOptions {
    /// Where to listen; `sandbox_listen` of the configuration when absent
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// Serves until Ctrl-C or SIGTERM.
pub async fn run(config: Config, options: Options) -> Result<()> {
    let metrics = Metrics::start(&config.metrics)?;
    let listener = listen(config.listen).await?;
    let public_url = config.public_url_at(listener.local_addr()?);
    let (trigger, shutdown) = shutdown::channel();
    let sandbox = if options.sandbox {
        Some(start_sandbox(config.sandbox_listen, &public_url, shutdown.clone()).await?)
    } else {
        None
    };
    let sandbox_url = sandbox.as_ref().map(|running| &running.url);
    let house = startup::open(&config, public_url, sandbox_url).await?;
    if let Some(url) = sandbox_url
        && let Err(error) = example::seed(&house, url).await
    {
        tracing::warn!(
            error = format!("{error:#}"),
            "the sandbox starts without its example"
        );
    }

    let assets = Assets::load();
    let manifest = assets.manifest();
    let state = AppState::new(
        house.broker.clone(),
        house.randomness.clone(),
        &config.web,
        AssetPaths {
            js: manifest.js.clone(),
            wasm: manifest.wasm.clone(),
            css: manifest.css.clone(),
        },
        sandbox_url.map(Url::to_string),
    )?
    .measured(metrics);
    let sweeping = tokio::spawn(jobs::sweep::run(state.clone(), shutdown.clone()));
    let revoking = tokio::spawn(jobs::revoke::run(
        house.broker.clone(),
        house.storage.clone(),
        shutdown.clone(),
    ));
    let journals = config.storage.data_dir.join("journal");
    let measuring = tokio::spawn(jobs::measure::run(
        state.clone(),
        journals.clone(),
        shutdown.clone(),
    ));
    let refreshing = tokio::spawn(jobs::refresh::run(
        house.broker.clone(),
        journals,
        shutdown.clone(),
    ));
    let delivering = tokio::spawn(jobs::deliver::run(
        house.broker.clone(),
        house.storage.clone(),
        shutdown.clone(),
    ));
    let noticing = tokio::spawn(jobs::notify::run(house.broker.clone(), shutdown.clone()));
    let live = state.live.clone();
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let nodelay = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
    });
    let serving = axum::serve(nodelay, service).with_graceful_shutdown(shutdown.requested());
    let mut serving = tokio::spawn(async move { serving.await });
    greet(&house, sandbox_url).await?;

    tokio::select! {
        signal = shutdown::signal() => signal.context("signals cannot be received")?,
        ended = &mut serving => ended?.context("the server ended")?,
    }
    tracing::info!("stopping: requests under way are finished");
    trigger.fire();
    live.end();
    let drained = async {
        if !serving.is_finished() && timeout(DRAIN, serving).await.is_err() {
            tracing::warn!(after = ?DRAIN, "some requests did not finish");
        }
    };
    let refreshed = async {
        refreshing.await?;
        let left = house.broker.finish_refreshing(DRAIN).await;
        if left > 0 {
            tracing::warn!(left, "some refreshes did not finish");
        }
        anyhow::Ok(())
    };
    tokio::join!(drained, refreshed).1?;
    sweeping.await?;
    revoking.await?;
    measuring.await?;
    noticing.await?;
    delivering.await?;
    house.storage.close().await;
    Ok(())
}

/// Serves the sandbox alone until Ctrl-C or SIGTERM.
pub async fn run_sandbox(config: Config, options: SandboxOptions) -> Result<()> {
    let address = options.listen.unwrap_or(config.sandbox_listen);
    let tokenry = config.public_url_at(config.listen);
    let (trigger, shutdown) = shutdown::channel();
    let running = start_sandbox(address, &tokenry, shutdown).await?;
    println!("The sandbox is ready at {}", bare(&running.url));
    println!(
        "Its apps are registered for a Tokenry at {}",
        bare(&tokenry)
    );
    shutdown::signal().await?;
    trigger.fire();
    drop(timeout(DRAIN, running.task).await);
    Ok(())
}

struct RunningSandbox {
    url: Url,
    task: JoinHandle<std::io::Result<()>>,
}

async fn start_sandbox(
    address: SocketAddr,
    tokenry: &Url,
    shutdown: Shutdown,
) -> Result<RunningSandbox> {
    let listener = listen(address).await?;
    let url = url_of(listener.local_addr()?);
    let config = SandboxConfig::for_tokenry(url.clone(), tokenry);
    let sandbox = Sandbox::new(config, || SystemClock.now(), OsRandomness.rng());
    let task = tokio::spawn(sandbox::serve(listener, sandbox, shutdown.requested()));
    Ok(RunningSandbox { url, task })
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))
}

/// Says on standard output where the server is and, as long as nobody has an account, how to get
/// the first one (S23).
async fn greet(house: &House, sandbox: Option<&Url>) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let broker = &house.broker;
    println!(
        "Tokenry {version} is ready at {}",
        bare(broker.public_url())
    );
    if let Some(url) = sandbox {
        println!("The sandbox provider is at {}", bare(url));
    }
    if let Some(token) = broker.new_setup_link().await? {
        println!();
        println!(
            "Nobody has an account yet. Set up the first administrator (works once, for 24 hours):"
        );
        println!(
            "  {}",
            broker.url_of(&format!("/setup?token={}", token.expose_secret()))
        );
    }
    if broker.public_url().scheme() == "http" && !is_local(broker.public_url()) {
        tracing::warn!("the public URL is plain http: cookies and tokens travel readable by all");
    }
    Ok(())
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// A base URL as people write it.
fn bare(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}
