//! What does not work, or will not after the next start: exit code 1.

use crate::installation::Installation;
use axum::{
    Router,
    http::{StatusCode, header},
    routing::any,
};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt as _};
use storage::{Storage as _, sealed::SealedColumn};
use wiremock::{Mock, ResponseTemplate, matchers::path};

/// S20: and none is made.
#[tokio::test(flavor = "multi_thread")]
async fn s20_the_root_key_is_missing() {
    let installation = Installation::new().await;
    installation.provider_is_ahead_by(0).await;
    fs::remove_file(installation.file("root.key")).unwrap();
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("root_key", "failure");
    assert!(summary.contains("missing"), "{summary}");
    assert!(!installation.file("root.key").exists());
    insta::assert_json_snapshot!(installation.redacted(&visit.report));
}

#[tokio::test(flavor = "multi_thread")]
async fn s20_the_root_key_is_another_one() {
    let installation = Installation::new().await;
    // 32 zero bytes, base64.
    fs::write(
        installation.file("root.key"),
        format!("{}=\n", "A".repeat(43)),
    )
    .unwrap();
    let summary = installation
        .examine(&[])
        .await
        .expect("root_key", "failure");
    assert!(
        summary.contains("not the key of this database"),
        "{summary}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn others_can_read_the_root_key() {
    let installation = Installation::new().await;
    let key = installation.file("root.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("root_key", "failure");
    assert!(summary.contains("mode 644"), "{summary}");
    let next = visit.findings("root_key")[0]["next_action"].to_string();
    assert!(next.contains("chmod 600"), "{next}");
}

/// R16: one bit of a sealed value; everything else is as it was.
#[tokio::test(flavor = "multi_thread")]
async fn r16_a_byte_of_a_sealed_value_has_changed() {
    let mut installation = Installation::new().await;
    let sealed = {
        let mut tx = installation.server.storage().read().await.unwrap();
        let mut page = tx.sealed().page(SealedColumn::RefreshToken, 0, 1).await;
        page.as_mut().unwrap().remove(0)
    };
    installation.stop().await;
    let database = installation.file("tokenry.db");
    let mut bytes = fs::read(&database).unwrap();
    let at = bytes
        .windows(sealed.value.0.len())
        .position(|window| window == sealed.value.0)
        .expect("the ciphertext lies in the file");
    bytes[at + sealed.value.0.len() / 2] ^= 1;
    fs::write(&database, bytes).unwrap();

    let visit = installation.examine(&[]).await;
    let summary = visit.expect("sealed_values", "failure");
    assert!(summary.contains("grants.refresh_token"), "{summary}");
    assert!(summary.contains(&sealed.id.to_string()), "{summary}");
    visit.expect("database", "ok");
}

/// R16: a file that was cut off, one that is something else, one that was written over.
#[tokio::test(flavor = "multi_thread")]
async fn r16_the_database_is_damaged() {
    let mut installation = Installation::new().await;
    installation.stop().await;
    let database = installation.file("tokenry.db");
    let whole = fs::read(&database).unwrap();
    let mut scribbled = whole.clone();
    for page in scribbled.chunks_exact_mut(4096).skip(1) {
        page[..100].fill(0xa5);
    }
    for damaged in [
        whole[..whole.len() / 2].to_vec(),
        b"a file of another program, longer than a header".repeat(3),
        scribbled,
        Vec::new(),
    ] {
        let _ = fs::remove_file(installation.file("tokenry.db-wal"));
        let _ = fs::remove_file(installation.file("tokenry.db-shm"));
        fs::write(&database, damaged).unwrap();
        let visit = installation.examine(&["--deep"]).await;
        let worst = visit.findings("database");
        // An empty file is an empty database: it is told that its tables are missing.
        assert_ne!(worst[0]["status"], "ok", "{:#}", visit.report);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_wrong() {
    let installation = Installation::new().await;
    for configuration in ["lisen = \"127.0.0.1:1\"", "not = [toml"] {
        let visit = installation.examine_with(configuration, &[]).await;
        visit.expect("configuration", "failure");
    }
}

/// R12: tokens' lives are counted by our clock.
#[tokio::test(flavor = "multi_thread")]
async fn r12_the_clock_is_wrong() {
    let installation = Installation::new().await;
    installation.provider_is_ahead_by(600).await;
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("provider_clock", "failure");
    assert!(summary.contains("behind"), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_url_leads_elsewhere() {
    let mut installation = Installation::new().await;
    let elsewhere = installation.provider.uri();
    for (name, answer) in [
        (
            "Another Tokenry answers",
            ResponseTemplate::new(200).insert_header("tokenry-instance", "0123456789abcdef"),
        ),
        ("Something else answers", ResponseTemplate::new(404)),
    ] {
        installation.provider.reset().await;
        Mock::given(path("/healthz"))
            .respond_with(answer)
            .mount(&installation.provider)
            .await;
        installation.public_url.clone_from(&elsewhere);
        let summary = installation
            .examine(&[])
            .await
            .expect("public_url", "failure");
        assert!(summary.contains(name), "{summary}");
    }
    // Nobody there, though the server runs.
    installation.public_url = "http://127.0.0.1:9".to_owned();
    let summary = installation
        .examine(&[])
        .await
        .expect("public_url", "failure");
    assert!(summary.contains("The server runs"), "{summary}");
}

/// The health check gets through, and what providers send back does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_answers_callbacks_itself() {
    let mut installation = Installation::new().await;
    let sign_in = (
        StatusCode::FOUND,
        [(header::LOCATION, "https://sso.example.com/")],
    );
    let other = (
        StatusCode::BAD_REQUEST,
        [("tokenry-instance", "0123456789abcdef")],
    );
    for (name, routes) in [
        (
            "Something else answers",
            Router::new().route("/callback/{*path}", any(sign_in)),
        ),
        (
            "Another Tokenry answers",
            Router::new().route("/callback/{*path}", any(other)),
        ),
    ] {
        installation.behind(routes).await;
        let visit = installation.examine(&[]).await;
        visit.expect("public_url", "ok");
        let summary = visit.expect("redirect_uris", "failure");
        assert!(summary.contains(name), "{summary}");
        let uri = format!("{}/callback/azure-devops", installation.public_url);
        assert!(summary.contains(&uri), "{summary}");
    }
}

/// Only the addresses of one provider are kept back.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_has_rules_by_path() {
    let mut installation = Installation::new().await;
    let generic = json!({ "name": "Generic", "provider": "oauth2", "settings": {
        "authorization_url": "https://login.example.com/authorize",
        "token_url": "https://login.example.com/token",
        "client_id": "generic",
    } });
    let api = installation.server.api().await;
    api.post_json("/authorizations", generic).await.expect(201);
    let rule = Router::new().route("/callback/oauth2/{id}", any(StatusCode::FORBIDDEN));
    installation.behind(rule).await;
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("redirect_uris", "failure");
    assert!(summary.contains("/callback/oauth2/"), "{summary}");
    assert!(summary.contains("(HTTP 403)"), "{summary}");
    assert_eq!(visit.findings("redirect_uris").len(), 1);

    installation.behind(Router::new()).await;
    let visit = installation.examine(&[]).await;
    let summary = visit.expect("redirect_uris", "ok");
    assert!(summary.contains("(2)"), "{summary}");
}

/// R8: without a durable journal no refresh begins.
#[tokio::test(flavor = "multi_thread")]
async fn r8_the_journal_takes_no_files() {
    let installation = Installation::new().await;
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["tokenry.db", "root.key"] {
        fs::copy(installation.file(name), elsewhere.path().join(name)).unwrap();
    }
    // A directory in which nobody, root included, can make a file.
    let journal = elsewhere.path().join("journal");
    std::os::unix::fs::symlink("/proc/self/fdinfo", &journal).unwrap();
    let visit = installation
        .examine_with(&installation.configuration(elsewhere.path()), &[])
        .await;
    let summary = visit.expect("journal", "failure");
    assert!(summary.contains("takes no files"), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_server_is_not_one() {
    let installation = Installation::new().await;
    // A port on which nobody listens any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let configuration = format!(
        "{}[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"tokenry@example.com\"\n",
        installation.configuration(installation.server.folder()),
    );
    let visit = installation.examine_with(&configuration, &[]).await;
    let summary = visit.expect("smtp", "failure");
    assert!(summary.contains("does not let us in"), "{summary}");
}
