//! `cargo xtask test`: everything a change must pass.
//!
//! Cheap steps come first. To add one: write a function that takes the [`Workspace`], list it in
//! [`STEPS`], and give it inputs if it calls something slow.

use std::env;

use anyhow::Result;
use clap::builder::PossibleValuesParser;

use crate::{
    attach, bench, browser, deny, picante,
    step::{self, Step},
    train, web,
    workspace::{Workspace, run as run_command},
};

const STEPS: &[Step] = &[
    Step {
        name: "train",
        purpose: "every crate of the roam train is locked at its pinned version",
        inputs: None,
        run: train::check,
    },
    Step {
        name: "fmt",
        purpose: "the sources are formatted",
        inputs: None,
        run: |workspace| run_command(&mut workspace.cargo("fmt --all --check")),
    },
    Step {
        name: "clippy",
        purpose: "no warnings in any target",
        inputs: None,
        run: |workspace| {
            run_command(
                &mut workspace.cargo("clippy --workspace --all-targets --locked -- -D warnings"),
            )
        },
    },
    Step {
        name: "tests",
        purpose: "unit, integration and documentation tests",
        inputs: None,
        run: |workspace| run_command(&mut workspace.cargo("test --workspace --locked")),
    },
    Step {
        name: "doc",
        purpose: "the documentation builds without warnings",
        inputs: None,
        run: |workspace| {
            let mut doc = workspace.cargo("doc --workspace --no-deps --locked");
            run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
        },
    },
    Step {
        name: "attach",
        purpose: "a program outside the workspace attaches with README's one line",
        inputs: Some(attach::INPUTS),
        run: attach::check,
    },
    Step {
        name: "picante",
        purpose: "picante's own tests pass through the facade",
        inputs: Some(picante::INPUTS),
        run: picante::check,
    },
    Step {
        name: "bench",
        purpose: "every measure of docs/benchmarks.md works",
        inputs: Some(&["crates"]),
        run: bench::quick,
    },
    Step {
        name: "web",
        purpose: "the committed browser bundle is what the sources make",
        inputs: Some(web::STEP_INPUTS),
        run: web::check,
    },
    Step {
        name: "browser",
        purpose: "readers' journeys through the page, in Chromium",
        inputs: Some(browser::INPUTS),
        run: browser::check,
    },
    Step {
        name: "deny",
        purpose: "licences, duplicate and banned crates, and sources of all dependencies",
        inputs: Some(deny::INPUTS),
        run: deny::check,
    },
];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Steps to run, whether or not their inputs changed [default: all, in this order]
    #[arg(value_name = "STEP", value_parser = PossibleValuesParser::new(STEPS.iter().map(|step| step.name)))]
    steps: Vec<String>,
    /// Run steps even if their inputs are those they last passed with; CI=true means the same
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let named = |step: &&Step| arguments.steps.iter().any(|name| name == step.name);
    let steps: Vec<&Step> = STEPS
        .iter()
        .filter(|step| arguments.steps.is_empty() || named(step))
        .collect();
    let force = arguments.all || !arguments.steps.is_empty() || on_ci();
    step::run_all(workspace, &steps, force)
}

fn on_ci() -> bool {
    env::var("CI").is_ok_and(|value| matches!(value.as_str(), "true" | "1"))
}
