//! Templates of a site.

use hindsight_protocol::introspection::dodeca::{TemplateInfo, TemplateStats};

use super::{duration, name};
use crate::format;

/// Templates that are shown.
pub const TEMPLATES_MAX: usize = 500;

/// A template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateRow {
    /// Its name as it came.
    pub key: String,
    /// The same for people.
    pub name: String,
    /// Renders.
    pub renders: String,
    /// Those that failed; empty for none.
    pub errors: String,
    /// Sum of the times.
    pub total: String,
    /// The mean.
    pub mean: String,
    /// The longest.
    pub max: String,
    /// Pages that use it.
    pub pages: String,
    /// Its part of the time of all, from 0 to 1.
    pub share: f64,
}

/// Templates, and why there are none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Templates {
    /// Most time first.
    pub rows: Vec<TemplateRow>,
    /// What is missing, in words; empty for nothing.
    pub note: String,
}

/// Shapes templates.
pub fn templates(stats: &TemplateStats) -> Templates {
    let sum: f64 = stats
        .templates
        .iter()
        .map(|template| template.total_ns as f64)
        .sum();
    let shown = stats.templates.iter().take(TEMPLATES_MAX);
    let rows: Vec<TemplateRow> = shown.map(|template| row(template, sum)).collect();
    let left_out = stats.templates.len() - rows.len();
    let note = match (stats.is_watched, rows.is_empty(), left_out) {
        (false, true, _) => "Templates are seen only with the layer of hindsight-dodeca among the \
             subscribers of dodeca: the documentation says how."
            .to_owned(),
        (true, true, _) => "No template was filled yet.".to_owned(),
        (_, _, 0) => String::new(),
        (_, _, left_out) => format!(
            "{} are left out.",
            format::plural(left_out as u64, "template")
        ),
    };
    Templates { rows, note }
}

fn row(template: &TemplateInfo, sum: f64) -> TemplateRow {
    TemplateRow {
        key: template.name.clone(),
        name: name(&template.name),
        renders: format::count(template.renders),
        errors: match template.errors {
            0 => String::new(),
            errors => format::count(errors),
        },
        total: duration(template.total_ns),
        mean: duration(template.total_ns / template.renders.max(1)),
        max: duration(template.max_ns),
        pages: match template.pages {
            0 => "-".to_owned(),
            pages => format::count(pages),
        },
        share: match sum > 0.0 {
            true => template.total_ns as f64 / sum,
            false => 0.0,
        },
    }
}
