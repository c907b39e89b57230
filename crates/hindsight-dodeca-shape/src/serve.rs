//! `serve`: pages on request, and made anew when files change.
//!
//! In: requests and changes of files, one after the other. Out: pages. Holds: a change is a revision of the
//! site, from `revision: begin` to `revision: ready`; inputs are set on a blocking thread; then the pages that
//! were asked for before are rendered again. Each rendering has a snapshot of the database.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use crate::build::BuildError;
use crate::database::{Database, DatabaseSnapshot};
use crate::queries::{css_output, serve_html};
use crate::site::Site;
use crate::steps::Steps;
use crate::value::Route;

/// A site that is served.
#[derive(Debug)]
pub struct Server {
    database: Arc<Database>,
    site: Site,
    steps: Steps,
    generation: u64,
    /// What browsers show.
    shown: BTreeSet<String>,
    style: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// As in HTTP.
    pub status: u16,
    /// HTML, or what is wrong.
    pub body: String,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

impl Server {
    /// Loads the site.
    pub async fn start(site: Site, steps: Steps) -> Result<Self, BuildError> {
        let mut server = Self {
            database: Arc::new(Database::new()),
            site,
            steps,
            generation: 0,
            shown: BTreeSet::new(),
            style: None,
        };
        let started = server.begin_revision("startup");
        server.database.load(&server.site)?;
        server.end_revision(started);
        Ok(server)
    }

    /// Files as they are now.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Answers `GET route`.
    pub async fn get(&mut self, route: &str) -> Result<Response, BuildError> {
        let started = Instant::now();
        let response = self.page(route).await?;
        if response.status == 200 {
            self.shown.insert(route.to_owned());
        }
        let latency_ms = started.elapsed().as_secs_f64() * 1000.0;
        let status = response.status;
        if status >= 500 {
            tracing::error!(target: "ddc_cell_http", status, latency_ms, "GET {} -> {}", route, status);
        } else {
            tracing::info!(target: "ddc_cell_http", status, latency_ms, "GET {} -> {}", route, status);
        }
        Ok(response)
    }

    async fn page(&self, route: &str) -> Result<Response, BuildError> {
        let snapshot = DatabaseSnapshot::from_database(&self.database).await;
        let work = serve_html(&snapshot, Route(route.to_owned()), false);
        let served = self.steps.clone().scope(work).await?;
        let (status, body) = match served {
            Ok(Some(served)) => (200, served.html),
            Ok(None) => (404, String::new()),
            Err(error) => (500, error.to_string()),
        };
        Ok(Response { status, body })
    }

    /// A file got this content.
    pub async fn change(
        &mut self,
        path: &str,
        content: impl Into<Vec<u8>>,
    ) -> Result<(), BuildError> {
        let content = content.into();
        tracing::debug!(target: "dodeca::file_watcher", path = %path, "file_watcher: file modified");
        self.revise(|site| site.set(path, content)).await
    }

    /// A file is gone.
    pub async fn remove(&mut self, path: &str) -> Result<(), BuildError> {
        tracing::debug!(target: "dodeca::file_watcher", path = %path, "file_watcher: file removed");
        self.revise(|site| {
            site.remove(path);
        })
        .await
    }

    async fn revise(&mut self, change: impl FnOnce(&mut Site)) -> Result<(), BuildError> {
        let started = self.begin_revision("file changes");
        change(&mut self.site);
        let (database, site) = (self.database.clone(), self.site.clone());
        let applied = tokio::task::spawn_blocking(move || database.load(&site)).await;
        match applied {
            Ok(applied) => applied?,
            Err(error) => return Err(BuildError::Site(error.to_string())),
        }
        self.reload().await?;
        self.end_revision(started);
        Ok(())
    }

    /// Renders again what browsers show.
    async fn reload(&mut self) -> Result<(), BuildError> {
        let css = css_output(&*self.database);
        let css = self.steps.clone().scope(css).await?;
        self.style = css.map(|css| css.cache_busted_path);
        tracing::debug!(target: "dodeca::serve", "trigger_reload: checking {} cached routes", self.shown.len());
        for route in self.shown.clone() {
            tracing::debug!(target: "dodeca::serve", "trigger_reload: re-rendering {}", route);
            if self.page(&route).await?.status == 404 {
                self.shown.remove(&route);
            }
        }
        Ok(())
    }

    fn begin_revision(&mut self, reason: &str) -> Instant {
        self.generation += 1;
        tracing::debug!(
            target: "dodeca::serve",
            generation = self.generation,
            reason = %reason,
            "revision: begin"
        );
        Instant::now()
    }

    fn end_revision(&self, started: Instant) {
        tracing::debug!(
            target: "dodeca::serve",
            generation = self.generation,
            elapsed_ms = started.elapsed().as_millis(),
            "revision: ready"
        );
    }
}
