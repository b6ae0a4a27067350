//! The root key file: who may read it, and that it is never overwritten.
#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt};

use rand::{SeedableRng, rngs::StdRng};
use vault::{KeyRing, RootKey, RootKeyError, SecretString};

fn rng() -> StdRng {
    StdRng::seed_from_u64(3)
}

#[test]
fn a_created_key_is_private_and_loads_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("root.key");
    assert!(RootKey::load(&path).unwrap().is_none());

    let created = RootKey::create(&path, &mut rng()).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);

    let loaded = RootKey::load(&path).unwrap().unwrap();
    let (_, row) = KeyRing::create(&created, &mut rng());
    assert!(KeyRing::open(&loaded, &[row]).is_ok());
}

#[test]
fn s20_an_existing_key_is_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("root.key");
    RootKey::create(&path, &mut rng()).unwrap();
    let before = fs::read(&path).unwrap();
    let error = RootKey::create(&path, &mut StdRng::seed_from_u64(4)).unwrap_err();
    assert!(matches!(error, RootKeyError::Exists(_)), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_others_can_read_is_refused_with_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("root.key");
    RootKey::create(&path, &mut rng()).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = RootKey::load(&path).unwrap_err();
        assert!(matches!(error, RootKeyError::Exposed { .. }), "{mode:o}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(RootKey::load(&path).unwrap().is_some(), "{mode:o}");
    }
}

#[test]
fn anything_but_32_bytes_of_base64_is_refused_without_echoing_it() {
    for text in ["", "AAAA", "not base64!", &"A".repeat(44), &"A".repeat(90)] {
        let error = RootKey::from_base64(&SecretString::from(text)).unwrap_err();
        assert!(matches!(error, RootKeyError::Malformed), "{text}");
        assert_eq!(error.to_string(), "the root key is not base64 of 32 bytes");
    }
    let good = format!("{}=\n", "A".repeat(43));
    assert!(RootKey::from_base64(&SecretString::from(good)).is_ok());
}
