//! The key that signs id tokens (RS256), made in memory when it is first needed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rand::{CryptoRng, SeedableRng as _, rngs::StdRng};
use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey as _, traits::PublicKeyParts as _};
use serde::Serialize;
use serde_json::{Value, json};

use crate::ledger::fingerprint;

const BITS: usize = 2_048;

/// The key could not be made or used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("the signing key cannot be made: {0}")]
    Generate(#[from] rsa::Error),
    #[error("the signing key cannot be encoded: {0}")]
    Encode(#[from] rsa::pkcs1::Error),
    #[error("the id token cannot be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
    #[error("the thread that made the signing key ended early: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// An RSA key with its id.
pub(crate) struct SigningKey {
    kid: String,
    modulus: String,
    exponent: String,
    encoding: EncodingKey,
}

impl SigningKey {
    /// Makes a key. Takes a good part of a second: call it where blocking is allowed.
    pub(crate) fn generate(seed: [u8; 32]) -> Result<Self, KeyError> {
        let private = RsaPrivateKey::new(&mut OlderRng(StdRng::from_seed(seed)), BITS)?;
        let modulus = URL_SAFE_NO_PAD.encode(private.n().to_bytes_be());
        Ok(Self {
            kid: fingerprint(&modulus),
            exponent: URL_SAFE_NO_PAD.encode(private.e().to_bytes_be()),
            encoding: EncodingKey::from_rsa_der(private.to_pkcs1_der()?.as_bytes()),
            modulus,
        })
    }

    /// Signs the claims (RFC 7519) and names the key in the header.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, KeyError> {
        let header = Header {
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::RS256)
        };
        Ok(jsonwebtoken::encode(&header, claims, &self.encoding)?)
    }

    /// The public half as a key set (RFC 7517 §5).
    pub(crate) fn key_set(&self) -> Value {
        json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": self.modulus,
            "e": self.exponent,
        }]})
    }
}

/// The `rsa` crate expects the random traits of an earlier generation.
struct OlderRng<R>(R);

impl<R: CryptoRng> rsa::rand_core::RngCore for OlderRng<R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.fill_bytes(dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.0.fill_bytes(dest);
        Ok(())
    }
}

impl<R: CryptoRng> rsa::rand_core::CryptoRng for OlderRng<R> {}
