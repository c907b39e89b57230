//! `cargo xtask bench`: the measures of `docs/benchmarks.md`, in release builds.
//!
//! All but P16 are made by the package `hindsight-bench`; P16 is the time from a fresh clone to a
//! listening hub, and is made here.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::workspace::{Workspace, run};

const DOCUMENT: &str = "docs/benchmarks.md";
const TABLE_BEGIN: &str = "<!-- figures -->";
const TABLE_END: &str = "<!-- end of figures -->";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to measure, such as P1 or P16 [default: everything]
    measures: Vec<String>,
    /// Also write the figures to this file
    #[arg(long)]
    json: Option<PathBuf>,
    /// Renew the table in docs/benchmarks.md
    #[arg(long)]
    write: bool,
}

/// A figure as `hindsight-bench` writes it.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Figure {
    name: String,
    value: f64,
    unit: String,
    reference_value: f64,
    reference: String,
}

pub(crate) fn run_all(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let (own, others): (Vec<&String>, Vec<&String>) = arguments
        .measures
        .iter()
        .partition(|name| name.eq_ignore_ascii_case("P16"));
    let everything = arguments.measures.is_empty();
    let mut figures = Vec::new();
    if everything || !others.is_empty() {
        figures.extend(measured(workspace, &others)?);
    }
    if everything || !own.is_empty() {
        let figure = fresh_clone(workspace)?;
        println!(
            "{} {:.0} {} ratio {:.2} of {}",
            figure.name,
            figure.value,
            figure.unit,
            figure.value / figure.reference_value,
            figure.reference
        );
        figures.push(figure);
    }
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_string_pretty(&figures)?)?;
    }
    match arguments.write {
        true => write_table(workspace, &figures),
        false => Ok(()),
    }
}

/// The `bench` step of the tests: every measure works.
pub(crate) fn quick(workspace: &Workspace) -> Result<()> {
    run(&mut workspace.cargo("run --locked --package hindsight-bench -- --quick"))
}

fn measured(workspace: &Workspace, measures: &[&String]) -> Result<Vec<Figure>> {
    fs::create_dir_all(workspace.scratch_dir())?;
    let json = workspace.scratch_dir().join("figures.json");
    let mut bench = workspace.cargo("run --release --locked --package hindsight-bench --");
    bench.args(measures).arg("--json").arg(&json);
    run(&mut bench)?;
    Ok(serde_json::from_str(&fs::read_to_string(json)?)?)
}

/// Clones the repository, builds the hub with README's command, and waits until it listens.
fn fresh_clone(workspace: &Workspace) -> Result<Figure> {
    let folder = workspace.scratch_dir().join("fresh-clone");
    fs::remove_dir_all(&folder).unwrap_or_default();
    fs::create_dir_all(workspace.scratch_dir())?;
    let begun = Instant::now();
    let mut clone = workspace.command("git");
    run(clone.args(["clone", "--quiet", "."]).arg(&folder))?;
    let mut serve = Command::new("cargo");
    serve
        .args(
            "run --release --locked -p hindsight-server -- serve --http-port 0 --tcp-port off"
                .split(' '),
        )
        .arg("--no-socket")
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .stdout(Stdio::piped());
    let mut hub = serve.spawn().context("starting cargo")?;
    let output = hub.stdout.take().context("cargo has no output")?;
    let listens = BufReader::new(output)
        .lines()
        .map_while(Result::ok)
        .any(|line| line.contains("listens on"));
    let seconds = begun.elapsed().as_secs_f64();
    // It may have failed and ended.
    hub.kill().unwrap_or_default();
    drop(hub.wait());
    fs::remove_dir_all(&folder).unwrap_or_default();
    ensure!(listens, "the hub of a fresh clone did not start");
    Ok(Figure {
        name: "P16".to_owned(),
        value: seconds,
        unit: "s".to_owned(),
        reference_value: 360.0,
        reference: "the goal of six minutes".to_owned(),
    })
}

fn write_table(workspace: &Workspace, figures: &[Figure]) -> Result<()> {
    let text = workspace.read(DOCUMENT)?;
    let (head, rest) = text
        .split_once(TABLE_BEGIN)
        .context("no figures in the document")?;
    let (old, tail) = rest
        .split_once(TABLE_END)
        .context("the figures do not end")?;
    let mut rows: Vec<(String, String)> = old.lines().filter_map(old_row).collect();
    let commit = commit(workspace)?;
    for figure in figures {
        let row = row(figure, &commit);
        match rows.iter_mut().find(|(name, _)| *name == figure.name) {
            Some(known) => known.1 = row,
            None => rows.push((figure.name.clone(), row)),
        }
    }
    let mut table = String::from(
        "\n| figure | value | ratio | of | reference | commit |\n|---|---:|---:|---|---:|---|\n",
    );
    for (_, row) in rows {
        writeln!(table, "{row}")?;
    }
    let written = format!("{head}{TABLE_BEGIN}{table}{TABLE_END}{tail}");
    Ok(fs::write(workspace.root().join(DOCUMENT), written)?)
}

/// Name and text of a row that is there already.
fn old_row(line: &str) -> Option<(String, String)> {
    let name = line.strip_prefix("| ")?.split(' ').next()?;
    (name != "figure").then(|| (name.to_owned(), line.to_owned()))
}

fn row(figure: &Figure, commit: &str) -> String {
    let number = |value: f64| match value {
        value if value.abs() < 100.0 => format!("{value:.2}"),
        value => grouped(value.round() as i64),
    };
    // Also where both are nothing.
    let ratio = match figure.value == figure.reference_value {
        true => 1.0,
        false => figure.value / figure.reference_value,
    };
    format!(
        "| {} | {} {} | {ratio:.2} | {} | {} | {commit} |",
        figure.name,
        number(figure.value),
        figure.unit,
        figure.reference,
        number(figure.reference_value),
    )
}

/// With a comma at every thousand.
fn grouped(value: i64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn commit(workspace: &Workspace) -> Result<String> {
    let mut git = workspace.command("git");
    let output = git.args(["rev-parse", "--short", "HEAD"]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn rows_are_found_by_the_name_of_their_figure() {
        let figure = Figure {
            name: "P1.batch".to_owned(),
            value: 1_234_567.0,
            unit: "spans/s".to_owned(),
            reference_value: 2_000_000.0,
            reference: "columns".to_owned(),
        };
        let row = row(&figure, "abc");
        assert_eq!(
            row,
            "| P1.batch | 1,234,567 spans/s | 0.62 | columns | 2,000,000 | abc |"
        );
        assert_eq!(old_row(&row), Some(("P1.batch".to_owned(), row)));
        assert_eq!(old_row("| figure | value |"), None);
    }

    #[test]
    fn nothing_is_as_much_as_nothing() {
        let figure = Figure {
            name: "P1.api.dropped".to_owned(),
            value: 0.0,
            unit: "% of spans".to_owned(),
            reference_value: 0.0,
            reference: "itself".to_owned(),
        };
        let written = "| P1.api.dropped | 0.00 % of spans | 1.00 | itself | 0.00 | abc |";
        assert_eq!(row(&figure, "abc"), written);
    }
}
