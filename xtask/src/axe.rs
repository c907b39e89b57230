//! axe-core, which looks for what keeps people from using a page.
//!
//! A file of JavaScript under the MPL 2.0 that the journeys run in the page; it is fetched by npm at
//! one version, checked against a digest, kept beside the other tools, and never committed.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

use crate::tool::tools_dir;
use crate::workspace::{Workspace, run};

const VERSION: &str = "4.14.1";
const FILE: &str = "package/axe.min.js";
const SHA256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

/// Where the file is, after fetching it if need be; none where there is no npm.
pub(crate) fn obtain(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let folder = tools_dir(workspace).join(format!("axe-core-{VERSION}"));
    let file = folder.join(FILE);
    if !file.exists() {
        let mut version = Command::new("npm");
        version.arg("--version").stdin(Stdio::null());
        if !version.output().is_ok_and(|output| output.status.success()) {
            return Ok(None);
        }
        fs::create_dir_all(&folder)?;
        let mut pack = workspace.command("npm");
        pack.args(["pack", "--silent", "--pack-destination"]);
        pack.arg(&folder).arg(format!("axe-core@{VERSION}"));
        run(&mut pack)?;
        let mut unpack = workspace.command("tar");
        let archive = folder.join(format!("axe-core-{VERSION}.tgz"));
        unpack.arg("--extract").arg("--gzip").arg("--directory");
        unpack.arg(&folder).arg("--file").arg(archive).arg(FILE);
        run(&mut unpack)?;
    }
    let content = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
    let digest = Sha256::digest(&content);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    ensure!(
        digest == SHA256,
        "{} is not axe-core {VERSION}: delete its folder and run again",
        file.display()
    );
    Ok(Some(file))
}
