//! AES-256-GCM with a random 96-bit nonce, and the byte layout of what it produces.
//!
//! Layout: `nonce (12) ‖ ciphertext ‖ tag (16)`. Random nonces are safe for 2³² messages per key
//! (NIST SP 800-38D §8.3); a token vault that refreshes 100,000 grants hourly reaches that after
//! five years, and rotating the key ring starts the count again.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use rand::CryptoRng;
use zeroize::Zeroizing;

/// Length of every symmetric key in this crate, in bytes.
pub(crate) const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 12;

/// A symmetric key that is wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; KEY_LENGTH]>;

/// The ciphertext was not made by this key for this associated data, or was altered since.
#[derive(Debug)]
pub(crate) struct NotAuthentic;

/// A fresh random key.
pub(crate) fn generate_key(rng: &mut (impl CryptoRng + ?Sized)) -> Key {
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    rng.fill_bytes(key.as_mut_slice());
    key
}

/// Encrypts and appends to `out`, which may already hold a header.
pub(crate) fn encrypt_onto(
    out: &mut Vec<u8>,
    key: &Key,
    associated: &[u8],
    plaintext: &[u8],
    rng: &mut (impl CryptoRng + ?Sized),
) {
    let mut nonce = [0; NONCE_LENGTH];
    rng.fill_bytes(&mut nonce);
    let sealed = cipher(key)
        .encrypt(
            &nonce.into(),
            Payload {
                msg: plaintext,
                aad: associated,
            },
        )
        .expect("AES-GCM only refuses messages of 64 GiB and more");
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
}

/// The plaintext of `sealed`, which starts at its nonce.
pub(crate) fn decrypt(
    key: &Key,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, NotAuthentic> {
    let (nonce, ciphertext) = sealed
        .split_first_chunk::<NONCE_LENGTH>()
        .ok_or(NotAuthentic)?;
    cipher(key)
        .decrypt(
            &(*nonce).into(),
            Payload {
                msg: ciphertext,
                aad: associated,
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| NotAuthentic)
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new_from_slice(key.as_slice()).expect("the key type has the cipher's key length")
}
