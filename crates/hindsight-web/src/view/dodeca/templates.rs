//! Templates by the time they took.

use hindsight_view::lens::dodeca::TemplateRow;

use super::model::Model;
use crate::reactive::prelude::*;

/// The table of templates.
#[component]
pub(super) fn TemplatesTable(model: Model) -> impl IntoView {
    let rows = move || {
        model
            .templates()
            .with(|templates| templates.rows.iter().map(row).collect_view())
    };
    let is_any = move || {
        model
            .templates()
            .with(|templates| !templates.rows.is_empty())
    };
    view! {
        <p class="about dim">{move || model.templates().with(|templates| templates.note.clone())}</p>
        <Show when=is_any>
            <table class="templates" aria-label="Templates">
                <thead>
                    <tr>
                        <th scope="col">"Template"</th>
                        <th scope="col" class="n">"Renders"</th>
                        <th scope="col" class="n">"Failed"</th>
                        <th scope="col" class="n pages">"Pages"</th>
                        <th scope="col" class="n">"All together"</th>
                        <th scope="col" class="n mean">"Mean"</th>
                        <th scope="col" class="n">"Longest"</th>
                        <th scope="col" class="share">"Part of the time"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Show>
    }
}

fn row(row: &TemplateRow) -> impl IntoView + use<> {
    let percent = format!("{}%", (row.share * 100.0).round());
    view! {
        <tr>
            <th scope="row" class="name">{row.name.clone()}</th>
            <td class="n">{row.renders.clone()}</td>
            <td class="n bad">{row.errors.clone()}</td>
            <td class="n pages">{row.pages.clone()}</td>
            <td class="n">{row.total.clone()}</td>
            <td class="n mean">{row.mean.clone()}</td>
            <td class="n">{row.max.clone()}</td>
            <td class="share">
                <svg class="progress" role="img" aria-label=percent.clone()>
                    <rect class="done" width=percent.clone() height="100%"></rect>
                </svg>
            </td>
        </tr>
    }
}
