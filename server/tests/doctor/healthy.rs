use crate::{
    installation::Installation,
    support::{PASSWORD, TestServer},
};
use std::{collections::BTreeMap, path::Path};

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_in_order() {
    let installation = Installation::new().await;
    installation.provider_is_ahead_by(0).await;
    let visit = installation.examine(&[]).await;
    assert_eq!(visit.code, 0, "{:#}", visit.report);
    insta::assert_json_snapshot!(installation.redacted(&visit.report));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_the_same() {
    let installation = Installation::new().await;
    installation.provider_is_ahead_by(0).await;
    let configuration = installation.configuration(installation.server.folder());
    let output = installation.run(&configuration, &["--deep"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\nok       root_key "), "{text}");
    assert!(text.ends_with("Everything is in order.\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours in a pipe: {text}");
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            for (inner, content) in files(&entry.path()) {
                found.insert(format!("{name}/{inner}"), content);
            }
        } else {
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// Keys, journals and what else lies there stay as they are; of the database, the row that proves
/// that it takes writes is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_leaves_no_trace() {
    let mut installation = Installation::new().await;
    installation.provider_is_ahead_by(0).await;
    installation.stop().await;
    let before = files(installation.server.folder());
    installation.examine(&["--deep"]).await;
    let after = files(installation.server.folder());
    for (name, content) in &before {
        if !name.starts_with("tokenry.db") {
            assert_eq!(after.get(name), Some(content), "{name} was changed");
        }
    }
    let added: Vec<_> = after
        .keys()
        .filter(|name| !before.contains_key(*name) && !name.starts_with("tokenry.db"))
        .collect();
    assert!(added.is_empty(), "{added:?} were added");
}

/// Before the first start there is nothing to look at, and nothing is made.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made() {
    let installation = Installation::of(TestServer::start().await).await;
    let outside = tempfile::tempdir().unwrap();
    let visit = installation
        .examine_with(&installation.configuration(outside.path()), &[])
        .await;
    visit.expect("database", "failure");
    assert!(files(outside.path()).is_empty());

    let missing = outside.path().join("data");
    let visit = installation
        .examine_with(&installation.configuration(&missing), &[])
        .await;
    visit.expect("data_directory", "failure");
    assert!(!missing.exists());
}

/// S17: what a person typed elsewhere is not in the report either.
#[tokio::test(flavor = "multi_thread")]
async fn s17_no_secret_is_told() {
    let installation = Installation::new().await;
    let _ = installation.server.browser().await;
    let key = std::fs::read_to_string(installation.file("root.key")).unwrap();
    let visit = installation.examine(&["--deep"]).await;
    let report = visit.report.to_string();
    for secret in [PASSWORD, key.trim()] {
        assert!(!report.contains(secret), "{report}");
    }
}
