//! How the address bar says the graph is looked at.

use hindsight_view::lens::picante::{Filter, Look, parse_name};

use crate::route::Picante as Set;

/// What is drawn.
pub(super) fn look_of(set: &Set) -> Look {
    Look {
        filter: Filter::parse(&set.find),
        outcomes: set.outcomes,
        mode: set.mode,
        opened: set.opened.iter().cloned().collect(),
        selected: (!set.query.is_empty()).then(|| parse_name(&set.query)),
    }
}

/// The same with a kind opened, or closed again.
pub(super) fn with_kind(set: &Set, kind: &str) -> Set {
    let mut set = set.clone();
    match set.opened.iter().position(|opened| opened == kind) {
        Some(place) => {
            set.opened.remove(place);
        }
        None => set.opened.push(kind.to_owned()),
    }
    set
}
