//! The only automation of the repository: `cargo xtask --help` lists what it does.
//!
//! In: the working tree. Out: what the tools it calls print, and an exit code.
//! A subcommand is a module with a `run` function. Nothing here is shell, and nothing is installed
//! outside the cache directory described in [`tool`].

mod attach;
mod axe;
mod bench;
mod browser;
mod ci;
mod deny;
mod picante;
mod stamp;
mod step;
mod test;
mod tool;
mod train;
mod web;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Chores of the hindsight repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check everything a change must pass, step by step, up to the first failure
    Test(test::Arguments),
    /// Measure everything in docs/benchmarks.md, in release builds
    Bench(bench::Arguments),
    /// Build the browser bundle into crates/hindsight-web/dist
    Web(web::Arguments),
    /// Do what CI does: every step of `test`, in CI's environment
    Ci,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let workspace = Workspace::from_env();
    let outcome = match arguments.command {
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Bench(arguments) => bench::run_all(&workspace, &arguments),
        Command::Web(arguments) => web::run(&workspace, &arguments),
        Command::Ci => ci::run(&workspace),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
