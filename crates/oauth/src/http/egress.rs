//! Egress rules: where a request may go (S24).
//!
//! Public https addresses may be reached. Everything else needs an entry in the operator's
//! allow-list, which also permits http for what it names. To close off another range, add it to
//! [`NOT_PUBLIC_V4`] or [`NOT_PUBLIC_V6`].

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// Why an address is not reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither http nor https, or without a host.
    #[error("only https addresses can be reached")]
    Scheme,
    /// Plain http to something that is not on the allow-list.
    #[error("{0} is not reached over plain http; use https, or ask the operator to allow it")]
    PlainHttp(String),
    /// `https://user@host`: a way to make a URL look like another.
    #[error("an address with a user name in it is not reached")]
    UserInfo,
    /// A name that leads inside by convention.
    #[error("{0} is an internal name; ask the operator to allow it")]
    InternalName(String),
    /// The address, or one of the addresses of the name, is not public.
    #[error("{host} leads to the internal address {address}; ask the operator to allow it")]
    InternalAddress {
        /// As it stands in the URL.
        host: String,
        /// What it leads to.
        address: IpAddr,
    },
}

/// One entry of the allow-list: an origin (`http://127.0.0.1:3100`), a `host:port`, or a network
/// (`10.1.0.0/16`, `192.0.2.7`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowEntry {
    /// Scheme, host and port must be these.
    Origin(url::Origin),
    /// Host and port must be these; http and https.
    HostPort(String, u16),
    /// Any port on these addresses; http and https.
    Network(IpNet),
}

/// An entry that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is neither an origin (https://host:port), nor host:port, nor a network (10.0.0.0/8)"
)]
pub struct AllowEntryError(String);

impl FromStr for AllowEntry {
    type Err = AllowEntryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let refused = || AllowEntryError(text.to_owned());
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network.trunc()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        if text.contains("://") {
            let url = Url::parse(text).map_err(|_| refused())?;
            let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            return match url.scheme() {
                "http" | "https" if bare && url.has_host() => Ok(Self::Origin(url.origin())),
                _ => Err(refused()),
            };
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(refused)?;
        let port = port.parse().map_err(|_| refused())?;
        // Through the URL parser, so that it is written the way request hosts are.
        let host = Host::parse(host).map_err(|_| refused())?;
        Ok(Self::HostPort(host.to_string(), port))
    }
}

impl fmt::Display for AllowEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(origin) => f.write_str(&origin.ascii_serialization()),
            Self::HostPort(host, port) => write!(f, "{host}:{port}"),
            Self::Network(network) => network.fmt(f),
        }
    }
}

/// What may be reached.
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    allowed: Vec<AllowEntry>,
}

/// Which addresses a URL may lead to, decided before its name is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Any: the operator named this very host and port.
    Named,
    /// Public addresses and the networks on the allow-list.
    Public,
    /// Only the networks on the allow-list: the URL is plain http.
    ListedNetworks,
}

impl EgressPolicy {
    /// Public https addresses and what `allowed` adds.
    pub fn new(allowed: Vec<AllowEntry>) -> Self {
        Self { allowed }
    }

    /// Parses the operator's list.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, AllowEntryError> {
        let allowed: Result<_, _> = entries.into_iter().map(str::parse).collect();
        allowed.map(Self::new)
    }

    /// Checks everything about `url` that needs no name resolution; for forms and for publishing.
    /// The addresses behind a name are checked when the connection is made (S25).
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        self.reach(url).map(drop)
    }

    pub(crate) fn reach(&self, url: &Url) -> Result<Reach, Refusal> {
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(Refusal::Scheme),
        };
        let host = url.host().ok_or(Refusal::Scheme)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        if self.names(url) {
            return Ok(Reach::Named);
        }
        let reach = match plain {
            true if self.lists_any_network() => Reach::ListedNetworks,
            true => return Err(Refusal::PlainHttp(host.to_string())),
            false => Reach::Public,
        };
        match host {
            Host::Domain(name) if is_internal_name(name) => {
                Err(Refusal::InternalName(name.to_owned()))
            }
            Host::Domain(_) => Ok(reach),
            Host::Ipv4(address) => self.check_literal(url, address.into(), reach),
            Host::Ipv6(address) => self.check_literal(url, address.into(), reach),
        }
    }

    /// Whether a connection to `address` may be made.
    pub(crate) fn admits(&self, address: IpAddr, reach: Reach) -> bool {
        let listed = || {
            self.allowed.iter().any(
                |entry| matches!(entry, AllowEntry::Network(network) if network.contains(&address)),
            )
        };
        match reach {
            Reach::Named => true,
            Reach::Public => is_public(address) || listed(),
            Reach::ListedNetworks => listed(),
        }
    }

    fn check_literal(&self, url: &Url, address: IpAddr, reach: Reach) -> Result<Reach, Refusal> {
        let host = url.host_str().unwrap_or_default().to_owned();
        match reach {
            _ if self.admits(address, reach) => Ok(reach),
            Reach::ListedNetworks if is_public(address) => Err(Refusal::PlainHttp(host)),
            _ => Err(Refusal::InternalAddress { host, address }),
        }
    }

    fn names(&self, url: &Url) -> bool {
        self.allowed.iter().any(|entry| match entry {
            AllowEntry::Origin(origin) => *origin == url.origin(),
            AllowEntry::HostPort(host, port) => {
                url.host_str() == Some(host) && url.port_or_known_default() == Some(*port)
            }
            AllowEntry::Network(_) => false,
        })
    }

    fn lists_any_network(&self) -> bool {
        self.allowed
            .iter()
            .any(|entry| matches!(entry, AllowEntry::Network(_)))
    }
}

/// Names that lead inside whatever they resolve to: the machine itself, cloud metadata services.
fn is_internal_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let reserved_suffix = ["localhost", "local", "internal", "localdomain", "home.arpa"]
        .iter()
        .any(|suffix| {
            name.strip_suffix(suffix)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
    reserved_suffix
        || matches!(
            name.as_str(),
            "metadata" | "metadata.goog" | "instance-data"
        )
}

/// Whether `address` is a public unicast address.
///
/// IPv4 embedded in IPv6 (mapped, NAT64, 6to4, Teredo) is never public here: it is a way around
/// the IPv4 rules, and public hosts have no need of it.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_UNICAST_V6.contains(&address)
                && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
        }
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(std::net::Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// IANA IPv4 special-purpose registry (RFC 6890), multicast and the reserved block.
const NOT_PUBLIC_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),        // this network, unspecified
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // carrier-grade NAT
    v4(127, 0, 0, 0, 8),      // loopback
    v4(169, 254, 0, 0, 16),   // link-local, cloud metadata
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocol assignments
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 88, 99, 0, 24),   // 6to4 relays
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarking
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved, broadcast
    v4(168, 63, 129, 16, 32), // Azure's platform services
];

/// Everything outside is loopback, unspecified, mapped, NAT64, ULA, link-local or multicast.
const GLOBAL_UNICAST_V6: Ipv6Net = v6(0x2000, 0, 3);

/// Parts of global unicast that are not public hosts.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 23),     // protocol assignments, Teredo, ORCHID
    v6(0x2001, 0xdb8, 32), // documentation
    v6(0x2002, 0, 16),     // 6to4
    v6(0x3fff, 0, 20),     // documentation
];
