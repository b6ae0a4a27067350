//! Bearer secrets that Tokenry issues itself (API keys, sessions, one-time links): shown once,
//! stored as a SHA-256 hash. A plain hash is enough because they are random, not chosen (S22).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::CryptoRng;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A random secret of `bytes` bytes as unpadded base64url (32 bytes give 43 characters, which is
/// also a valid PKCE verifier, RFC 7636 §4.1).
pub fn random_token(rng: &mut (impl CryptoRng + ?Sized), bytes: usize) -> SecretString {
    let mut raw = Zeroizing::new(vec![0; bytes]);
    rng.fill_bytes(&mut raw);
    SecretString::from(URL_SAFE_NO_PAD.encode(raw.as_slice()))
}

/// What is stored and looked up instead of the token.
pub fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Compares two hashes in constant time.
pub fn hashes_equal(left: &[u8; 32], right: &[u8; 32]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn s22_tokens_are_long_unlike_and_url_safe() {
        let mut rng = StdRng::seed_from_u64(1);
        let first = random_token(&mut rng, 32);
        let second = random_token(&mut rng, 32);
        assert_eq!(first.expose_secret().len(), 43);
        assert_ne!(first.expose_secret(), second.expose_secret());
        assert!(
            first
                .expose_secret()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
    }

    #[test]
    fn hashes_match_only_the_same_token() {
        // SHA-256 of "abc", FIPS 180-2 appendix B.1
        assert_eq!(hash_token("abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert!(hashes_equal(&hash_token("a"), &hash_token("a")));
        assert!(!hashes_equal(&hash_token("a"), &hash_token("b")));
    }
}
