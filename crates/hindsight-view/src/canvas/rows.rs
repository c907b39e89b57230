//! What the column of names says.

use crate::explore::Explorer;
use crate::grouping::{self, Row};
use crate::name::name_cell;
use crate::text::{Line, Role};
use crate::waterfall;

/// Service, name and notes of row `number`.
pub(super) fn row_line(explorer: &Explorer, row: Row) -> Line {
    let tree = explorer.tree();
    match row {
        Row::Span(index) => {
            let mut line = service(tree.service(index));
            line.extend(name_cell(tree.name(index)));
            if let Some(outcome) = explorer.outcome(index) {
                line = line.with(calm(outcome.role()), format!("  {}", outcome.label()));
            }
            let notes = waterfall::notes(tree, index);
            with_notes(line, notes)
        }
        Row::Group(group) => {
            let group = &explorer.grouping().groups()[group];
            let mut line = service(tree.service(group.first));
            line.extend(grouping::group_title(tree, group));
            with_notes(line, grouping::group_notes(group))
        }
        Row::Chain(chain) => grouping::chain_line(&explorer.grouping().chains()[chain]),
        Row::More { hidden, .. } => grouping::more_line(hidden),
    }
}

/// What is as usual does not stand out among rows.
pub(crate) fn calm(role: Role) -> Role {
    match role {
        Role::Plain | Role::Good => Role::Dim,
        role => role,
    }
}

fn service(name: &str) -> Line {
    match name {
        "" => Line::new(),
        name => Line::new().with(Role::Dim, format!("{name}  ")),
    }
}

fn with_notes(mut line: Line, notes: Line) -> Line {
    if !notes.segments().is_empty() {
        line.pad(2);
        line.extend(notes);
    }
    line
}
