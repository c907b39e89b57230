//! Accesses as lines, without what differs from run to run.

use std::sync::{LazyLock, Mutex};

use hindsight::{Span, TraceId};
use picante::{Access, Dependency, Phase};

static SEEN: LazyLock<Mutex<Vec<Access>>> = LazyLock::new(|| {
    picante::observe(|access| SEEN.lock().expect("sound").push(access.clone()));
    Mutex::default()
});

/// Starts to remember what happens.
pub(crate) fn watch() {
    LazyLock::force(&SEEN);
}

/// The ends of accesses of a trace, which are then forgotten.
pub(crate) fn ends(of: &Span) -> Vec<Access> {
    let trace = of.context().expect("recorded").trace_id();
    ends_of(trace)
}

fn ends_of(trace: TraceId) -> Vec<Access> {
    let mut seen = SEEN.lock().expect("sound");
    let is_of = |access: &Access| access.trace_id == trace;
    let (of, rest) = std::mem::take(&mut *seen).into_iter().partition(is_of);
    *seen = rest;
    let of: Vec<Access> = of;
    of.into_iter().filter(|a| a.phase == Phase::Ended).collect()
}

/// `get outline[a.md] computed_changed r3 changed_at=3 hits=1 <- parse_file[a.md]`
pub(crate) fn line(access: &Access) -> String {
    let Access {
        kind,
        key,
        op,
        revision,
        ..
    } = access;
    let outcome = access.outcome.map_or("", |outcome| outcome.as_str());
    let mut line = format!("{} {kind}[{key}] {outcome} r{revision}", op.as_str());
    if access.changed_at > 0 {
        line += &format!(" changed_at={}", access.changed_at);
    }
    if access.hits > 0 {
        line += &format!(" hits={}", access.hits);
    }
    let name = |dep: &Dependency| format!("{}[{}]", dep.kind, dep.key);
    let names: Vec<String> = access.dependencies.iter().map(name).collect();
    if !names.is_empty() {
        line += &format!(" <- {}", names.join(" "));
    }
    if let Some(error) = &access.error {
        line += &format!(" ! {error}");
    }
    line
}

/// The ends of accesses of a trace under a heading.
pub(crate) fn step(heading: &str, of: &Span) -> String {
    let lines: Vec<String> = ends(of).iter().map(line).collect();
    format!("{heading}\n  {}\n", lines.join("\n  "))
}
