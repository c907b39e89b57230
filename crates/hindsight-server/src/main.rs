//! The `hindsight` program: the hub and the commands that read from one.

mod cli;
mod demo;

fn main() -> std::process::ExitCode {
    cli::main()
}
