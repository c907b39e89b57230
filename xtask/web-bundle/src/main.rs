//! Makes the browser bundle from the compiled module: `web-bundle MODULE ASSETS OUT [--dev]`.
//!
//! In: the `.wasm` that cargo made, the folder with style sheet, start script and page template.
//! Out: the files that the hub serves, compressed with brotli, named by a digest of their content
//! except for the page itself. Holds: the same inputs give the same bytes. A program of its own, so
//! that `cargo xtask` does not wait for the library behind it to compile.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

mod module;

use module::{GLUE, LOADER, Program};

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
    let program = module::program(module, &module.with_extension("parts"), is_dev)?;
    let asset = |name: &str| {
        let path = assets.join(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    };
    let wasm = out.hashed(NAME, "wasm", &program.wasm)?;
    let scripts = scripts(program, out)?;
    let template = asset("index.html")?;
    // A page without the mark has no style sheet.
    let css = match template.contains("{{css}}") {
        true => out.hashed("page", "css", style(&assets.join("style"))?.as_bytes())?,
        false => String::new(),
    };
    let mut names = vec![
        ("{{wasm}}".to_owned(), wasm),
        ("{{glue}}".to_owned(), scripts.glue),
        ("{{loader}}".to_owned(), scripts.loader),
        ("{{css}}".to_owned(), css),
    ];
    for (part, files) in scripts.parts {
        let files = files.iter().map(|file| format!("\"/assets/{file}\""));
        let files: Vec<_> = files.collect();
        names.push((format!("{{{{part {part}}}}}"), files.join(", ")));
    }
    let filled = |template: String| {
        let fill = |text: String, (mark, name): &(String, String)| text.replace(mark, name);
        names.iter().fold(template, fill)
    };
    let start = filled(asset("start.js")?);
    ensure!(
        !start.contains("{{"),
        "start.js has a mark that nothing fills"
    );
    let start = out.hashed("start", "js", start.as_bytes())?;
    let page = filled(template).replace("{{start}}", &start);
    ensure!(
        !page.contains("{{"),
        "index.html has a mark that nothing fills"
    );
    out.write("index.html", page.as_bytes())
}

/// Names of the scripts and of what they load.
struct Scripts {
    glue: String,
    /// Empty where there are no parts.
    loader: String,
    /// The files of each part.
    parts: BTreeMap<String, Vec<String>>,
}

/// Writes the glue, and the script that loads parts with the parts themselves, which all name each
/// other.
fn scripts(program: Program, out: &Out) -> Result<Scripts> {
    let Some(parts) = program.parts else {
        return Ok(Scripts {
            glue: out.hashed(NAME, "js", program.glue.as_bytes())?,
            loader: String::new(),
            parts: BTreeMap::new(),
        });
    };
    // Only where something is loaded: the module's imports go by the first name.
    let fill = |text: &str, before: &str, from: &str, to: &str| {
        let (from, to) = (format!("{before}\"{from}\""), format!("{before}\"./{to}\""));
        ensure!(text.contains(&from), "no script has {from}");
        Ok(text.replace(&from, &to))
    };
    let mut loader = parts.loader;
    let mut names = BTreeMap::new();
    for (name, bytes) in parts.modules {
        let stem = name.trim_end_matches(".wasm").trim_start_matches("split_");
        let stem = format!("{NAME}-{}", stem.replace('_', "-"));
        let hashed = out.hashed(&stem, "wasm", &bytes)?;
        loader = fill(&loader, "new URL(", &format!("./{name}"), &hashed)?;
        names.insert(name, hashed);
    }
    // The scripts name each other, so that the digest in both names is of both without names.
    let digest = digest(format!("{}{loader}", program.glue).as_bytes());
    let glue_name = format!("{NAME}-{digest}.js");
    let loader_name = format!("{NAME}-parts-{digest}.js");
    let glue = fill(&program.glue, "from ", LOADER, &loader_name)?;
    let loader = fill(&loader, "from ", GLUE, &glue_name)?;
    out.write(&glue_name, glue.as_bytes())?;
    out.write(&loader_name, loader.as_bytes())?;
    let hashed = |file: &String| names.get(file).cloned();
    let parts = parts.of.into_iter();
    let parts = parts.map(|(part, files)| (part, files.iter().filter_map(hashed).collect()));
    Ok(Scripts {
        glue: glue_name,
        loader: loader_name,
        parts: parts.collect(),
    })
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

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digest[..DIGITS].to_owned()
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
        let name = format!("{name}-{}.{extension}", digest(bytes));
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
