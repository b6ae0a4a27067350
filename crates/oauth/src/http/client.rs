//! The guarded client: reqwest with everything convenient but dangerous turned off.

use std::{error::Error, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use reqwest::redirect;
use url::Url;

use super::{
    HttpClient, HttpError,
    egress::{EgressPolicy, Reach, Refusal},
    resolver::{CheckedResolver, Lookup, ResolveError, SystemLookup},
};

/// How long and how much (S30).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From sending to the last byte of the answer.
    pub total: Duration,
    /// Body of the answer, in bytes.
    pub body: usize,
}

impl Default for Limits {
    /// 30 s and 1 MiB: ample for token, discovery and profile requests.
    fn default() -> Self {
        Self {
            total: Duration::from_secs(30),
            body: 1024 * 1024,
        }
    }
}

/// A connection that takes longer than this to establish is given up (S30).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A body as it arrives, cut off with [`HttpError::TooLarge`] at its limit.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, HttpError>> + Send>>;

/// An HTTP client that follows no redirect (S15), ignores proxy variables (S25), and connects to
/// what the [`EgressPolicy`] admits. Cheap to clone.
#[derive(Clone)]
pub struct GuardedClient {
    policy: Arc<EgressPolicy>,
    // One client per reach, since reqwest pools connections per client and a pooled connection is
    // not resolved again.
    named: reqwest::Client,
    public: reqwest::Client,
    listed: reqwest::Client,
    limits: Limits,
}

impl GuardedClient {
    /// A client with the default limits and the system's resolver.
    ///
    /// # Errors
    /// [`HttpError::Malformed`] when TLS can't be set up (no certificate store, for one).
    pub fn new(policy: EgressPolicy) -> Result<Self, HttpError> {
        let lookup: Arc<dyn Lookup> = Arc::new(SystemLookup);
        Self::with_lookup(policy, &lookup)
    }

    /// The same with another source of addresses.
    pub fn with_lookup(policy: EgressPolicy, lookup: &Arc<dyn Lookup>) -> Result<Self, HttpError> {
        install_crypto_provider();
        let policy = Arc::new(policy);
        let client = |reach| {
            build(CheckedResolver {
                policy: policy.clone(),
                reach,
                lookup: Arc::clone(lookup),
            })
        };
        Ok(Self {
            named: client(Reach::Named)?,
            public: client(Reach::Public)?,
            listed: client(Reach::ListedNetworks)?,
            policy,
            limits: Limits::default(),
        })
    }

    /// The same client with other limits.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self {
            limits,
            ..self.clone()
        }
    }

    /// The rules it goes by.
    pub fn policy(&self) -> &EgressPolicy {
        &self.policy
    }

    /// Sends `request` and hands the body on as it arrives, for answers that are passed through.
    pub async fn stream(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<BodyStream>, HttpError> {
        let (client, request) = self.prepare(request)?;
        let limits = self.limits;
        let response = client
            .execute(request)
            .await
            .map_err(|error| from_reqwest(error, limits))?;
        if response
            .content_length()
            .is_some_and(|length| length > limits.body as u64)
        {
            return Err(HttpError::TooLarge(limits.body));
        }
        let mut head = http::Response::builder()
            .status(response.status())
            .version(response.version());
        if let Some(headers) = head.headers_mut() {
            headers.clone_from(response.headers());
        }
        head.body(capped(response, limits))
            .map_err(|error| HttpError::Broken(error.to_string()))
    }

    /// Checks the address and picks the client that may reach it.
    fn prepare(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<(&reqwest::Client, reqwest::Request), HttpError> {
        let (head, body) = request.into_parts();
        // Hosts such as 0x7f.1 or 2130706433 become the address they mean here, and IP literals
        // never see the resolver: both are judged from this URL, which is the one connected to.
        let url = Url::parse(&head.uri.to_string())
            .map_err(|error| HttpError::Malformed(error.to_string()))?;
        let client = match self.policy.reach(&url)? {
            Reach::Named => &self.named,
            Reach::Public => &self.public,
            Reach::ListedNetworks => &self.listed,
        };
        let mut request = reqwest::Request::new(head.method, url);
        *request.headers_mut() = head.headers;
        *request.body_mut() = Some(body.into());
        *request.timeout_mut() = Some(self.limits.total);
        Ok((client, request))
    }
}

#[async_trait]
impl HttpClient for GuardedClient {
    async fn execute(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, HttpError> {
        let (head, body) = self.stream(request).await?.into_parts();
        let body = body
            .try_fold(Vec::new(), async |mut whole, chunk| {
                whole.extend_from_slice(&chunk);
                Ok(whole)
            })
            .await?;
        Ok(http::Response::from_parts(head, body))
    }

    fn check(&self, url: &Url) -> Result<(), Refusal> {
        self.policy().check(url)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the guarded client that everybody else is to use"
)]
fn build(resolver: CheckedResolver) -> Result<reqwest::Client, HttpError> {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(resolver)
        .user_agent(concat!("Tokenry/", env!("CARGO_PKG_VERSION")))
        // A request that was sent once is never repeated on its own: it may spend a token.
        .retry(reqwest::retry::never())
        .build()
        .map_err(|error| HttpError::Malformed(error.to_string()))
}

/// rustls asks for one cryptography provider per process. Whoever comes first decides; the error
/// of a second call says that there is one already, which is all that is needed.
fn install_crypto_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn capped(response: reqwest::Response, limits: Limits) -> BodyStream {
    let mut left = limits.body;
    Box::pin(response.bytes_stream().map(move |chunk| {
        let chunk = chunk.map_err(|error| from_reqwest(error, limits))?;
        left = left
            .checked_sub(chunk.len())
            .ok_or(HttpError::TooLarge(limits.body))?;
        Ok(chunk)
    }))
}

fn from_reqwest(error: reqwest::Error, limits: Limits) -> HttpError {
    // URLs may carry secrets in their query: they stay out of messages.
    let error = error.without_url();
    let mut source: Option<&(dyn Error + 'static)> = Some(&error);
    let mut deepest = String::new();
    while let Some(cause) = source {
        match cause.downcast_ref::<ResolveError>() {
            Some(ResolveError::Refused(refusal)) => return HttpError::Refused(refusal.clone()),
            Some(ResolveError::Lookup(cause)) => return HttpError::Dns(cause.to_string()),
            None => deepest = cause.to_string(),
        }
        source = cause.source();
    }
    if error.is_connect() {
        HttpError::Connect(deepest)
    } else if error.is_timeout() {
        HttpError::Timeout(limits.total)
    } else if error.is_builder() {
        HttpError::Malformed(deepest)
    } else {
        HttpError::Broken(deepest)
    }
}
