//! The apps that are connected or were, beside every view.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::AppInfo;
use hindsight_view::{Role, format, losses};

use crate::route::Route;
use crate::state::App;
use crate::view::class;

/// Most connected apps that are listed.
const CONNECTED_MAX: usize = 60;
/// Most of those that went.
const GONE_MAX: usize = 6;

/// What the side bar holds.
#[component]
pub(super) fn Apps() -> impl IntoView {
    let app = App::here();
    let items = move || {
        let apps = app.apps().get();
        let (here, gone): (Vec<_>, Vec<_>) = apps.iter().partition(|app| app.state == "connected");
        let more = gone.len().saturating_sub(GONE_MAX) + here.len().saturating_sub(CONNECTED_MAX);
        let more = (more > 0).then(|| {
            let text = format!("{} more: hindsight apps", format::count(more as u64));
            view! { <li class="about">{text}</li> }
        });
        let here = here.into_iter().take(CONNECTED_MAX);
        let shown = here.chain(gone.into_iter().take(GONE_MAX)).map(item);
        view! { {shown.collect_view()} {more} }
    };
    let none = move || {
        app.apps()
            .with(Vec::is_empty)
            .then_some("None has connected yet.")
    };
    view! {
        <h2>"Apps"</h2>
        <p class="dim">{none}</p>
        <ul>{items}</ul>
    }
}

fn item(app: &AppInfo) -> impl IntoView + use<> {
    let service = match app.run.service_name.as_str() {
        "" => "?".to_owned(),
        name => format::escape(name).into_owned(),
    };
    let query = format!("service:{}", quoted(&app.run.service_name));
    let url = Route::Traces { query }.to_string();
    let is_connected = app.state == "connected";
    let pid = (app.run.pid > 0).then(|| ("dim", format!("pid {}", app.run.pid)));
    let state = (!is_connected).then(|| ("warning", app.state.clone()));
    let counted = Some(("dim", format::plural(app.counters.received, "record")));
    let losses = losses::of_app(app).into_iter();
    let losses = losses.map(|(role, text)| (class(role), text));
    let about = [pid, state, counted].into_iter().flatten().chain(losses);
    let about = about.enumerate().map(|(index, (class, text))| {
        let gap = if index > 0 { " · " } else { "" };
        view! { {gap} <span class=class>{text}</span> }
    });
    view! {
        <li class:is-gone=!is_connected>
            <a href=url>
                <span class=format!("dot {}", class(Role::of_service(&app.run.service_name)))></span>
                {service}
            </a>
            <span class="about">{about.collect_view()}</span>
        </li>
    }
}

/// A name as a value in the query language.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    match !name.is_empty() && name.chars().all(is_plain) {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}
