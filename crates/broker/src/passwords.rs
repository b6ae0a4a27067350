//! Password hashing (S23): Argon2id with the parameters OWASP asks for at least (19 MiB, 2 passes),
//! away from the threads that serve requests.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};

/// A hash of no password at all: checking against it takes as long as checking a real one, so that
/// the time of an answer does not tell whether an address is known.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dG9rZW5yeS1ub2JvZHktMQ$Qh0dVBHMXEJNcA5m2a0vB0ZbH8VJ4d4y2v0Fz5hQ3aE";

/// Hashes a password into PHC format.
///
/// # Panics
/// Never: the parameters are constant and the salt has a valid length.
pub async fn hash(password: SecretString, rng: &mut (dyn CryptoRng + Send)) -> String {
    let mut salt = [0; 16];
    rng.fill_bytes(&mut salt);
    blocking(move || {
        Argon2::default()
            .hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
            .expect("default parameters and a 16-byte salt are valid")
            .to_string()
    })
    .await
}

/// Whether it is that password. `None` stands for a person who does not exist: never, after as long.
pub async fn verify(password: SecretString, hash: Option<String>) -> bool {
    blocking(move || {
        let phc = hash.as_deref().unwrap_or(NOBODY);
        let matches = PasswordHash::new(phc).is_ok_and(|parsed| {
            Argon2::default()
                .verify_password(password.expose_secret().as_bytes(), &parsed)
                .is_ok()
        });
        matches && hash.is_some()
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::{NOBODY, hash, verify};
    use argon2::password_hash::phc::PasswordHash;
    use rand::{SeedableRng, rngs::StdRng};

    // S23
    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let mut rng = StdRng::seed_from_u64(1);
        let hash = hash("correct horse battery".into(), &mut rng).await;
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(verify("correct horse battery".into(), Some(hash.clone())).await);
        assert!(!verify("correct horse batterz".into(), Some(hash)).await);
        assert!(!verify("anything".into(), None).await);
    }

    #[test]
    fn nobody_costs_as_much_as_somebody() {
        let parsed = PasswordHash::new(NOBODY).unwrap();
        assert_eq!(parsed.params.get_decimal("m"), Some(19456));
    }
}
