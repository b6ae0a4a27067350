//! What to do with the keys when the service starts.

use crate::vault::SealReason;

/// The decision of [`decide`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartUp {
    /// First start: make a root key file and a key ring.
    CreateRootKeyAndRing,
    /// First start with a root key that the operator provided: make a key ring only.
    CreateRing,
    /// Open the ring with the root key.
    Open,
    /// Start, but answer nothing that needs a secret; readiness is 503.
    Sealed(SealReason),
}

/// Decides from what is there. A key is only ever made while there is nothing it could orphan (S20).
///
/// `ciphertext_exists` is true when any sealed column holds a value.
pub fn decide(root_key_present: bool, ring_rows: usize, ciphertext_exists: bool) -> StartUp {
    match (root_key_present, ring_rows > 0, ciphertext_exists) {
        (true, true, _) => StartUp::Open,
        (true, false, false) => StartUp::CreateRing,
        (true, false, true) => StartUp::Sealed(SealReason::KeyRingMissing),
        (false, false, false) => StartUp::CreateRootKeyAndRing,
        (false, _, _) => StartUp::Sealed(SealReason::RootKeyMissing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s20_no_key_is_made_while_ring_or_ciphertext_exists() {
        for root_key_present in [false, true] {
            for ring_rows in [0, 1, 7] {
                for ciphertext in [false, true] {
                    let decision = decide(root_key_present, ring_rows, ciphertext);
                    let creates = matches!(
                        decision,
                        StartUp::CreateRing | StartUp::CreateRootKeyAndRing
                    );
                    assert_eq!(creates, ring_rows == 0 && !ciphertext, "{decision:?}");
                }
            }
        }
    }

    #[test]
    fn s20_a_missing_root_key_seals() {
        let sealed = StartUp::Sealed(SealReason::RootKeyMissing);
        assert_eq!(decide(false, 1, true), sealed);
        assert_eq!(decide(false, 1, false), sealed);
        assert_eq!(decide(false, 0, true), sealed);
    }

    #[test]
    fn the_operators_own_root_key_is_used() {
        assert_eq!(decide(true, 0, false), StartUp::CreateRing);
        assert_eq!(decide(true, 3, true), StartUp::Open);
    }
}
