//! Explanations in sentences. Revisions are numbers, queries are `kind(key)`.

use hindsight_protocol::introspection::picante::{Cause, ExplainRequest, QueryRef};

use crate::Outcome;
use crate::recorder::nodes::{Computed, Node, NodeKey, Nodes, SetBy, Why};

/// Inputs that a summary names.
const NAMED_MAX: usize = 3;

fn name(node: &Node) -> String {
    format!("{}({})", node.kind.name, node.text)
}

fn name_of(query: &QueryRef) -> String {
    format!("{}({})", query.kind, query.key)
}

fn list(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    match (names.split_last(), more) {
        (_, 1..) => format!("{} and {more} more", names.join(", ")),
        (Some((last, [])), _) => last.clone(),
        (Some((last, before)), _) => format!("{} and {last}", before.join(", ")),
        (None, _) => String::new(),
    }
}

/// Where it is not clear which query is meant.
pub(super) fn not_clear(request: &ExplainRequest, candidates: &[QueryRef]) -> String {
    let asked = format!("{}({})", request.kind, request.key);
    match candidates.len() {
        0 => format!("Nothing like {asked} was asked for, as far as this process remembers."),
        1 => format!(
            "{asked} was not asked for; {} was.",
            name_of(&candidates[0])
        ),
        _ => format!("{asked} could be several queries, or is none that is remembered."),
    }
}

/// The whole in a sentence or two.
pub(super) fn summary(
    nodes: &Nodes,
    key: &NodeKey,
    node: &Node,
    causes: &[Cause],
    is_orphaned: bool,
) -> String {
    let mut text = match (node.kind.is_input(), node.history.back()) {
        (true, _) => of_input(node),
        (false, Some(computed)) => of_computed(node, computed, causes),
        (false, None) => not_computed(node),
    };
    text += &since(node);
    if is_orphaned {
        text += " That computation was given up half-way: whoever asks again waits for ever.";
    }
    let lost = node.state.edges.lost.iter();
    let lost = lost.filter_map(|dep| nodes.get(&key.of_dependency(dep)));
    let lost: Vec<String> = lost.map(name).collect();
    if !lost.is_empty() {
        let lost = list(lost);
        text += &format!(
            " It also asked for {lost} without picante noticing: a change of that does not reach it."
        );
    }
    text
}

fn of_input(node: &Node) -> String {
    let name = name(node);
    match &node.set {
        Some(set) => format!("{name} is an input: it {}.", set_text(set)),
        None => format!("{name} comes from outside; nobody was seen setting it."),
    }
}

/// `was set in revision 5 by save`
fn set_text(set: &SetBy) -> String {
    let verb = if set.is_removed { "removed" } else { "set" };
    let by = match &*set.name {
        "" => String::new(),
        name => format!(" by {name}"),
    };
    format!("was {verb} in revision {}{by}", set.revision)
}

fn of_computed(node: &Node, computed: &Computed, causes: &[Cause]) -> String {
    let name = name(node);
    let revision = computed.revision;
    let why = why(computed, causes);
    match computed.outcome {
        Outcome::Error => {
            let why = failed_in(&name, causes, &why);
            let error = node
                .state
                .error
                .as_deref()
                .unwrap_or("it is no longer known why");
            format!("{name} failed in revision {revision}: {error}. {why}.")
        }
        Outcome::ComputedUnchanged => {
            format!(
                "{name} was computed in revision {revision} {why}; its value was the same as before, so what depends on it need not run."
            )
        }
        _ if matches!(computed.why, Why::Changed { .. } | Why::Unclear { .. }) => {
            format!("{name} was computed in revision {revision} {why}; its value changed.")
        }
        _ => format!("{name} was computed in revision {revision} {why}."),
    }
}

/// Where a failure began, and why that ran.
fn failed_in(name: &str, causes: &[Cause], why: &str) -> String {
    let is_failed = |cause: &&Cause| cause.outcome == Outcome::Error.as_str();
    let began = causes.iter().skip(1).rfind(is_failed);
    let began = began.map_or_else(|| name.to_owned(), |cause| name_of(&cause.query));
    format!("The failure began in {began}, which ran {why}")
}

/// `because ...`
fn why(computed: &Computed, causes: &[Cause]) -> String {
    match &computed.why {
        Why::First => "because it had never been computed before".to_owned(),
        Why::AfterError => "because the attempt before had failed".to_owned(),
        Why::ValueGone => {
            "because its value was not there any more: it is a new snapshot, or the cache was emptied"
                .to_owned()
        }
        Why::Unclear { known_at } => format!(
            "although nothing that it depends on is known to have changed since revision {known_at}"
        ),
        Why::Changed { .. } => because_changed(causes),
        Why::Failed { .. } if causes.iter().any(|cause| cause.is_input) => because_changed(causes),
        Why::Failed { .. } => "for the first time, or again after a failure".to_owned(),
    }
}

fn because_changed(causes: &[Cause]) -> String {
    let inputs: Vec<&Cause> = causes
        .iter()
        .skip(1)
        .filter(|cause| cause.is_input)
        .collect();
    let direct: Vec<&Cause> = causes
        .iter()
        .skip(1)
        .filter(|cause| cause.of == 0)
        .collect();
    let names = |of: &[&Cause]| list(of.iter().map(|cause| name_of(&cause.query)).collect());
    let Some(first) = inputs.first() else {
        return match direct.is_empty() {
            true => "because something that it depends on had changed".to_owned(),
            false => format!("because {} had changed", names(&direct)),
        };
    };
    let set = match (first.outcome.as_str(), first.set_by.as_str()) {
        ("removed", "") => "removed".to_owned(),
        ("removed", by) => format!("removed by {by}"),
        ("set", "") => "set".to_owned(),
        ("set", by) => format!("set by {by}"),
        _ => "changed".to_owned(),
    };
    let verb = if inputs.len() == 1 { "was" } else { "were" };
    let is_way = |cause: &&Cause| !cause.is_input && cause.outcome != Outcome::Error.as_str();
    let through: Vec<&Cause> = direct.into_iter().filter(is_way).collect();
    let way = match through.is_empty() {
        true => String::new(),
        false => format!(", by way of {}", names(&through)),
    };
    format!("because {} {verb} {set}{way}", names(&inputs))
}

fn not_computed(node: &Node) -> String {
    let name = name(node);
    let state = &node.state;
    let revision = state.verified_at;
    match state.outcome {
        None => format!("{name} is known, and was not asked for while it was watched."),
        Some(Outcome::Cancelled) => format!("{name} was given up before it had an answer."),
        Some(Outcome::Coalesced) => {
            format!(
                "{name} was not computed: another access computed the same meanwhile, in revision {revision}."
            )
        }
        Some(Outcome::Adopted) => {
            format!(
                "{name} was not computed: it was taken from another snapshot, in revision {revision}."
            )
        }
        Some(_) => format!("{name} was not computed while it was watched."),
    }
}

/// What happened after the last computation.
fn since(node: &Node) -> String {
    let state = &node.state;
    let of = state.verified_at;
    let computed_in = node.history.back().map_or(0, |computed| computed.revision);
    match state.outcome {
        Some(Outcome::Validated) if of > computed_in => format!(
            " In revision {of} nothing that it depends on had changed since, so its value was kept."
        ),
        Some(Outcome::Cancelled) if computed_in > 0 => {
            " Since then it was asked for again, and given up before it had an answer.".to_owned()
        }
        Some(Outcome::Adopted) if of > computed_in && computed_in > 0 => {
            format!(" In revision {of} the value of another snapshot was taken.")
        }
        _ => String::new(),
    }
}

/// The query itself.
pub(super) fn first(node: &Node, computed: Option<&Computed>) -> String {
    match computed {
        Some(computed) => ran(computed),
        None if node.kind.is_input() => of_input(node),
        None => not_computed(node),
    }
}

fn ran(computed: &Computed) -> String {
    let revision = computed.revision;
    match computed.outcome {
        Outcome::ComputedUnchanged => {
            format!("It ran in revision {revision}, and its value was the same as before.")
        }
        Outcome::Error => format!("It ran in revision {revision} and failed."),
        _ => format!("It ran in revision {revision}, and its value is from then."),
    }
}

/// Something that failed.
pub(super) fn failed(node: &Node) -> String {
    let error = node.state.error.as_deref();
    format!(
        "It failed: {}.",
        error.unwrap_or("it is no longer known why")
    )
}

/// Something that had changed.
pub(super) fn step(
    node: &Node,
    computed: Option<&Computed>,
    changed_at: u64,
    known_at: u64,
) -> String {
    if let Some(computed) = computed {
        let why = match &computed.why {
            Why::First => " It had never been computed before.",
            Why::AfterError => " The attempt before had failed.",
            Why::ValueGone => " Its value was not there any more.",
            Why::Unclear { .. } => " Nothing that it depends on is known to have changed.",
            Why::Changed { .. } | Why::Failed { .. } => "",
        };
        return format!(
            "It changed in revision {changed_at}, and was last seen in revision {known_at}.{why}"
        );
    }
    match &node.set {
        Some(set) if set.revision == changed_at => format!("It {}.", set_text(set)),
        Some(set) => format!(
            "It changed in revision {changed_at}; since then it {}.",
            set_text(set)
        ),
        None if node.kind.is_input() => {
            format!("It changed in revision {changed_at}; nobody was seen setting it.")
        }
        None => format!(
            "It changed in revision {changed_at}; that computation is no longer remembered."
        ),
    }
}
