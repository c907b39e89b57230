//! Templates, by the time they took. Only the layer sees them.

use std::collections::HashMap;

use hindsight::{Span, StatusCode};
use hindsight_protocol::introspection::dodeca::TemplateInfo;

/// Templates that are kept.
const TEMPLATES_MAX: usize = 2_000;
/// Renders under way that are remembered.
const OPEN_MAX: usize = 4_096;

/// By name.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    all: HashMap<String, TemplateInfo>,
    open: HashMap<u64, Open>,
}

#[derive(Debug)]
struct Open {
    started_ns: u64,
    span: Span,
}

impl Templates {
    /// A render began. `context_id` is how dodeca tells renders apart.
    pub(crate) fn started(&mut self, context_id: u64, span: Span, now_ns: u64) {
        if self.open.len() >= OPEN_MAX {
            return;
        }
        let open = Open {
            started_ns: now_ns,
            span,
        };
        self.open.insert(context_id, open);
    }

    /// A render ended. Without its beginning only its number counts.
    pub(crate) fn ended(
        &mut self,
        context_id: u64,
        name: &str,
        failed: Option<String>,
        now_ns: u64,
    ) {
        let open = self.open.remove(&context_id);
        let took_ns = open
            .as_ref()
            .map_or(0, |open| now_ns.saturating_sub(open.started_ns));
        if self.all.len() < TEMPLATES_MAX || self.all.contains_key(name) {
            let template = self.all.entry(name.to_owned()).or_default();
            template.renders += 1;
            template.errors += u64::from(failed.is_some());
            template.total_ns += took_ns;
            template.max_ns = template.max_ns.max(took_ns);
        }
        let Some(open) = open else { return };
        if let Some(text) = failed {
            open.span.set_status(StatusCode::Error, text);
        }
        open.span.end();
    }

    /// Most time first.
    pub(crate) fn list(&self) -> Vec<TemplateInfo> {
        let named = |(name, template): (&String, &TemplateInfo)| TemplateInfo {
            name: name.clone(),
            ..template.clone()
        };
        let mut list: Vec<TemplateInfo> = self.all.iter().map(named).collect();
        list.sort_by(|a, b| {
            b.total_ns
                .cmp(&a.total_ns)
                .then_with(|| a.name.cmp(&b.name))
        });
        list
    }
}
