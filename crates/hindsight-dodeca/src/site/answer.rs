//! Answers to what viewers ask.

use hindsight_protocol::introspection::dodeca::{
    BuildInfo, ListPages, ListPagesRequest, Page, PhaseProgress, TemplateStats, phase, state,
};

use super::Site;
use crate::layer::is_watched;

/// Pages in an answer where the request does not say, and at most.
const PAGES_DEFAULT: usize = 200;
const PAGES_TOLD_MAX: usize = 1_000;

impl Site {
    /// `get_build_info`, but for the process' name.
    pub(crate) fn build_info(&self, now_ns: u64) -> BuildInfo {
        let mut info = BuildInfo {
            at_ns: now_ns,
            site: self.meta.name.clone(),
            output: self.meta.output.clone(),
            pages: self.pages.len(),
            assets: self.assets,
            last_duration_ns: self.builds.last_duration_ns(),
            warnings: self.warnings.iter().cloned().collect(),
            state: state::IDLE.to_owned(),
            ..BuildInfo::default()
        };
        let Some(build) = self.builds.newest() else {
            return info;
        };
        info.state = match (self.builds.is_open(), build.error.is_empty()) {
            (true, _) => state::BUILDING,
            (false, true) => state::DONE,
            (false, false) => state::FAILED,
        }
        .to_owned();
        info.generation = build.generation;
        info.reason = build.reason();
        (info.pages_done, info.pages_total) = build.progress(self.pages.len());
        let totals = |progress: &PhaseProgress| {
            let is_of_pages = matches!(progress.phase.as_str(), phase::PARSE | phase::RENDER);
            let total = match build.is_whole && is_of_pages {
                true => self.pages.len().max(progress.done),
                false => 0,
            };
            PhaseProgress {
                total,
                ..progress.clone()
            }
        };
        let happened = |progress: &&PhaseProgress| progress.done + progress.active > 0;
        info.phases = build.phases.iter().filter(happened).map(totals).collect();
        info.started_ns = build.started_ns;
        info.error = build.error.clone();
        info.trace_id = build.trace_id;
        info
    }

    /// `list_pages`.
    pub(crate) fn list_pages(&self, request: &ListPagesRequest) -> ListPages {
        let find = request.find.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&find);
        let matches = |page: &&Page| {
            find.is_empty()
                || has(&page.route)
                || has(&page.title)
                || has(&page.template)
                || has(&page.template_used)
        };
        let mut found: Vec<&Page> = self.pages.iter().filter(matches).collect();
        match request.sort.as_str() {
            "time" => found.sort_by_key(|page| std::cmp::Reverse(page.render_ns)),
            "rendered" => found.sort_by_key(|page| std::cmp::Reverse(page.rendered_ns)),
            _ => {}
        }
        let limit = match request.limit as usize {
            0 => PAGES_DEFAULT,
            limit => limit.min(PAGES_TOLD_MAX),
        };
        let from = usize::try_from(request.cursor).unwrap_or(usize::MAX);
        let total = found.len();
        let pages: Vec<Page> = found.into_iter().skip(from).take(limit).cloned().collect();
        let after = from.saturating_add(pages.len());
        ListPages {
            next: match after < total && !pages.is_empty() {
                true => after as u64,
                false => 0,
            },
            pages,
            total: total as u64,
        }
    }

    /// `get_template_stats`.
    pub(crate) fn template_stats(&self) -> TemplateStats {
        let pages = self.pages.by_template();
        let mut templates = self.templates.list();
        for template in &mut templates {
            template.pages = pages.get(template.name.as_str()).copied().unwrap_or(0);
        }
        TemplateStats {
            templates,
            is_watched: is_watched(),
        }
    }
}
