//! The web app as files in memory, and how they get to disk: all of them or none.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Where hashed files are, seen from the site's root. Everything below may be cached for ever.
pub const PKG: &str = "pkg";

/// Names of the entry files, as the server puts them into pages. `server/src/assets.rs` reads it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// URL path of the JavaScript module
    pub js: String,
    /// URL path of the WASM module
    pub wasm: String,
    /// URL path of the style sheet
    pub css: String,
    /// Whether the files are optimised and compressed
    pub release: bool,
}

/// Path below the site's root (with `/`) to content.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The web app.
#[derive(Debug, Default)]
pub struct Site {
    files: Files,
}

impl Site {
    /// Adds `content` under a name that changes with it, and gives its URL path.
    pub fn add_hashed(&mut self, stem: &str, extension: &str, content: Vec<u8>) -> String {
        let path = format!("{PKG}/{stem}.{}.{extension}", hash(&content));
        let url = format!("/{path}");
        self.files.insert(path, content);
        url
    }

    /// Adds all files of a folder under their own names.
    pub fn add_folder(&mut self, folder: &Path) -> Result<()> {
        self.files.extend(read_folder(folder)?);
        Ok(())
    }

    /// Adds files that are named and compressed already.
    pub fn extend(&mut self, files: Files) {
        self.files.extend(files);
    }

    /// Adds the manifest as `assets.json`.
    pub fn add_manifest(&mut self, manifest: &Manifest) -> Result<()> {
        let json = serde_json::to_vec_pretty(manifest)?;
        self.files.insert("assets.json".to_owned(), json);
        Ok(())
    }

    /// All files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The files, given away.
    pub fn into_files(self) -> Files {
        self.files
    }

    /// Makes `folder` hold exactly these files, and says whether it did not before.
    ///
    /// A new folder is written beside it and takes its place, so that no reader meets half a site. Nothing is touched
    /// when nothing changed: the times of these files tell cargo whether to build the server again.
    pub fn write(&self, folder: &Path) -> Result<bool> {
        if folder.exists() && read_folder(folder)? == self.files {
            return Ok(false);
        }
        let fresh = beside(folder, "new");
        let old = beside(folder, "old");
        for leftover in [&fresh, &old] {
            remove_folder(leftover)?;
        }
        write_folder(&fresh, &self.files)?;
        if folder.exists() {
            fs::rename(folder, &old)?;
        }
        fs::rename(&fresh, folder)?;
        remove_folder(&old)?;
        Ok(true)
    }
}

/// The first 64 bits of SHA-256, in hexadecimal: enough to tell versions of one file apart.
pub fn hash(content: &[u8]) -> String {
    use std::fmt::Write as _;

    Sha256::digest(content)
        .iter()
        .take(8)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Reads all files below `folder`; none when it does not exist.
pub fn read_folder(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut pending = vec![(folder.to_path_buf(), String::new())];
    while let Some((path, prefix)) = pending.pop() {
        if !path.exists() {
            continue;
        }
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                pending.push((entry.path(), format!("{name}/")));
            } else {
                files.insert(name, fs::read(entry.path())?);
            }
        }
    }
    Ok(files)
}

/// Writes all files below `folder`.
pub fn write_folder(folder: &Path, files: &Files) -> Result<()> {
    for (name, content) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Removes `folder` with all it holds, if it exists.
pub fn remove_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

fn beside(folder: &Path, extension: &str) -> PathBuf {
    folder.with_extension(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Site {
        Site {
            files: files
                .iter()
                .map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec()))
                .collect(),
        }
    }

    #[test]
    fn names_change_with_the_content() {
        let mut site = Site::default();
        let first = site.add_hashed("main", "css", b"a{}".to_vec());
        let second = site.add_hashed("main", "css", b"b{}".to_vec());
        let hash = hash(b"a{}");
        assert_eq!(first, format!("/pkg/main.{hash}.css"));
        assert_ne!(first, second);
    }

    #[test]
    fn writing_replaces_the_whole_folder() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("site");
        assert!(
            site(&[("pkg/old.js", "1"), ("icon", "1")])
                .write(&folder)
                .unwrap()
        );
        let new = site(&[("pkg/new.js", "2"), ("icon", "1")]);
        assert!(new.write(&folder).unwrap());
        assert_eq!(read_folder(&folder).unwrap(), new.files);
        assert_eq!(
            fs::read_dir(scratch.path()).unwrap().count(),
            1,
            "leftovers"
        );
    }

    #[test]
    fn an_unchanged_site_is_not_touched() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("site");
        let same = site(&[("pkg/a.js", "1")]);
        assert!(same.write(&folder).unwrap());
        assert!(!same.write(&folder).unwrap());
    }
}
