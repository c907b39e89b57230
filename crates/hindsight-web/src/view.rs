//! One module a view. A view takes shapes from `hindsight-view` and makes elements of them.

pub(crate) mod compare;
pub(crate) mod dodeca;
pub(crate) mod generic;
pub(crate) mod hub;
pub(crate) mod lens;
pub(crate) mod map;
pub(crate) mod now;
pub(crate) mod picante;
pub(crate) mod query_bar;
pub(crate) mod roam;
mod rows;
pub(crate) mod services;
mod stage;
pub(crate) mod trace;
pub(crate) mod traces;
pub(crate) mod welcome;

use crate::reactive::prelude::*;
use hindsight_view::Role;

/// The style sheet's class of a role.
pub(crate) fn class(role: Role) -> &'static str {
    const SERVICES: [&str; hindsight_view::text::SERVICE_COLORS as usize] = [
        "service-0",
        "service-1",
        "service-2",
        "service-3",
        "service-4",
        "service-5",
        "service-6",
        "service-7",
    ];
    match role {
        Role::Plain | Role::Heat(_) => "plain",
        Role::Dim => "dim",
        Role::Strong => "strong",
        Role::Good => "good",
        Role::Warning => "warning",
        Role::Error => "bad",
        Role::Key => "key",
        Role::Service(index) => SERVICES[usize::from(index) % SERVICES.len()],
    }
}

/// A part of a line: in its colour, but the name of a service in that of text, behind a dot.
fn piece(role: Role, text: &str) -> impl IntoView + use<> {
    let class = class(role);
    let (dot, class) = match role {
        Role::Service(_) => (Some(format!("dot {class}")), "plain"),
        _ => (None, class),
    };
    let dot = dot.map(|dot| view! { <span class=dot></span> });
    view! { {dot}<span class=class>{text.to_owned()}</span> }
}

/// Sets a signal where that changes it, so that nothing else is drawn anew.
pub(crate) fn change<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, new: T) {
    if signal.with_untracked(|old| *old != new) {
        signal.set(new);
    }
}
