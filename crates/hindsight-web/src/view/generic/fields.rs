//! The rows of a form.

use hindsight_view::lens::generic::{Control, Edit, FormRow};

use super::Call;
use crate::reactive::prelude::*;

/// Deeper rows are indented as these.
const INDENT_MAX: usize = 9;

/// All rows. One that stays keeps the focus while others come and go.
#[component]
pub(super) fn Fields(call: Call) -> impl IntoView {
    let each = move || call.rows().get();
    let key = |row: &FormRow| {
        let kind = match &row.control {
            Control::Line(_) => "line".to_owned(),
            Control::Json(_) => "json".to_owned(),
            Control::Check(_) => "check".to_owned(),
            Control::Choose { options, .. } => format!("{options:?}"),
            Control::Given(_) => "given".to_owned(),
            Control::Add(count) => count.to_string(),
            Control::Heading => "heading".to_owned(),
        };
        (row.way.clone(), row.label.clone(), row.can_go, kind)
    };
    let child = move |row: FormRow| view! { <Field call row /> };
    view! { <ul class="fields"><For each key children=child /></ul> }
}

#[component]
fn Field(call: Call, row: FormRow) -> impl IntoView {
    let indent = format!("depth-{}", row.depth.min(INDENT_MAX));
    let (way, label) = (row.way.clone(), row.label.clone());
    // What the row says now: rows of a list take the place of those that went.
    let here = row.way.clone();
    let now = move || {
        call.rows().with(|rows| {
            let mut rows = rows.iter();
            rows.find(|row| row.way == here)
                .map(|row| row.control.clone())
        })
    };
    let control = match row.control {
        Control::Line(_) | Control::Json(_) => {
            let value = move || match now() {
                Some(Control::Line(text) | Control::Json(text)) => text,
                _ => String::new(),
            };
            let on_input = move |event| call.edit(&way, Edit::Write(event_target_value(&event)));
            view! {
                <label>
                    <span class="name">{label}</span>
                    <input type="text" autocomplete="off" spellcheck="false" prop:value=value on:input=on_input />
                </label>
            }
            .into_any()
        }
        Control::Check(_) | Control::Given(_) => {
            let is_given = matches!(row.control, Control::Given(_));
            let checked =
                move || matches!(now(), Some(Control::Check(true) | Control::Given(true)));
            let on_change = move |event| call.edit(&way, Edit::Check(event_target_checked(&event)));
            let note = is_given.then_some(" is given");
            view! {
                <label>
                    <span class="name">{label}<span class="dim">{note}</span></span>
                    <input type="checkbox" prop:checked=checked on:change=on_change />
                </label>
            }
            .into_any()
        }
        Control::Choose { options, .. } => {
            let chosen = move || match now() {
                Some(Control::Choose { chosen, .. }) => chosen.to_string(),
                _ => "0".into(),
            };
            let options = options.into_iter().enumerate().map(|(index, name)| {
                view! { <option value=index.to_string()>{name}</option> }
            });
            let on_change = move |event| {
                if let Ok(chosen) = event_target_value(&event).parse() {
                    call.edit(&way, Edit::Choose(chosen));
                }
            };
            view! {
                <label>
                    <span class="name">{label}</span>
                    <select prop:value=chosen on:change=on_change>{options.collect_view()}</select>
                </label>
            }
            .into_any()
        }
        Control::Add(count) => {
            let about = format!("{label}: {count} so far");
            view! {
                <span class="name">{label}</span>
                <button type="button" aria-label=format!("Add to {about}") on:click=move |_| call.edit(&way, Edit::Add)>
                    "Add"
                </button>
            }
            .into_any()
        }
        Control::Heading => view! { <span class="name">{label}</span> }.into_any(),
    };
    let (way, label) = (row.way.clone(), row.label.clone());
    let remove = row.can_go.then(|| {
        view! {
            <button
                type="button"
                class="quiet"
                aria-label=format!("Remove {label}")
                on:click=move |_| call.edit(&way, Edit::Remove)
            >
                "Remove"
            </button>
        }
    });
    view! { <li class=indent>{control}<span class="dim hint">{row.hint}</span>{remove}</li> }
}
