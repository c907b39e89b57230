//! Reading the graph: from the app, page by page, or from stored spans of its queries.

use std::sync::Arc;

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{AppInfo, QueryRequest};
use hindsight_protocol::introspection::picante::{CurrentGraphRequest, QueryGraph};
use hindsight_view::format;
use hindsight_view::lens::picante::{Pages, QueriesBuilder, Stored};

use super::{Model, Source};
use crate::hub::{self, Trouble};
use crate::view::change;

/// Nodes that are asked for at once.
const PAGE: u32 = 1_000;
/// Queries up to which a new revision is read without being asked to.
const READ_ANEW_MAX: u64 = 2_000;
/// Stored spans that are read, and how many at once.
const SPANS_MAX: usize = 12_000;
const SPANS_AT_ONCE: u32 = 4_000;

impl Model {
    /// Reads the app's graph, if it has a newer one than that which is known.
    pub(super) async fn read_app(&self, round: u64, is_first: bool) -> Result<(), Trouble> {
        if !is_first {
            let request = CurrentGraphRequest {
                limit: 1,
                ..CurrentGraphRequest::default()
            };
            let newest = self.current_graph(request).await?;
            if !self.is_current(round) {
                return Ok(());
            }
            let known = self.queries.with_untracked(|queries| queries.revision);
            if newest.revision == known {
                return Ok(());
            }
            if newest.nodes_total > READ_ANEW_MAX {
                change(self.newer, newest.revision);
                return Ok(());
            }
        }
        let mut builder = QueriesBuilder::default();
        let mut pages = Pages::default();
        loop {
            let request = CurrentGraphRequest {
                depth: 1,
                limit: PAGE,
                cursor: pages.cursor(),
                ..CurrentGraphRequest::default()
            };
            let page = self.current_graph(request).await?;
            if !self.is_current(round) {
                return Ok(());
            }
            let (total, is_more) = (page.nodes_total, pages.turn(&page));
            builder.add(page);
            if !is_more || builder.is_full() {
                break;
            }
            let read = format::count(builder.len() as u64);
            change(
                self.progress,
                format!("reading: {read} of {} queries", format::count(total)),
            );
        }
        change(self.progress, String::new());
        change(self.source, Source::App);
        self.show(builder.finish());
        Ok(())
    }

    async fn current_graph(&self, request: CurrentGraphRequest) -> Result<QueryGraph, Trouble> {
        let call = self
            .relayed
            .call(|client| async move { client.get_current_graph(request).await });
        call.await
    }

    /// Reads what stored spans tell, once.
    pub(super) async fn read_stored(&self, round: u64, why_not: String) {
        let stored = match self.stored.get_value() {
            Some(stored) => stored,
            None => {
                let Ok(stored) = self.ask_stored().await else {
                    return;
                };
                Arc::new(stored)
            }
        };
        if !self.is_current(round) {
            return;
        }
        let is_known = self.stored.get_value().is_some();
        let source = Source::Spans(stored.len() as u64, why_not);
        change(self.progress, String::new());
        if is_known {
            return change(self.source, source);
        }
        let mut builder = QueriesBuilder::default();
        builder.add(stored.graph(None));
        self.stored.set_value(Some(stored));
        change(self.source, source);
        self.show(builder.finish());
    }

    /// The spans of queries of the app, newest first.
    async fn ask_stored(&self) -> Result<Stored, Trouble> {
        let tracer = self.tracer.get_untracked();
        let apps = self.app.apps().get_untracked();
        let run = run_of(&apps, tracer);
        let mut stored = Stored::default();
        if tracer.is_some() && run.is_none() {
            return Ok(stored);
        }
        let service = run.as_ref().map(|(service, _)| service.as_str());
        let query = Stored::query_text(service, run.as_ref().map(|(_, pid)| *pid));
        let mut until_ns = 0;
        while stored.len() < SPANS_MAX {
            let request = QueryRequest {
                query: query.clone(),
                limit: SPANS_AT_ONCE,
                until_ns,
                ..QueryRequest::default()
            };
            let reply = hub::query(self.app.link, request).await?;
            let Ok(batch) = reply.batch.check() else {
                break;
            };
            let before = stored.len();
            stored.add(&batch);
            let oldest = batch.rows().map(|row| row.start_ns()).min();
            let all = batch.len() as u64 >= reply.matched;
            match oldest {
                // One more nanosecond: others may have started with it.
                Some(oldest) if !all && stored.len() > before => until_ns = oldest + 1,
                _ => break,
            }
        }
        Ok(stored)
    }
}

/// By what the spans of an app are found: service and process id.
pub(super) fn run_of(apps: &[AppInfo], tracer: Option<TracerId>) -> Option<(String, u32)> {
    let app = apps.iter().find(|app| Some(app.tracer_id) == tracer)?;
    Some((app.run.service_name.clone(), app.run.pid))
}
