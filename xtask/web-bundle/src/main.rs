//! Makes the browser bundle from the compiled module: `web-bundle MODULE ASSETS OUT [--dev]`.
//!
//! In: the `.wasm` that cargo made, the folder with style sheet, start script and page template.
//! Out: the files that the hub serves, compressed with brotli, named by a digest of their content
//! except for the page itself. Holds: the same inputs give the same bytes. A program of its own, so
//! that `cargo xtask` does not wait for the library behind it to compile.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

/// Name of the module and its glue, before the digest.
const NAME: &str = "hindsight";
/// Hex digits of a digest in a file's name.
const DIGITS: usize = 16;
/// Window of 4 MiB: larger than any file here.
const WINDOW_BITS: u32 = 22;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let is_dev = arguments.iter().any(|argument| argument == "--dev");
    let paths: Vec<&String> = arguments
        .iter()
        .filter(|argument| *argument != "--dev")
        .collect();
    let [module, assets, out] = paths[..] else {
        anyhow::bail!("usage: web-bundle MODULE ASSETS OUT [--dev]");
    };
    let out = Out {
        folder: PathBuf::from(out),
        quality: if is_dev { 4 } else { 11 },
    };
    out.prepare()?;
    bundle(Path::new(module), Path::new(assets), &out, is_dev)
}

fn bundle(module: &Path, assets: &Path, out: &Out, is_dev: bool) -> Result<()> {
    let (glue, wasm) = bind(module, is_dev)?;
    let asset = |name: &str| {
        let path = assets.join(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    };
    let wasm = out.hashed(NAME, "wasm", &wasm)?;
    let glue = out.hashed(NAME, "js", glue.as_bytes())?;
    let template = asset("index.html")?;
    // A page without the mark has no style sheet.
    let css = match template.contains("{{css}}") {
        true => out.hashed("page", "css", style(&assets.join("style"))?.as_bytes())?,
        false => String::new(),
    };
    let filled = |template: String| {
        let names = [("{{wasm}}", &wasm), ("{{glue}}", &glue), ("{{css}}", &css)];
        names
            .iter()
            .fold(template, |text, (mark, name)| text.replace(mark, name))
    };
    let start = out.hashed("start", "js", filled(asset("start.js")?).as_bytes())?;
    let page = filled(template).replace("{{start}}", &start);
    ensure!(
        !page.contains("{{"),
        "index.html has a mark that nothing fills"
    );
    out.write("index.html", page.as_bytes())
}

/// One style sheet of all: what is general first, then a file for each view, then what paper changes.
fn style(folder: &Path) -> Result<String> {
    let mut views = fs::read_dir(folder.join("views"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    views.sort();
    let general = ["tokens", "elements", "meanings", "page"];
    let general = general.map(|name| folder.join(name).with_extension("css"));
    let mut all = String::new();
    let print = [folder.join("print.css")];
    for path in general.iter().chain(&views).chain(&print) {
        let text = fs::read_to_string(path);
        all += &text.with_context(|| format!("reading {}", path.display()))?;
    }
    Ok(all)
}

/// The glue and the module that it loads.
fn bind(module: &Path, is_dev: bool) -> Result<(String, Vec<u8>)> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .web(true)?
        .typescript(false)
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

/// Where files go.
struct Out {
    folder: PathBuf,
    quality: u32,
}

impl Out {
    /// An empty folder: files of an earlier bundle have other names.
    fn prepare(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        Ok(fs::create_dir_all(&self.folder)?)
    }

    fn hashed(&self, name: &str, extension: &str, bytes: &[u8]) -> Result<String> {
        let digest: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let name = format!("{name}-{}.{extension}", &digest[..DIGITS]);
        self.write(&name, bytes)?;
        Ok(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut packed = Vec::new();
        let mut packer =
            brotli::CompressorWriter::new(&mut packed, 1 << 16, self.quality, WINDOW_BITS);
        packer.write_all(bytes)?;
        drop(packer);
        println!("{name}: {} bytes, {} packed", bytes.len(), packed.len());
        Ok(fs::write(self.folder.join(format!("{name}.br")), packed)?)
    }
}
