//! The root key: 32 bytes that never enter the database.
//!
//! Text form: base64 on one line, so that it fits into a secret store or an environment variable.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::aead::{KEY_LENGTH, Key, generate_key};

/// The key that wraps the key ring. Wiped when dropped; its Debug form shows nothing (S21).
#[derive(Clone)]
pub struct RootKey(Key);

/// Why a root key could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// The file can be read by others than its owner.
    #[error(
        "the root key file {} has mode {mode:03o}; nobody but its owner may read it: run `chmod 600 {}`",
        .path.display(), .path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not base64 of exactly 32 bytes.
    #[error("the root key is not base64 of 32 bytes")]
    Malformed,
    /// A key is never overwritten.
    #[error("the root key file {} exists already and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// The file system refused.
    #[error("the root key file {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl RootKey {
    /// A new random key, kept in memory only.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        Self(generate_key(rng))
    }

    /// Reads the text form, as it comes from an environment variable or a secret store.
    pub fn from_base64(text: &SecretString) -> Result<Self, RootKeyError> {
        let bytes = STANDARD
            .decode(text.expose_secret().trim())
            .map(Zeroizing::new)
            .map_err(|_| RootKeyError::Malformed)?;
        let key: [u8; KEY_LENGTH] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| RootKeyError::Malformed)?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// Reads the key file; `Ok(None)` when there is none.
    ///
    /// # Errors
    /// [`RootKeyError::Exposed`] when group or others have any permission on it (Unix),
    /// [`RootKeyError::Malformed`] when it does not hold a key.
    pub fn load(path: &Path) -> Result<Option<Self>, RootKeyError> {
        let at = |source| RootKeyError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(error)),
        };
        // The open file is examined, not the path, which could point elsewhere a moment later.
        refuse_exposed(path, &file.metadata().map_err(at)?)?;
        let mut text = Zeroizing::new(String::new());
        io::Read::read_to_string(&mut file, &mut text).map_err(at)?;
        Self::from_base64(&SecretString::from(text.as_str())).map(Some)
    }

    /// Makes a new key and writes it to `path`, durably, readable by its owner only.
    ///
    /// Whether a key may be made at all is decided by [`crate::decide`] (S20).
    ///
    /// # Errors
    /// [`RootKeyError::Exists`] when the file is there already.
    pub fn create(path: &Path, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, RootKeyError> {
        let key = Self::generate(rng);
        match key.write_new(path) {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(RootKeyError::Exists(path.to_owned()))
            }
            Err(source) => Err(RootKeyError::Io {
                path: path.to_owned(),
                source,
            }),
        }
    }

    fn write_new(&self, path: &Path) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let mut text = Zeroizing::new(STANDARD.encode(self.0.as_slice()));
        text.push('\n');
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // The name is durable only once its directory is.
        if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
            fs::File::open(directory)?.sync_all()?;
        }
        Ok(())
    }

    /// Derives the key for one purpose, so that the root key itself never meets a cipher
    /// (HKDF-SHA256, RFC 5869).
    pub(crate) fn derive(&self, purpose: &[u8]) -> Key {
        let mut derived = Zeroizing::new([0; KEY_LENGTH]);
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand(purpose, derived.as_mut_slice())
            .expect("HKDF-SHA256 yields up to 8160 bytes");
        derived
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(…)")
    }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata) -> Result<(), RootKeyError> {
    const OTHERS: u32 = 0o077;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(RootKeyError::Exposed {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same signature as on Unix, where permission bits exist"
)]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), RootKeyError> {
    Ok(())
}
