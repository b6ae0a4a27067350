//! Where a request came from: the peer, or what proxies that the operator trusts say of it.

use axum::extract::{ConnectInfo, Request};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The address requests are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address nearest to us that is not a trusted proxy.
///
/// `X-Forwarded-For` is read from the right: every proxy adds the address it was called from, and
/// what stands further left than the first stranger is that stranger's invention.
pub fn of(request: &Request, trusted: &[IpNet]) -> IpAddr {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| {
            info.0.ip().to_canonical()
        });
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let lines = request.headers().get_all(X_FORWARDED_FOR);
    let hops: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .collect();
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = address.to_canonical();
        if !is_trusted(&nearest) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut request = Request::builder();
        for line in forwarded {
            request = request.header(X_FORWARDED_FOR, *line);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let peer = SocketAddr::new(peer.parse().unwrap(), 1234);
        request.extensions_mut().insert(ConnectInfo(peer));
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        of(&request, &trusted).to_string()
    }

    #[test]
    fn strangers_cannot_choose_their_address() {
        assert_eq!(client("192.0.2.1", &["198.51.100.9"], &[]), "192.0.2.1");
        assert_eq!(
            client("192.0.2.1", &["198.51.100.9"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
        let proxies = ["10.0.0.0/8"];
        assert_eq!(
            client("10.0.0.1", &["198.51.100.9"], &proxies),
            "198.51.100.9"
        );
        assert_eq!(
            client(
                "10.0.0.1",
                &["203.0.113.5, 198.51.100.9, 10.0.0.2"],
                &proxies
            ),
            "198.51.100.9"
        );
        assert_eq!(
            client("10.0.0.1", &["203.0.113.5", "198.51.100.9"], &proxies),
            "198.51.100.9"
        );
        assert_eq!(
            client("10.0.0.1", &["198.51.100.9, junk"], &proxies),
            "10.0.0.1"
        );
        assert_eq!(
            client("::ffff:10.0.0.1", &["198.51.100.9"], &proxies),
            "198.51.100.9"
        );
    }
}
