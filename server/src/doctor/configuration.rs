//! Is the configuration valid, and does it make sense?

use super::Finding;
use crate::config::{Config, url_of};
use std::fmt::Display;
use url::{Host, Url};

const CHECK: &str = "configuration";

/// Nothing else can be looked at.
pub fn unusable(error: &impl Display) -> Finding {
    Finding::failure(
        CHECK,
        format!("It cannot be used: {error:#}"),
        "Correct the file, or the TOKENRY_ variable of that name.",
    )
}

pub fn check(config: &Config) -> Vec<Finding> {
    let url = config.public_url_at(config.listen);
    if url.scheme() == "https" || is_local(&url) {
        let summary = format!("It is valid; browsers reach Tokenry at {}.", bare(&url));
        return vec![Finding::ok(CHECK, summary)];
    }
    let summary = format!(
        "The public URL {} is plain http: passwords, cookies and tokens travel readable by all.",
        bare(&url)
    );
    let next = "Put a TLS proxy in front, and set `public_url` to its https address.";
    vec![Finding::warning(CHECK, summary, next)]
}

/// A base URL as people write it.
pub fn bare(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Whether it leads to this machine alone.
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Where the server listens, as an address to call.
pub fn listen_url(config: &Config) -> Url {
    url_of(config.listen)
}
