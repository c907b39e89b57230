//! From what the linker made to what a browser loads: parts, and the glue around them.
//!
//! In: a module with relocations. Out: the module that a page begins with and its glue; and, where
//! the program marks parts of itself (`wasm_split_helpers`), a module for each part and for what
//! several parts share, and the script that loads them. Holds: a program without marks gives one
//! module.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

use crate::NAME;

#[cfg(test)]
mod tests;

/// In the names of functions at which a program is split.
const MARK: &[u8] = b"__wasm_split_00";
/// The script that loads parts, as the glue calls it until it has a name.
pub(crate) const LOADER: &str = "./parts.js";
/// The glue, as that script calls it until it has a name.
pub(crate) const GLUE: &str = "./glue.js";

/// What a browser loads.
pub(crate) struct Program {
    /// Instantiates the module and connects it with the browser.
    pub(crate) glue: String,
    /// What a page begins with.
    pub(crate) wasm: Vec<u8>,
    /// What comes later, if anything does.
    pub(crate) parts: Option<Parts>,
}

/// What comes later.
pub(crate) struct Parts {
    /// Loads them when they are asked for.
    pub(crate) loader: String,
    /// What the loader calls each, and its bytes.
    pub(crate) modules: Vec<(String, Vec<u8>)>,
    /// What a part consists of, by the name that the program gives it.
    pub(crate) of: BTreeMap<String, Vec<String>>,
}

/// Splits and binds `module`; `folder` is for files on the way.
pub(crate) fn program(module: &Path, folder: &Path, is_dev: bool) -> Result<Program> {
    let input = fs::read(module).with_context(|| format!("reading {}", module.display()))?;
    let has_parts = input.windows(MARK.len()).any(|bytes| bytes == MARK);
    if !has_parts {
        let (glue, wasm) = bind(module, has_parts, is_dev)?;
        return Ok(Program {
            glue,
            wasm,
            parts: None,
        });
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let main = folder.join("main.wasm");
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.link_name = LOADER;
    options.main_module = GLUE;
    let split = transform(options).map_err(|error| anyhow!("splitting the program: {error:?}"))?;
    let mut modules = Vec::new();
    for path in split.split_modules {
        let name = path.file_name().context("a part without a name")?;
        let bytes = fs::read(&path)?;
        let bytes = match is_dev {
            true => bytes,
            false => without_names(&bytes).with_context(|| format!("in {}", path.display()))?,
        };
        modules.push((name.to_string_lossy().into_owned(), bytes));
    }
    modules.sort();
    let of = split.prefetch_map.into_iter();
    let of = of.map(|(part, files)| {
        let files = files.into_iter().map(|file| file + ".wasm");
        (part, files.collect())
    });
    let loader = fs::read_to_string(folder.join(LOADER))?;
    // Whoever asked is told, and asks again; a page that is left while it loads is no error at all.
    let (logs, warns) = ("console.error(e)", "console.warn(e)");
    ensure!(loader.contains(logs), "the script for parts has no {logs}");
    let loader = loader.replace(logs, warns);
    let (glue, wasm) = bind(&main, has_parts, is_dev)?;
    Ok(Program {
        glue,
        wasm,
        parts: Some(Parts {
            loader,
            modules,
            of: of.collect(),
        }),
    })
}

/// A module without its custom sections, which are for tools. The glue's library does the same for the
/// module that a page begins with.
fn without_names(module: &[u8]) -> Result<Vec<u8>> {
    const HEAD: usize = 8;
    const CUSTOM: u8 = 0;
    let (head, mut rest) = module.split_at_checked(HEAD).context("no module")?;
    let mut kept = head.to_vec();
    while let Some((kind, after)) = rest.split_first() {
        let (bytes, after) = length(after).context("a section without a length")?;
        let end = rest.len() - after.len() + bytes;
        let (section, next) = rest.split_at_checked(end).context("a section is cut off")?;
        if *kind != CUSTOM {
            kept.extend_from_slice(section);
        }
        rest = next;
    }
    Ok(kept)
}

/// A number of at most 32 bits (LEB128), and what follows it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let count = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)? + 1;
    let (digits, rest) = bytes.split_at(count);
    let add = |value: u64, digit: &u8| value << 7 | u64::from(digit & 0x7f);
    let value = digits.iter().rev().fold(0, add);
    Some((usize::try_from(value).ok()?, rest))
}

/// The glue and the module that it loads.
fn bind(module: &Path, has_parts: bool, is_dev: bool) -> Result<(String, Vec<u8>)> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .web(true)?
        .typescript(false)
        // Parts find what is shared by these.
        .keep_lld_exports(has_parts)
        .remove_name_section(!is_dev)
        .remove_producers_section(true)
        .out_name(NAME);
    let mut output = bindgen.generate_output()?;
    let mut snippets = output.snippets().iter();
    let brings_its_own = snippets.find(|(_, snippets)| !snippets.is_empty());
    ensure!(
        brings_its_own.is_none() && output.local_modules().is_empty(),
        "a crate brings JavaScript of its own, which nothing here packs: {brings_its_own:?}"
    );
    Ok((output.js().to_owned(), output.wasm_mut().emit_wasm()))
}
