//! Name resolution with the egress rules inside (S25): a name is resolved once, all its addresses
//! are checked, and the connection goes to one of those checked, so that a second answer of a
//! hostile name server comes too late.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::egress::{EgressPolicy, Reach, Refusal};

/// Where addresses come from. The system's resolver, or a table in tests.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// All addresses of `host`.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// reqwest's resolver for one [`Reach`].
pub(super) struct CheckedResolver {
    pub(super) policy: Arc<EgressPolicy>,
    pub(super) reach: Reach,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl CheckedResolver {
    async fn resolve(
        policy: &EgressPolicy,
        reach: Reach,
        lookup: &dyn Lookup,
        host: &str,
    ) -> Result<Vec<SocketAddr>, ResolveError> {
        let found = lookup.lookup(host).await.map_err(ResolveError::Lookup)?;
        // One internal address spoils the name: which one is connected to is not ours to choose.
        match found.iter().find(|&&ip| !policy.admits(ip, reach)) {
            Some(&address) => Err(ResolveError::Refused(Refusal::InternalAddress {
                host: host.to_owned(),
                address,
            })),
            None if found.is_empty() => Err(ResolveError::Lookup(io::ErrorKind::NotFound.into())),
            // Port 0: reqwest puts in the port of the URL.
            None => Ok(found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect()),
        }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, lookup, reach) = (self.policy.clone(), self.lookup.clone(), self.reach);
        Box::pin(async move {
            let found = Self::resolve(&policy, reach, lookup.as_ref(), name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Found again in the source chain of reqwest's error.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error(transparent)]
    Refused(Refusal),
    #[error("name resolution failed: {0}")]
    Lookup(io::Error),
}
