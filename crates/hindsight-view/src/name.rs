//! Names of services and operations in tables and sentences: empty ones are said to be so.

use crate::format;
use crate::table::Cell;
use crate::text::{Line, Role};

/// Cells of a name.
const CELLS_MAX: usize = 200;

/// What stands for a name that is empty.
pub(crate) const NO_NAME: &str = "(no name)";
/// What stands for a service that is empty.
pub(crate) const NO_SERVICE: &str = "?";

/// An operation's name.
pub(crate) fn name_cell(name: &str) -> Cell {
    match name {
        "" => Line::new().with(Role::Dim, NO_NAME),
        name => cut(Role::Strong, name),
    }
}

/// A service in its colour.
pub(crate) fn service_cell(service: &str) -> Cell {
    match service {
        "" => Line::new().with(Role::Dim, NO_SERVICE),
        service => cut(Role::of_service(service), service),
    }
}

/// Names can be as long as a message.
fn cut(role: Role, name: &str) -> Cell {
    let escaped = format::escape(name);
    match format::width(&escaped) <= CELLS_MAX {
        true => Line::new().with(role, escaped),
        false => Line::new().with(role, format::truncate_marked(&escaped, CELLS_MAX)),
    }
}
