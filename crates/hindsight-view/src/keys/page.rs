//! Keys of the page by where they work, for its help.

use super::{KEYS, KeyHelp, view};

/// A place and its keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeySection {
    /// Where they work.
    pub title: &'static str,
    /// The keys.
    pub keys: &'static [KeyHelp],
}

/// Keys of the list of traces.
pub const LIST: &[KeyHelp] = &[
    view(&["j", "ArrowDown"], "next trace"),
    view(&["k", "ArrowUp"], "previous trace"),
    view(&["g"], "first trace"),
    view(&["G"], "last trace"),
    view(&["Enter"], "open the trace"),
    view(&[" "], "mark the trace, or not"),
    view(&["p"], "pause, or go on"),
    view(&["/"], "to the query"),
    view(&["?"], "this help"),
];

/// Keys within a field for queries.
pub const QUERY: &[KeyHelp] = &[
    view(&["ArrowDown", "ArrowUp"], "choose a completion"),
    view(&["Tab"], "take it, or the first"),
    view(&["Enter"], "take the chosen one, or ask"),
    view(&["Escape"], "close the list, then leave"),
];

/// Keys on the map of durations.
pub const DURATIONS: &[KeyHelp] = &[
    view(
        &["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
        "to a cell; with Shift: mark cells",
    ),
    view(
        &["Enter"],
        "open a trace of the cell, or ask for the marked ones",
    ),
    view(&["b"], "ask for the cell"),
    view(&["Escape"], "unmark"),
];

/// Keys of a trace that open its lists; the two pictures' stand among [`KEYS`].
pub const TABS: &[KeyHelp] = &[
    view(&["3"], "table"),
    view(&["4"], "statistics"),
    view(&["5"], "events"),
    view(&["6"], "critical path"),
    view(&["7"], "findings"),
    view(&["8"], "queries"),
];

/// Keys of what runs now and of the services.
pub const ROWS: &[KeyHelp] = &[
    view(&["j", "ArrowDown"], "next row"),
    view(&["k", "ArrowUp"], "previous row"),
    view(&["g"], "first row"),
    view(&["G"], "last row"),
    view(&["Enter"], "open what the row names"),
    view(&["p", " "], "pause, or go on"),
];

/// Keys of the map.
pub const MAP: &[KeyHelp] = &[
    view(&["+"], "zoom in"),
    view(&["-"], "zoom out"),
    view(&["0"], "all of it"),
    view(
        &["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
        "move the picture that has the focus",
    ),
];

/// Keys of the graph of queries.
pub const QUERIES: &[KeyHelp] = &[
    view(
        &["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
        "from the query that has the focus to the next",
    ),
    view(&["Enter", " "], "open it: why it was computed"),
    view(&["+"], "zoom in"),
    view(&["-"], "zoom out"),
    view(&["0"], "all of it"),
    view(&["p"], "pause the log, or go on"),
];

/// Everything, in the order of the help.
pub const SECTIONS: &[KeySection] = &[
    KeySection {
        title: "List of traces",
        keys: LIST,
    },
    KeySection {
        title: "Query",
        keys: QUERY,
    },
    KeySection {
        title: "Durations over time",
        keys: DURATIONS,
    },
    KeySection {
        title: "Now, Services",
        keys: ROWS,
    },
    KeySection {
        title: "Map",
        keys: MAP,
    },
    KeySection {
        title: "Picante",
        keys: QUERIES,
    },
    KeySection {
        title: "Lists of a trace",
        keys: TABS,
    },
    KeySection {
        title: "Trace",
        keys: KEYS,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_a_place_no_key_means_two_things() {
        for section in SECTIONS {
            let mut keys: Vec<&str> = section
                .keys
                .iter()
                .flat_map(|help| help.keys)
                .copied()
                .collect();
            let all = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), all, "{}", section.title);
        }
    }
}
