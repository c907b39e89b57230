//! Names of services and operations in tables and sentences: empty ones are said to be so.

use crate::table::Cell;
use crate::text::{Line, Role};

/// What stands for a name that is empty.
pub(crate) const NO_NAME: &str = "(no name)";
/// What stands for a service that is empty.
pub(crate) const NO_SERVICE: &str = "?";

/// An operation's name.
pub(crate) fn name_cell(name: &str) -> Cell {
    match name {
        "" => Line::new().with(Role::Dim, NO_NAME),
        name => Line::new().with(Role::Strong, name),
    }
}

/// A service in its colour.
pub(crate) fn service_cell(service: &str) -> Cell {
    match service {
        "" => Line::new().with(Role::Dim, NO_SERVICE),
        service => Line::new().with(Role::of_service(service), service),
    }
}
