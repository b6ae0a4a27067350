//! The code that browsers load: package `frontend`, made callable from JavaScript.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use wasm_bindgen_cli_support::Bindgen;

use super::{
    Mode, compress,
    site::{self, Files, PKG, Site},
    wasm_opt,
};
use crate::{process, ui, workspace::Workspace};

/// To be raised when the steps after the compiler change, so that older results are not taken from the cache.
const STEPS: u32 = 1;

/// The finished code.
#[derive(Debug)]
pub struct Code {
    /// URL path of the JavaScript module
    pub js: String,
    /// URL path of the WASM module
    pub wasm: String,
    /// All files, named and (in release mode) compressed
    pub files: Files,
}

/// Compiles `frontend` and makes it loadable. Only the compiler runs when its result is what it was before.
pub fn build(workspace: &Workspace, mode: Mode) -> Result<Code> {
    compile(workspace, mode)?;
    let compiled = fs::read(compiled(workspace, mode))?;
    let optimiser = match mode {
        Mode::Dev => None,
        Mode::Release => wasm_opt::Optimiser::find(workspace)?,
    };
    let key = format!(
        "{STEPS} {} {}",
        site::hash(&compiled),
        optimiser.as_ref().map_or("", |found| found.version())
    );
    let cache = Cache::new(workspace, mode);
    if let Some(code) = cache.get(&key)? {
        return Ok(code);
    }

    let mut module = bind(compiled, mode)?;
    if let Some(optimiser) = optimiser {
        ui::note("wasm-opt -Oz");
        module.wasm = optimiser.optimise(&module.wasm)?;
    }
    let code = name(module, mode)?;
    cache.put(&key, &code)?;
    Ok(code)
}

/// Where the compiler puts its result, before any other step.
pub fn compiled(workspace: &Workspace, mode: Mode) -> PathBuf {
    workspace
        .target()
        .join("wasm32-unknown-unknown")
        .join(mode.wasm_profile())
        .join("frontend.wasm")
}

fn compile(workspace: &Workspace, mode: Mode) -> Result<()> {
    process::run(
        process::cargo(workspace)
            .args(["build", "--package", "frontend", "--lib"])
            .args(["--target", "wasm32-unknown-unknown"])
            .args(["--profile", mode.wasm_profile()]),
    )
}

/// A WASM module and the JavaScript around it.
struct Module {
    js: String,
    wasm: Vec<u8>,
    /// JavaScript that crates bring along, by its path below `snippets/`
    snippets: Files,
}

fn bind(compiled: Vec<u8>, mode: Mode) -> Result<Module> {
    let mut output = Bindgen::new()
        .input_bytes("tokenry", compiled)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(false)
        .remove_name_section(mode == Mode::Release)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen failed")?;
    let inline = output.snippets().iter().flat_map(|(crate_id, sources)| {
        sources
            .iter()
            .enumerate()
            .map(move |(index, js)| (format!("{crate_id}/inline{index}.js"), js.clone()))
    });
    let modules = output.local_modules().clone().into_iter();
    let snippets = inline
        .chain(modules)
        .map(|(path, js)| (path, js.into_bytes()))
        .collect();
    Ok(Module {
        js: output.js().to_owned(),
        wasm: output.wasm_mut().emit_wasm(),
        snippets,
    })
}

/// Gives every file a name that changes with its content. The references inside follow: WASM first, then JavaScript.
fn name(module: Module, mode: Mode) -> Result<Code> {
    let mut site = Site::default();
    let wasm = site.add_hashed("tokenry_bg", "wasm", module.wasm);
    let mut js = module.js;
    let wasm_name = wasm.trim_start_matches(&format!("/{PKG}/"));
    replace_name(&mut js, "tokenry_bg.wasm", wasm_name)?;
    if !module.snippets.is_empty() {
        let content: Vec<u8> = module.snippets.values().flatten().copied().collect();
        let folder = format!("snippets.{}", site::hash(&content));
        js = js.replace("./snippets/", &format!("./{folder}/"));
        site.extend(
            module
                .snippets
                .into_iter()
                .map(|(path, content)| (format!("{PKG}/{folder}/{path}"), content))
                .collect(),
        );
    }
    let js = site.add_hashed("tokenry", "js", js.into_bytes());
    if mode == Mode::Release {
        compress::all(&mut site)?;
    }
    Ok(Code {
        js,
        wasm,
        files: site.into_files(),
    })
}

fn replace_name(js: &mut String, from: &str, to: &str) -> Result<()> {
    if !js.contains(from) {
        bail!("wasm-bindgen's JavaScript does not name {from} any more");
    }
    *js = js.replace(from, to);
    Ok(())
}

/// The last result of each mode, in `target/site-cache`.
struct Cache {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    key: String,
    js: String,
    wasm: String,
}

impl Cache {
    fn new(workspace: &Workspace, mode: Mode) -> Self {
        Self::at(
            &workspace
                .path("target/site-cache")
                .join(mode.wasm_profile()),
        )
    }

    fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }

    fn get(&self, key: &str) -> Result<Option<Code>> {
        let Ok(entry) = fs::read(self.folder.join("entry.json")) else {
            return Ok(None);
        };
        let entry: Entry = serde_json::from_slice(&entry)?;
        if entry.key != key {
            return Ok(None);
        }
        Ok(Some(Code {
            js: entry.js,
            wasm: entry.wasm,
            files: site::read_folder(&self.folder.join("files"))?,
        }))
    }

    /// The entry is written last: without it the files do not count.
    fn put(&self, key: &str, code: &Code) -> Result<()> {
        site::remove_folder(&self.folder)?;
        site::write_folder(&self.folder.join("files"), &code.files)?;
        let entry = Entry {
            key: key.to_owned(),
            js: code.js.clone(),
            wasm: code.wasm.clone(),
        };
        fs::write(self.folder.join("entry.json"), serde_json::to_vec(&entry)?)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Module {
        Module {
            js: "import { a } from './snippets/dep-1/inline0.js';\n\
                 new URL('tokenry_bg.wasm', import.meta.url)"
                .to_owned(),
            wasm: vec![0, 1, 2],
            snippets: Files::from([("dep-1/inline0.js".to_owned(), b"export".to_vec())]),
        }
    }

    #[test]
    fn the_javascript_names_the_hashed_files() {
        let code = name(module(), Mode::Dev).unwrap();
        let js = &code.files[code.js.trim_start_matches('/')];
        let js = std::str::from_utf8(js).unwrap();
        let wasm = code.wasm.rsplit('/').next().unwrap();
        assert!(js.contains(&format!("new URL('{wasm}'")), "{js}");
        let snippet = code.files.keys().find(|path| path.ends_with("inline0.js"));
        let snippet = snippet.unwrap().trim_start_matches("pkg/");
        assert!(js.contains(&format!("'./{snippet}'")), "{js}");
    }

    #[test]
    fn other_wasm_gives_other_javascript() {
        let first = name(module(), Mode::Dev).unwrap();
        let mut changed = module();
        changed.wasm.push(3);
        let second = name(changed, Mode::Dev).unwrap();
        assert_ne!(first.wasm, second.wasm);
        assert_ne!(first.js, second.js);
    }

    #[test]
    fn the_cache_gives_back_only_what_has_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(&folder.path().join("dev"));
        assert!(cache.get("1").unwrap().is_none());
        let code = name(module(), Mode::Dev).unwrap();
        cache.put("1", &code).unwrap();
        assert_eq!(cache.get("1").unwrap().unwrap().files, code.files);
        assert!(cache.get("2").unwrap().is_none());
    }
}
