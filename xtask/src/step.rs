//! A named step of a longer run, and the run itself.
//!
//! In: steps in order. Out: a heading and a time per step on stdout, one summary line at the end.
//! The first failure ends the run; its error names the step and how to repeat it alone. A step with
//! inputs is left out while they are what they were when it last passed (see [`stamp`]).

use std::{
    fmt,
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{stamp, workspace::Workspace};

/// One thing that must pass.
pub(crate) struct Step {
    /// What the user types to run it alone.
    pub(crate) name: &'static str,
    /// What passing means, for the heading.
    pub(crate) purpose: &'static str,
    /// `None`: runs each time. Otherwise the paths its outcome depends on, as patterns that
    /// [`stamp::Stamp::of`] understands: for steps that call something slow.
    pub(crate) inputs: Option<&'static [&'static str]>,
    pub(crate) run: fn(&Workspace) -> Result<()>,
}

/// What happened to a step that did not fail.
enum Outcome {
    Passed,
    Unchanged,
}

/// Runs `steps` in order. With `force`, unchanged inputs are no reason to leave a step out.
pub(crate) fn run_all(workspace: &Workspace, steps: &[&Step], force: bool) -> Result<()> {
    let start = Instant::now();
    let mut passed = 0;
    for step in steps {
        match run_one(workspace, step, force)? {
            Outcome::Passed => passed += 1,
            Outcome::Unchanged => {}
        }
    }
    let unchanged = match steps.len() - passed {
        0 => String::new(),
        count => format!(", {count} unchanged since it last passed (--all runs it too)"),
    };
    let steps = if passed == 1 { "step" } else { "steps" };
    println!(
        "\nxtask: {passed} {steps} passed{unchanged} in {}",
        Elapsed(start.elapsed())
    );
    Ok(())
}

fn run_one(workspace: &Workspace, step: &Step, force: bool) -> Result<Outcome> {
    let Step { name, purpose, .. } = step;
    let stamp = match step.inputs {
        Some(inputs) => Some(stamp::Stamp::of(workspace, name, inputs)?),
        None => None,
    };
    if !force && stamp.as_ref().is_some_and(stamp::Stamp::is_current) {
        println!("\n== {name}: {purpose}\n== {name}: inputs unchanged since it last passed");
        return Ok(Outcome::Unchanged);
    }

    println!("\n== {name}: {purpose}");
    // The child writes to the same stream: what we said comes first.
    std::io::stdout().flush()?;
    let start = Instant::now();
    if let Some(stamp) = &stamp {
        stamp.clear()?;
    }
    (step.run)(workspace).with_context(|| {
        let elapsed = Elapsed(start.elapsed());
        format!("step `{name}` failed after {elapsed} (alone: `cargo xtask test {name}`)")
    })?;
    if let Some(stamp) = &stamp {
        stamp.write()?;
    }
    println!("== {name}: passed in {}", Elapsed(start.elapsed()));
    Ok(Outcome::Passed)
}

/// A duration for people: `0.4 s`, `75.0 s` as `1 min 15 s`.
struct Elapsed(Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.as_secs();
        if secs < 60 {
            write!(f, "{:.1} s", self.0.as_secs_f64())
        } else {
            write!(f, "{} min {} s", secs / 60, secs % 60)
        }
    }
}

#[cfg(test)]
mod tests;
