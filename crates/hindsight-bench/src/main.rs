//! Measures of hindsight, each beside its reference, measured in the same run.
//!
//! `hindsight-bench [MEASURE]...` prints one line a figure:
//! `P1.batch 1234567 spans/s ratio 0.95 of prebuilt columns to an empty service`.
//! Processes other than this one are this program again, under a hidden role.

mod api;
// The browser, shared with the journeys of the hub's tests, and how long it may take.
#[path = "../../hindsight-server/tests/browser/chromium.rs"]
#[expect(dead_code, reason = "the measures need only some of it")]
mod chromium;
mod process {
    pub(crate) use crate::page::PATIENCE;
}
mod figure;
mod hostile;
mod hot_path;
mod idle;
mod incremental;
mod ingest;
mod latency;
mod page;
mod query;
mod roam;
mod roam_call;
mod role;
mod start;
mod store;

use std::path::PathBuf;

use clap::Parser;

use figure::Figure;
use hostile::Kind;

/// A measure: its name, and what runs it.
type Measure = (&'static str, fn(&Scale) -> anyhow::Result<Vec<Figure>>);

const MEASURES: &[Measure] = &[
    ("P1", ingest::run),
    ("P2", store::append),
    ("P3", store::memory),
    ("P4", hot_path::enabled),
    ("P5", hot_path::disabled),
    ("P6", store::lookup),
    ("P6.roam", roam::run),
    ("P7", query::run),
    ("P8", query::growth),
    ("P9", latency::run),
    ("P10", page::traces),
    ("P11", page::bundle),
    ("P12", start::run),
    ("P14", idle::run),
    ("roam.call", roam_call::run),
    ("picante", incremental::run),
    ("hostile.busy", |scale| hostile::run(scale, Kind::Busy)),
    ("hostile.oversize", |scale| {
        hostile::run(scale, Kind::Oversize)
    }),
    ("hostile.malformed", |scale| {
        hostile::run(scale, Kind::Malformed)
    }),
    ("hostile.times", |scale| hostile::run(scale, Kind::Times)),
    ("hostile.one_trace", |scale| {
        hostile::run(scale, Kind::OneTrace)
    }),
    ("hostile.attributes", |scale| {
        hostile::run(scale, Kind::Attributes)
    }),
    ("hostile.values", |scale| hostile::run(scale, Kind::Values)),
    ("hostile.keys", |scale| hostile::run(scale, Kind::Keys)),
    ("hostile.open", |scale| hostile::run(scale, Kind::Open)),
    ("hostile.huge", hostile::huge),
];

/// How much to measure.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// A look whether everything works; the figures mean nothing.
    quick: bool,
}

impl Scale {
    fn pick<T>(self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

#[derive(Parser)]
struct Arguments {
    /// What to measure [default: everything]
    measures: Vec<String>,
    /// Run each measure once and small, to see that it works
    #[arg(long)]
    quick: bool,
    /// Also write the figures to this file
    #[arg(long)]
    json: Option<PathBuf>,
    /// Play a part in a measure that another process makes
    #[arg(long, hide = true)]
    role: Option<role::Role>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(role) = arguments.role {
        return role::play(role);
    }
    let scale = Scale {
        quick: arguments.quick,
    };
    let is_wanted = |wanted: &String, name: &str| {
        // `P6` is also the parts that have a name of their own, such as `P6.roam`.
        let whole = name.split('.').next().unwrap_or(name);
        wanted.eq_ignore_ascii_case(name) || wanted.eq_ignore_ascii_case(whole)
    };
    let wanted = |name: &str| {
        let measures = &arguments.measures;
        measures.is_empty() || measures.iter().any(|wanted| is_wanted(wanted, name))
    };
    let mut figures = Vec::new();
    for (_, run) in MEASURES.iter().filter(|(name, _)| wanted(name)) {
        for figure in run(&scale)? {
            println!("{figure}");
            figures.push(figure);
        }
    }
    if let Some(path) = arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&figures)?)?;
    }
    Ok(())
}
