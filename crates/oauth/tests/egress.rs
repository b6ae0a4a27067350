//! The guarded client: where it goes, where it refuses to, and how much it takes.

mod support;

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use oauth::http::{
    AllowEntry, EgressPolicy, GuardedClient, HttpClient, HttpError, Limits, Lookup, Refusal,
};
use proptest::prelude::*;
use url::Url;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

fn check(allowed: &[&str], url: &str) -> Result<(), Refusal> {
    let policy = EgressPolicy::parse(allowed.iter().copied()).unwrap();
    policy.check(&Url::parse(url).unwrap())
}

#[test]
fn s24_public_https_is_reached() {
    for url in [
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://app.vssps.visualstudio.com:8443/x",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/",
        "https://mylocal.example/",
        "https://internal.example.com/",
    ] {
        assert_eq!(check(&[], url), Ok(()), "{url}");
    }
}

#[test]
fn s24_internal_addresses_are_refused_however_they_are_written() {
    for host in [
        // loopback
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.255.255.254",
        "[::1]",
        // unspecified
        "0.0.0.0",
        "0",
        "[::]",
        // private
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        // carrier-grade NAT
        "100.64.0.1",
        "100.127.255.255",
        // link-local and metadata services
        "169.254.169.254",
        "169.254.0.1",
        "[fe80::1]",
        "[febf::1]",
        "168.63.129.16",
        // unique local
        "[fc00::1]",
        "[fd12:3456::1]",
        "[fd00:ec2::254]",
        // multicast, broadcast, reserved
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "240.0.0.1",
        "[ff02::1]",
        // documentation, benchmarking, protocol assignments
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "198.18.0.1",
        "192.0.0.1",
        "[2001:db8::1]",
        "[3fff::1]",
        // IPv4 inside IPv6: mapped, compatible, NAT64, 6to4, Teredo
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::808:808]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
    ] {
        let refused = check(&[], &format!("https://{host}/"));
        assert!(
            matches!(refused, Err(Refusal::InternalAddress { .. })),
            "{host}: {refused:?}"
        );
    }
}

#[test]
fn s24_internal_names_are_refused() {
    for host in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "metadata.google.internal",
        "metadata",
        "metadata.goog",
        "instance-data",
        "printer.local",
        "db.internal",
        "router.home.arpa",
        "x.localdomain",
    ] {
        let refused = check(&[], &format!("https://{host}/"));
        assert!(
            matches!(refused, Err(Refusal::InternalName(_))),
            "{host}: {refused:?}"
        );
    }
}

#[test]
fn s24_only_https_and_no_user_info() {
    let refused = check(&[], "http://example.com/");
    assert!(matches!(refused, Err(Refusal::PlainHttp(_))));
    for url in [
        "ftp://example.com/",
        "file:///etc/passwd",
        "data:,x",
        "gopher://a/",
    ] {
        assert_eq!(check(&[], url), Err(Refusal::Scheme), "{url}");
    }
    for url in [
        "https://a@example.com/",
        "https://a:b@example.com/",
        "https://:b@example.com/",
    ] {
        assert_eq!(check(&[], url), Err(Refusal::UserInfo), "{url}");
    }
}

#[test]
fn s24_the_allow_list_opens_what_it_names_and_no_more() {
    let origin = ["http://127.0.0.1:3100"];
    assert_eq!(check(&origin, "http://127.0.0.1:3100/token"), Ok(()));
    assert!(check(&origin, "https://127.0.0.1:3100/").is_err());
    assert!(check(&origin, "http://127.0.0.1:3101/").is_err());
    assert!(check(&origin, "http://127.0.0.2:3100/").is_err());
    assert!(check(&origin, "http://a@127.0.0.1:3100/").is_err());

    let host = ["ado.corp.internal:443", "[fd00::1]:8443"];
    assert_eq!(check(&host, "https://ado.corp.internal/x"), Ok(()));
    assert_eq!(check(&host, "https://ADO.corp.internal:443/x"), Ok(()));
    assert_eq!(check(&host, "https://[fd00::1]:8443/x"), Ok(()));
    assert!(check(&host, "http://ado.corp.internal/x").is_err());
    assert!(check(&host, "https://evil.ado.corp.internal/x").is_err());

    let network = ["10.1.0.0/16", "192.0.2.7"];
    assert_eq!(check(&network, "https://10.1.2.3/"), Ok(()));
    assert_eq!(check(&network, "http://10.1.2.3:8080/"), Ok(()));
    assert_eq!(check(&network, "http://192.0.2.7/"), Ok(()));
    assert!(check(&network, "https://10.2.0.1/").is_err());
    // A network opens plain http to itself, not to the world.
    assert!(check(&network, "http://8.8.8.8/").is_err());
    assert!(check(&network, "https://localhost/").is_err());
}

#[test]
fn allow_list_entries_are_checked() {
    for bad in [
        "",
        "example.com",
        "https://example.com/path",
        "https://a?b",
        "ftp://a:1",
        "a:port",
        "10.0.0.0/40",
        "a b:1",
    ] {
        assert!(bad.parse::<AllowEntry>().is_err(), "{bad}");
    }
    for good in [
        "http://127.0.0.1:3100",
        "example.com:8443",
        "10.0.0.0/8",
        "[::1]:443",
    ] {
        let entry: AllowEntry = good.parse().unwrap();
        assert_eq!(entry.to_string(), good);
    }
}

/// A name server that answers from a table and may change its mind.
#[derive(Default)]
struct Table {
    answers: HashMap<&'static str, Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Lookup for Table {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let answers = self.answers.get(host).ok_or(io::ErrorKind::NotFound)?;
        Ok(answers[turn.min(answers.len() - 1)].clone())
    }
}

fn client(policy: EgressPolicy, table: &Arc<Table>) -> GuardedClient {
    let lookup: Arc<dyn Lookup> = table.clone();
    GuardedClient::with_lookup(policy, &lookup).unwrap()
}

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

async fn get(client: &GuardedClient, url: &str) -> Result<http::Response<Vec<u8>>, HttpError> {
    let request = http::Request::get(url).body(Vec::new()).unwrap();
    client.execute(request).await
}

#[tokio::test]
async fn s25_a_name_with_one_internal_address_is_refused() {
    for answer in [
        &["127.0.0.1"][..],
        &["8.8.8.8", "10.0.0.1"],
        &["2606:4700:4700::1111", "::ffff:127.0.0.1"],
    ] {
        let table = Table {
            answers: HashMap::from([("rebind.example", vec![addresses(answer)])]),
            ..Table::default()
        };
        let client = client(EgressPolicy::default(), &Arc::new(table));
        let error = get(&client, "https://rebind.example/").await.unwrap_err();
        assert!(
            matches!(error, HttpError::Refused(Refusal::InternalAddress { .. })),
            "{answer:?}: {error:?}"
        );
        assert!(!error.may_have_been_sent());
    }
}

#[tokio::test]
async fn s25_a_name_is_resolved_once_and_the_checked_address_is_used() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(204))
        .mount(&server)
        .await;
    // The listed network has the server; the second answer would lead elsewhere.
    let table = Arc::new(Table {
        answers: HashMap::from([(
            "rebind.example",
            vec![addresses(&["127.0.0.1"]), addresses(&["127.0.0.9"])],
        )]),
        ..Table::default()
    });
    let policy = EgressPolicy::parse(["127.0.0.1"]).unwrap();
    let client = client(policy, &table);
    let url = format!("http://rebind.example:{}/", server.address().port());
    assert_eq!(get(&client, &url).await.unwrap().status(), 204);
    assert_eq!(table.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn s24_plain_http_to_a_public_name_stays_closed_when_a_network_is_listed() {
    let table = Table {
        answers: HashMap::from([("public.example", vec![addresses(&["8.8.8.8"])])]),
        ..Table::default()
    };
    let policy = EgressPolicy::parse(["10.0.0.0/8"]).unwrap();
    let client = client(policy, &Arc::new(table));
    let error = get(&client, "http://public.example/").await.unwrap_err();
    assert!(matches!(error, HttpError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn an_unknown_name_and_a_closed_port_were_never_sent_to() {
    let client = client(EgressPolicy::default(), &Arc::new(Table::default()));
    let error = get(&client, "https://nowhere.example/").await.unwrap_err();
    assert!(matches!(error, HttpError::Dns(_)), "{error:?}");

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let policy = EgressPolicy::parse(["127.0.0.1"]).unwrap();
    let client = GuardedClient::new(policy).unwrap();
    let error = get(&client, &url).await.unwrap_err();
    assert!(matches!(error, HttpError::Connect(_)), "{error:?}");
    assert!(!error.may_have_been_sent());
}

#[tokio::test]
async fn s24_ip_literals_are_refused_before_any_connection() {
    let server = MockServer::start().await;
    let client = GuardedClient::new(EgressPolicy::default()).unwrap();
    let url = server.uri().replace("http:", "https:");
    let error = get(&client, &url).await.unwrap_err();
    assert!(matches!(error, HttpError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn s15_redirects_come_back_as_they_are() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(302).insert_header("location", "/again"))
        .expect(1)
        .mount(&server)
        .await;
    let client = support::client_for(&server);
    let response = get(&client, &server.uri()).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "/again");
}

#[tokio::test]
async fn s30_a_large_body_is_cut_off() {
    let server = MockServer::start().await;
    let body = vec![b'x'; 1024 * 1024 + 1];
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_bytes(body))
        .mount(&server)
        .await;
    let client = support::client_for(&server);
    let error = get(&client, &server.uri()).await.unwrap_err();
    assert!(matches!(error, HttpError::TooLarge(1_048_576)), "{error:?}");
    let roomy = client.with_limits(Limits {
        body: 2 * 1024 * 1024,
        ..Limits::default()
    });
    let whole = get(&roomy, &server.uri()).await.unwrap();
    assert_eq!(whole.body().len(), 1024 * 1024 + 1);
}

#[tokio::test]
async fn s30_a_body_of_unknown_length_is_cut_off_while_it_streams() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let endless = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let _ = socket.read(&mut request).await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
        socket.write_all(head).await.unwrap();
        let chunk = vec![b'x'; 64 * 1024];
        let mut sent = 0_usize;
        while socket.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
        sent
    });
    let client = GuardedClient::new(EgressPolicy::parse(["127.0.0.1"]).unwrap()).unwrap();
    let error = get(&client, &url).await.unwrap_err();
    assert!(matches!(error, HttpError::TooLarge(_)), "{error:?}");
    drop(client);
    // What was read beyond the limit is at most what the sockets buffer.
    assert!(endless.await.unwrap() < 16 * 1024 * 1024);
}

#[tokio::test]
async fn s30_a_slow_answer_ends_at_the_limit_and_is_ambiguous() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(20)))
        .mount(&server)
        .await;
    let client = support::client_for(&server).with_limits(Limits {
        total: Duration::from_millis(200),
        ..Limits::default()
    });
    let error = get(&client, &server.uri()).await.unwrap_err();
    assert!(matches!(error, HttpError::Timeout(_)), "{error:?}");
    assert!(error.may_have_been_sent());
}

proptest! {
    #[test]
    fn s24_no_private_v4_address_is_reached_by_any_spelling(
        last in prop::array::uniform3(0_u8..), first in prop::sample::select(vec![0_u8, 10, 127, 224, 240, 255]),
    ) {
        let [b, c, d] = last;
        let number = u32::from_be_bytes([first, b, c, d]);
        for host in [
            format!("{first}.{b}.{c}.{d}"),
            number.to_string(),
            format!("0x{number:x}"),
            format!("[::ffff:{first}.{b}.{c}.{d}]"),
            format!("[64:ff9b::{first}.{b}.{c}.{d}]"),
        ] {
            prop_assert!(check(&[], &format!("https://{host}/")).is_err(), "{}", host);
        }
    }

    #[test]
    fn entries_and_urls_never_panic(entry in ".{0,40}", url in "https?://.{0,40}") {
        let entry = entry.parse::<AllowEntry>().ok();
        if let Ok(url) = Url::parse(&url) {
            let _ = EgressPolicy::new(entry.into_iter().collect()).check(&url);
        }
    }
}
