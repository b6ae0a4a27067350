//! `cargo xtask sqlx-prepare`: writes what the SQL macros learn from the database to `crates/storage-sqlite/.sqlx`.
//!
//! Everybody else builds from those files and needs no database (sqlx's "offline" mode). To be run after every change
//! of a query or a migration; `--check` says whether that was forgotten.
//! Another engine: one more [`Engine`].

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context as _, Result, bail};
use sqlx::{ConnectOptions as _, Connection as _, migrate::Migrator, sqlite::SqliteConnectOptions};

use crate::{process, ui, workspace::Workspace};

/// A storage crate whose queries are checked at compile time.
struct Engine {
    package: &'static str,
    folder: &'static str,
}

const SQLITE: Engine = Engine {
    package: "storage-sqlite",
    folder: "crates/storage-sqlite",
};

/// Writes the query data, or with `--check` compares it.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Change nothing; fail when the committed data is not what the queries need
    #[arg(long)]
    check: bool,
}

/// Runs the subcommand.
///
/// # Errors
/// When a migration or a query is wrong, or with `--check` when the committed data is stale.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.check {
        return check(workspace);
    }
    let committed = data_folder(workspace, &SQLITE);
    let fresh = describe_queries(workspace, &SQLITE)?;
    let differences = compare(&read_data(&committed)?, &fresh);
    if differences.is_empty() {
        ui::note(&format!("queries: {}, up to date", fresh.len()));
        return Ok(());
    }
    replace(&committed, &fresh)?;
    ui::note(&format!(
        "queries: {} ({}) in {}",
        fresh.len(),
        differences.join(", "),
        committed.display(),
    ));
    Ok(())
}

/// Changes nothing and fails when the committed data is not what the queries need.
///
/// # Errors
/// As said, and when a migration or a query is wrong.
pub fn check(workspace: &Workspace) -> Result<()> {
    let committed = data_folder(workspace, &SQLITE);
    let fresh = describe_queries(workspace, &SQLITE)?;
    let differences = compare(&read_data(&committed)?, &fresh);
    if !differences.is_empty() {
        bail!(
            "{} is out of date: {}. Run `cargo xtask sqlx-prepare` and commit it",
            committed.display(),
            differences.join(", ")
        );
    }
    ui::note(&format!("queries: {}, up to date", fresh.len()));
    Ok(())
}

fn data_folder(workspace: &Workspace, engine: &Engine) -> PathBuf {
    workspace.path(engine.folder).join(".sqlx")
}

/// File name to content.
type QueryData = BTreeMap<String, Vec<u8>>;

/// Compiles the engine's crate against a new database with all migrations applied, and collects what the macros say.
fn describe_queries(workspace: &Workspace, engine: &Engine) -> Result<QueryData> {
    let scratch = tempfile::tempdir()?;
    let database = scratch.path().join("prepare.db");
    let data = scratch.path().join("queries");
    fs::create_dir(&data)?;

    let folder = workspace.path(engine.folder);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(migrate(&folder.join("migrations"), &database))?;

    // The macros only speak when the crate is really compiled, so cargo has to think that it changed.
    let _changed = Touched::new(folder.join("src/lib.rs"))?;
    process::run(
        process::cargo(workspace)
            .args(["check", "--quiet", "--lib", "--package", engine.package])
            .env("DATABASE_URL", format!("sqlite:{}", database.display()))
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", &data),
    )?;
    read_data(&data)
}

async fn migrate(migrations: &Path, database: &Path) -> Result<()> {
    let migrator = Migrator::new(migrations)
        .await
        .with_context(|| format!("cannot read {}", migrations.display()))?;
    let mut connection = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(true)
        .connect()
        .await?;
    migrator.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// A source file that looks changed until this is dropped. Its time is put back, so that later builds find nothing new.
struct Touched {
    path: PathBuf,
    before: SystemTime,
}

impl Touched {
    #[expect(
        clippy::disallowed_methods,
        reason = "a file's time has to be the real one"
    )]
    fn new(path: PathBuf) -> Result<Self> {
        let before = fs::metadata(&path)?.modified()?;
        File::options()
            .append(true)
            .open(&path)?
            .set_modified(SystemTime::now())?;
        Ok(Self { path, before })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        let restored = File::options()
            .append(true)
            .open(&self.path)
            .and_then(|file| file.set_modified(self.before));
        if restored.is_err() {
            // Costs one needless build, nothing else.
            ui::note(&format!("{} keeps its new time", self.path.display()));
        }
    }
}

fn read_data(folder: &Path) -> Result<QueryData> {
    if !folder.exists() {
        return Ok(QueryData::new());
    }
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, fs::read(entry.path())?))
        })
        .collect()
}

/// One phrase for each kind of difference.
fn compare(committed: &QueryData, fresh: &QueryData) -> Vec<String> {
    let added = fresh.keys().filter(|name| !committed.contains_key(*name));
    let removed = committed.keys().filter(|name| !fresh.contains_key(*name));
    let changed = fresh
        .iter()
        .filter(|(name, data)| committed.get(*name).is_some_and(|old| old != *data));
    [
        (added.count(), "new"),
        (removed.count(), "no longer used"),
        (changed.count(), "changed"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect()
}

/// Only files that differ are written, so that unchanged ones keep their time.
fn replace(folder: &Path, fresh: &QueryData) -> Result<()> {
    fs::create_dir_all(folder)?;
    let committed = read_data(folder)?;
    for name in committed.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, data) in fresh {
        if committed.get(name) != Some(data) {
            fs::write(folder.join(name), data)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(entries: &[(&str, &str)]) -> QueryData {
        entries
            .iter()
            .map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn every_kind_of_difference_is_named() {
        let committed = data(&[("kept", "1"), ("changed", "1"), ("gone", "1")]);
        let fresh = data(&[("kept", "1"), ("changed", "2"), ("added", "1")]);
        assert_eq!(
            compare(&committed, &fresh),
            ["1 new", "1 no longer used", "1 changed"]
        );
        assert!(compare(&fresh, &fresh).is_empty());
    }

    #[test]
    fn replacing_leaves_exactly_the_fresh_data() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("gone"), "1").unwrap();
        let fresh = data(&[("a", "1"), ("b", "2")]);
        replace(folder.path(), &fresh).unwrap();
        assert_eq!(read_data(folder.path()).unwrap(), fresh);
    }

    #[test]
    fn a_touched_file_gets_its_time_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.rs");
        let old = SystemTime::UNIX_EPOCH;
        File::create(&path).unwrap().set_modified(old).unwrap();
        let touched = Touched::new(path.clone()).unwrap();
        assert!(fs::metadata(&path).unwrap().modified().unwrap() > old);
        drop(touched);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), old);
    }
}
