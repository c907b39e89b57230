//! `build`: everything once.

use std::sync::Arc;

use crate::database::Database;
use crate::queries::{build_site, check_external_url};
use crate::site::Site;
use crate::steps::Steps;
use crate::value::OutputFile;

/// What a build made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// Pages and sections.
    pub pages: usize,
    /// Other files.
    pub assets: usize,
    /// Links that lead nowhere.
    pub broken: Vec<String>,
}

/// Why there is no site.
#[derive(Debug)]
pub enum BuildError {
    /// The site is wrong; the text says where.
    Site(String),
    /// A query failed.
    Query(Arc<picante::PicanteError>),
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Site(text) => f.write_str(text),
            Self::Query(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for BuildError {}

impl From<Arc<picante::PicanteError>> for BuildError {
    fn from(error: Arc<picante::PicanteError>) -> Self {
        Self::Query(error)
    }
}

/// Builds the site and checks its links to elsewhere.
pub async fn build(site: &Site, steps: Steps) -> Result<Build, BuildError> {
    let database = Database::new();
    database.load(site)?;
    steps.scope(build_loaded(&database)).await
}

async fn build_loaded(database: &Database) -> Result<Build, BuildError> {
    let output = build_site(database).await?;
    let output = output.map_err(|error| BuildError::Site(error.to_string()))?;
    let mut build = Build::default();
    for file in &output.files {
        let OutputFile::Html { hrefs, .. } = file else {
            build.assets += 1;
            continue;
        };
        build.pages += 1;
        for url in hrefs.iter().filter(|url| url.starts_with("https:")) {
            let status = check_external_url(database, url.clone(), 20_000).await?;
            if status != crate::value::ExternalLinkStatus::Ok {
                build.broken.push(url.clone());
            }
        }
    }
    Ok(build)
}
