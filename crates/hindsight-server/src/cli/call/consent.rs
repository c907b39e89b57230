//! Whether a method is called.

use std::io::{self, IsTerminal, Write};

use hindsight_schema::{Method, Value, json};
use hindsight_view::format;
use hindsight_view::lens::generic::{Consent, refusal};

use super::error::{MethodError, name};

/// Longest part of the arguments that the question shows, cells.
const SHOWN_MAX: usize = 200;

/// Goes on if the app allows the call and, where it may change something, a person does: by `--yes` or
/// by saying so at the terminal.
pub(super) fn ask(method: &Method, values: &[Value], yes: bool) -> Result<(), MethodError> {
    match Consent::of(method) {
        Consent::Free => Ok(()),
        Consent::No => Err(MethodError::NotAllowed {
            method: name(method),
            line: refusal(&method.name),
        }),
        Consent::Ask if yes => Ok(()),
        Consent::Ask => {
            let is_said = io::stdin().is_terminal() && io::stderr().is_terminal();
            let is_said = is_said && says_yes(method, values);
            let refused = || MethodError::NotConfirmed {
                method: name(method),
            };
            is_said.then_some(()).ok_or_else(refused)
        }
    }
}

/// Asks at the terminal; anything but a yes is a no.
fn says_yes(method: &Method, values: &[Value]) -> bool {
    let arguments: Vec<String> = values.iter().map(json::print).collect();
    let call = format!("{}({})", name(method), arguments.join(", "));
    let call = format::escape(&call).into_owned();
    let call = format::truncate(&call, SHOWN_MAX);
    let mut stderr = io::stderr();
    let asked = write!(stderr, "{call} may change something. Call it? [y/N] ");
    let mut said = String::new();
    let heard = asked
        .and_then(|()| stderr.flush())
        .and_then(|()| io::stdin().read_line(&mut said));
    heard.is_ok() && matches!(said.trim(), "y" | "Y" | "yes")
}
