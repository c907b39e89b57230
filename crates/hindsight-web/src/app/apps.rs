//! The apps that are connected or were, beside every view.

use hindsight_protocol::hub::AppInfo;
use hindsight_view::{Role, format};
use leptos::prelude::*;

use crate::route::Route;
use crate::state::App;
use crate::view::class;

/// Most apps that are listed.
const APPS_MAX: usize = 60;

/// The side bar.
#[component]
pub(super) fn Apps() -> impl IntoView {
    let app = App::here();
    let items = move || {
        let apps = app.apps().get();
        apps.iter().take(APPS_MAX).map(item).collect_view()
    };
    let none = move || {
        app.apps()
            .with(Vec::is_empty)
            .then_some("None has connected yet.")
    };
    view! {
        <aside aria-label="Apps">
            <h2>"Apps"</h2>
            <p class="dim">{none}</p>
            <ul>{items}</ul>
        </aside>
    }
}

fn item(app: &AppInfo) -> impl IntoView + use<> {
    let service = match app.run.service_name.as_str() {
        "" => "?".to_owned(),
        name => format::escape(name).into_owned(),
    };
    let query = format!("service:{}", quoted(&app.run.service_name));
    let url = Route::Traces { query }.to_string();
    let pid = (app.run.pid > 0).then(|| format!("pid {}", app.run.pid));
    let dropped = (app.accounts.dropped > 0).then(|| {
        let text = format!("{} dropped", format::count(app.accounts.dropped));
        view! { <span class="bad">{text}</span> }
    });
    let counted = format::plural(app.counters.received, "record");
    let is_connected = app.state == "connected";
    let state = (!is_connected).then(|| view! { <span class="warning">{app.state.clone()}</span> });
    view! {
        <li class:is-gone=!is_connected>
            <a href=url>
                <span class=format!("dot {}", class(Role::of_service(&app.run.service_name)))></span>
                {service}
            </a>
            <span class="about">{pid} {state} <span>{counted}</span> {dropped}</span>
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
