//! What a thief, a clumsy operator or a failing disk must not get out of the vault.

use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};
use vault::{
    ExposeSecret, KeyRing, Place, RootKey, SealReason, SecretString, Vault, VaultError, VaultState,
    WrappedKey,
};

const PLACE: Place<'static> = Place {
    workspace: "w1",
    table: "grants",
    row: "g1",
    column: "access_token",
};

fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

fn new_vault() -> (RootKey, WrappedKey, Vault) {
    let root = RootKey::generate(&mut rng());
    let (ring, row) = KeyRing::create(&root, &mut rng());
    (root, row, Vault::new(ring))
}

#[test]
fn text_comes_back_as_it_went_in() {
    let (_, _, vault) = new_vault();
    let sealed = vault
        .seal_string(&PLACE, &SecretString::from("s3cret ✓"), &mut rng())
        .unwrap();
    assert!(!sealed.windows(6).any(|w| w == b"s3cret"));
    let opened = vault.open_string(&PLACE, &sealed).unwrap();
    assert_eq!(opened.expose_secret(), "s3cret ✓");
}

#[test]
fn the_same_text_never_seals_to_the_same_bytes() {
    let (_, _, vault) = new_vault();
    let mut rng = rng();
    let first = vault.seal(&PLACE, b"x", &mut rng).unwrap();
    let second = vault.seal(&PLACE, b"x", &mut rng).unwrap();
    assert_ne!(first, second);
}

#[test]
fn s18_moved_ciphertext_fails_closed() {
    let (_, _, vault) = new_vault();
    let sealed = vault.seal(&PLACE, b"token", &mut rng()).unwrap();
    let elsewhere = [
        Place {
            workspace: "w2",
            ..PLACE
        },
        Place {
            table: "drafts",
            ..PLACE
        },
        Place { row: "g2", ..PLACE },
        Place {
            column: "refresh_token",
            ..PLACE
        },
        // The same characters, cut differently.
        Place {
            workspace: "w1g",
            table: "rants",
            ..PLACE
        },
        Place {
            row: "g1a",
            column: "ccess_token",
            ..PLACE
        },
    ];
    for place in elsewhere {
        assert_eq!(
            vault.open(&place, &sealed).unwrap_err(),
            VaultError::NotAuthentic,
            "{place:?}"
        );
    }
}

#[test]
fn r16_every_flipped_bit_and_every_truncation_is_detected() {
    let (_, _, vault) = new_vault();
    let sealed = vault.seal(&PLACE, b"token", &mut rng()).unwrap();
    for position in 0..sealed.len() {
        for bit in 0..8 {
            let mut altered = sealed.clone();
            altered[position] ^= 1 << bit;
            assert!(vault.open(&PLACE, &altered).is_err(), "{position}.{bit}");
        }
    }
    for length in 0..sealed.len() {
        assert!(vault.open(&PLACE, &sealed[..length]).is_err(), "{length}");
    }
    let longer = [sealed.as_slice(), b"\0"].concat();
    assert!(vault.open(&PLACE, &longer).is_err());
}

#[test]
fn s19_old_versions_stay_readable_after_rotation() {
    let (root, first_row, vault) = new_vault();
    let old = vault.seal(&PLACE, b"old", &mut rng()).unwrap();

    let (ring, second_row) = vault.ring().unwrap().rotate(&root, &mut rng());
    let clone = vault.clone();
    vault.replace_ring(ring);

    assert_eq!(clone.state(), VaultState::Open { key_version: 2 });
    let new = clone.seal(&PLACE, b"new", &mut rng()).unwrap();
    assert_eq!(Vault::key_version_of(&old), Ok(1));
    assert_eq!(Vault::key_version_of(&new), Ok(2));

    // After a restart from the persisted rows, in any order, both are readable.
    let restarted = Vault::open_ring(&root, &[second_row, first_row.clone()]);
    assert_eq!(**restarted.open(&PLACE, &old).unwrap(), *b"old");
    assert_eq!(**restarted.open(&PLACE, &new).unwrap(), *b"new");

    // Without the second row the new value is refused by name, not misread.
    let behind = Vault::open_ring(&root, &[first_row]);
    assert_eq!(
        behind.open(&PLACE, &new).unwrap_err(),
        VaultError::UnknownKeyVersion(2)
    );
}

#[test]
fn s19_a_new_root_key_keeps_the_data_readable() {
    let (old_root, _, vault) = new_vault();
    let sealed = vault.seal(&PLACE, b"kept", &mut rng()).unwrap();
    let new_root = RootKey::generate(&mut StdRng::seed_from_u64(8));
    let rows = vault.ring().unwrap().rewrap(&new_root, &mut rng());
    let moved = Vault::open_ring(&new_root, &rows);
    assert_eq!(**moved.open(&PLACE, &sealed).unwrap(), *b"kept");
    assert_eq!(
        KeyRing::open(&old_root, &rows).unwrap_err(),
        SealReason::RootKeyWrong
    );
}

#[test]
fn s20_a_wrong_root_key_seals_everything() {
    let (_, row, right) = new_vault();
    let sealed = right.seal(&PLACE, b"token", &mut rng()).unwrap();
    let wrong = RootKey::generate(&mut StdRng::seed_from_u64(99));
    let vault = Vault::open_ring(&wrong, &[row]);
    let refused = VaultError::Sealed(SealReason::RootKeyWrong);
    assert_eq!(vault.state(), VaultState::Sealed(SealReason::RootKeyWrong));
    assert_eq!(vault.open(&PLACE, &sealed).unwrap_err(), refused);
    assert_eq!(vault.seal(&PLACE, b"x", &mut rng()).unwrap_err(), refused);
    assert_eq!(vault.ring().unwrap_err(), refused);
}

#[test]
fn s20_a_damaged_or_swapped_ring_is_not_used_in_part() {
    let (root, first, vault) = new_vault();
    let (_, second) = vault.ring().unwrap().rotate(&root, &mut rng());
    let mut damaged = second.clone();
    damaged.wrapped[20] ^= 1;
    assert_eq!(
        KeyRing::open(&root, &[first.clone(), damaged]).unwrap_err(),
        SealReason::KeyRingDamaged
    );
    // Key bytes that claim another row's version.
    let swapped = WrappedKey {
        version: 1,
        ..second
    };
    assert_eq!(
        KeyRing::open(&root, &[swapped]).unwrap_err(),
        SealReason::RootKeyWrong
    );
    assert_eq!(
        KeyRing::open(&root, &[]).unwrap_err(),
        SealReason::KeyRingMissing
    );
}

#[test]
fn s21_debug_shows_no_key_material() {
    let (root, _, vault) = new_vault();
    assert_eq!(format!("{root:?}"), "RootKey(…)");
    assert_eq!(format!("{vault:?}"), "Vault(Open { key_version: 1 })");
    let ring = format!("{:?}", vault.ring().unwrap());
    assert_eq!(ring, "KeyRing { versions: [1], .. }");
}

proptest! {
    #[test]
    fn any_bytes_come_back(
        plaintext in proptest::collection::vec(any::<u8>(), 0..2048),
        workspace in ".{0,40}", table in ".{0,20}", row in ".{0,40}", column in ".{0,20}",
        seed in any::<u64>(),
    ) {
        let (_, _, vault) = new_vault();
        let place = Place { workspace: &workspace, table: &table, row: &row, column: &column };
        let sealed = vault.seal(&place, &plaintext, &mut StdRng::seed_from_u64(seed)).unwrap();
        prop_assert_eq!(&**vault.open(&place, &sealed).unwrap(), &plaintext);
    }

    #[test]
    fn arbitrary_bytes_never_open(sealed in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (_, _, vault) = new_vault();
        prop_assert!(vault.open(&PLACE, &sealed).is_err());
    }
}
