//! Keys of the trace views, the same in terminal and browser, and their help.
//!
//! In: the name of a key as browsers write it (`j`, `G`, `ArrowDown`). Out: a [`Command`]. Holds:
//! each key stands in [`KEYS`] at most once, and each with a command has a line of help.

use crate::canvas::{Command, Mode};
use crate::explore::Step;

pub mod page;

/// A line of help.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyHelp {
    /// The keys, as browsers name them, the one to be shown first.
    pub keys: &'static [&'static str],
    /// What they do.
    pub does: &'static str,
    /// What they ask a trace for; none where the surrounding view acts.
    pub command: Option<Command>,
}

const fn trace(keys: &'static [&'static str], does: &'static str, command: Command) -> KeyHelp {
    KeyHelp {
        keys,
        does,
        command: Some(command),
    }
}

const fn view(keys: &'static [&'static str], does: &'static str) -> KeyHelp {
    KeyHelp {
        keys,
        does,
        command: None,
    }
}

/// Every key, in the order of the help.
pub const KEYS: &[KeyHelp] = &[
    trace(&["j", "ArrowDown"], "next row", Command::Step(Step::Next)),
    trace(
        &["k", "ArrowUp"],
        "previous row",
        Command::Step(Step::Previous),
    ),
    trace(&["g", "Home"], "first row", Command::Step(Step::First)),
    trace(&["G", "End"], "last row", Command::Step(Step::Last)),
    trace(&["PageDown"], "a page down", Command::Page(1)),
    trace(&["PageUp"], "a page up", Command::Page(-1)),
    trace(
        &["h", "ArrowLeft"],
        "fold, or to the parent",
        Command::Step(Step::Out),
    ),
    trace(
        &["l", "ArrowRight"],
        "unfold, or to the first child",
        Command::Step(Step::Into),
    ),
    trace(&[" "], "fold or unfold", Command::Step(Step::Toggle)),
    trace(&["J"], "next sibling", Command::Step(Step::NextSibling)),
    trace(
        &["K"],
        "previous sibling",
        Command::Step(Step::PreviousSibling),
    ),
    trace(&["]"], "next match or error", Command::NextMatch),
    trace(&["["], "previous match or error", Command::PreviousMatch),
    trace(&["w"], "zoom in", Command::ZoomIn),
    trace(&["s"], "zoom out", Command::ZoomOut),
    trace(&["a"], "earlier", Command::Earlier),
    trace(&["d"], "later", Command::Later),
    trace(&["f"], "zoom to what is selected", Command::Focus),
    trace(&["0"], "the whole trace", Command::Fit),
    trace(&["c"], "critical path", Command::ToggleCriticalPath),
    trace(&["r"], "group repeats", Command::ToggleGroups),
    trace(&["1"], "waterfall", Command::Show(Mode::Waterfall)),
    trace(&["2"], "flame graph", Command::Show(Mode::Flame)),
    view(&["/"], "find"),
    view(&["Enter"], "open"),
    view(&["y"], "copy a link"),
    view(&["Escape"], "close"),
    view(&["?"], "this help"),
];

/// What `key` asks a trace for.
pub fn command(key: &str) -> Option<Command> {
    let help = KEYS.iter().find(|help| help.keys.contains(&key))?;
    help.command
}

/// How a key is written for people.
pub fn label(key: &str) -> &str {
    match key {
        " " => "Space",
        "Escape" => "Esc",
        "ArrowDown" => "↓",
        "ArrowUp" => "↑",
        "ArrowLeft" => "←",
        "ArrowRight" => "→",
        key => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut keys: Vec<&str> = KEYS.iter().flat_map(|help| help.keys).copied().collect();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn keys_ask_for_commands_and_others_for_nothing() {
        assert_eq!(command("j"), Some(Command::Step(Step::Next)));
        assert_eq!(command("ArrowDown"), command("j"));
        assert_eq!(command("?"), None);
        assert_eq!(command("ß"), None);
        assert_eq!(label(" "), "Space");
    }
}
