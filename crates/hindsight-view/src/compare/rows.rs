//! A row for each operation that is to be seen.

use std::cmp::Reverse;
use std::collections::HashSet;

use hindsight_protocol::SpanId;

use super::{CompareOrder, Comparison, Operation, ROWS_MAX};
use crate::diff::Side;
use crate::format;
use crate::text::Role;

/// Levels that are drawn as indentation.
const LEVELS_MAX: u32 = 12;
/// Longest name, and longest path above it.
const NAME_CELLS_MAX: usize = 120;

/// What the viewer wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// How it is sorted.
    pub order: CompareOrder,
    /// Only operations whose name or service contains this, in whatever case; empty for all.
    pub find: String,
    /// Also what does not differ by much.
    pub all: bool,
    /// Operations that are folded though they are open at first, or the other way round: at first
    /// that is open below which something is notable.
    pub toggled: HashSet<usize>,
}

/// Which traces have an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Both.
    Both,
    /// The first alone.
    OnlyA,
    /// The second alone.
    OnlyB,
}

/// A time on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Amount {
    /// `12.0 ms`, or `-` where the operation is not there.
    pub a: String,
    /// See `a`.
    pub b: String,
    /// `+12.0 ms`, `-12.0 ms`, `same`.
    pub change: String,
    /// `×1.50`; empty where one side is 0.
    pub ratio: String,
    /// Longer, shorter or the same; longer is [`Role::Warning`].
    pub role: Role,
    /// The change over the largest one that is shown, in thousandths, below 0 where it is shorter.
    pub per_mille: i32,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CompareRow {
    /// Its number in the comparison.
    pub operation: usize,
    /// Blanks, or for deep ones their level.
    pub indent: String,
    /// Its name, escaped.
    pub name: String,
    /// The names above it, where rows do not stand below what called them; else empty.
    pub above: String,
    /// Its service, escaped.
    pub service: String,
    /// The service's colour.
    pub service_role: Role,
    /// Whether something is below it that can be folded, and is.
    pub fold: Option<bool>,
    /// Where it is.
    pub presence: Presence,
    /// What is different, in words: `only in B`, `13 more, longer`.
    pub words: String,
    /// `14`, `14 instead of 1`.
    pub spans: (String, String),
    /// Sum of the durations.
    pub total: Amount,
    /// Sum of the self times.
    pub self_time: Amount,
    /// The longest span of each side.
    pub longest: [Option<SpanId>; 2],
}

/// Rows, and how many more there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompareRows {
    /// At most [`ROWS_MAX`].
    pub rows: Vec<CompareRow>,
    /// Rows that found no room.
    pub more: usize,
    /// Operations that do not differ by much and are therefore not here.
    pub alike: usize,
}

impl Comparison {
    /// The rows that are wanted.
    pub fn rows(&self, wanted: &Wanted) -> CompareRows {
        let (shown, alike) = match wanted.order {
            CompareOrder::Tree => self.tree(wanted),
            _ => self.list(wanted),
        };
        let more = shown.len().saturating_sub(ROWS_MAX);
        let shown = &shown[..shown.len() - more];
        let largest = |of: fn(&Side) -> u64| {
            let changes = shown.iter().map(|index| {
                let [a, b] = &self.operations[*index].sides;
                of(a).abs_diff(of(b))
            });
            changes.max().unwrap_or(0)
        };
        let largest = (largest(|side| side.total_ns), largest(|side| side.self_ns));
        let rows = shown.iter().map(|index| self.row(*index, wanted, largest));
        CompareRows {
            rows: rows.collect(),
            more,
            alike,
        }
    }

    fn matches(&self, index: usize, find: &str) -> bool {
        find.is_empty()
            || self.name(index).to_lowercase().contains(find)
            || self.service(index).to_lowercase().contains(find)
    }

    /// Each below what called it, and with it what leads to it.
    fn tree(&self, wanted: &Wanted) -> (Vec<usize>, usize) {
        let find = wanted.find.to_lowercase();
        let mut is_kept = vec![false; self.operations.len()];
        let mut alike = 0;
        for index in (0..self.operations.len()).rev() {
            let operation = &self.operations[index];
            let is_found = self.matches(index, &find);
            let is_alike = !wanted.all && !operation.is_notable && !operation.leads_to_notable;
            alike += usize::from(is_found && is_alike);
            is_kept[index] |= is_found && !is_alike;
            if let (true, Some(parent)) = (is_kept[index], operation.parent) {
                is_kept[parent] = true;
            }
        }
        let (mut shown, mut index) = (Vec::new(), 0);
        while let Some(operation) = self.operations.get(index) {
            if is_kept[index] {
                shown.push(index);
            }
            let is_closed = find.is_empty() && self.is_folded(index, wanted);
            index += if is_closed { operation.size } else { 1 };
        }
        (shown, alike)
    }

    fn is_folded(&self, index: usize, wanted: &Wanted) -> bool {
        let operation = &self.operations[index];
        operation.size > 1 && operation.leads_to_notable == wanted.toggled.contains(&index)
    }

    /// By how much they differ.
    fn list(&self, wanted: &Wanted) -> (Vec<usize>, usize) {
        let find = wanted.find.to_lowercase();
        let found = (0..self.operations.len()).filter(|index| self.matches(*index, &find));
        let (mut shown, alike): (Vec<usize>, Vec<usize>) =
            found.partition(|index| wanted.all || self.operations[*index].is_notable);
        let change = |index: &usize| {
            let [a, b] = &self.operations[*index].sides;
            match wanted.order {
                CompareOrder::Total => a.total_ns.abs_diff(b.total_ns),
                CompareOrder::Spans => a.spans.abs_diff(b.spans),
                CompareOrder::SelfTime | CompareOrder::Tree => a.self_ns.abs_diff(b.self_ns),
            }
        };
        shown.sort_by_key(|index| Reverse(change(index)));
        (shown, alike.len())
    }

    fn row(&self, index: usize, wanted: &Wanted, largest: (u64, u64)) -> CompareRow {
        let operation = &self.operations[index];
        let [a, b] = &operation.sides;
        let is_tree = wanted.order == CompareOrder::Tree;
        let indent = match operation.depth {
            _ if !is_tree => String::new(),
            depth if depth > LEVELS_MAX => format!("\u{203a}{depth} "),
            depth => "  ".repeat(depth as usize),
        };
        let can_fold = is_tree && operation.size > 1 && wanted.find.is_empty();
        let can_fold = can_fold && (wanted.all || operation.leads_to_notable);
        let longest = [0, 1].map(|side: usize| {
            let node = operation.longest[side]?;
            Some(self.trees[side].span_id(node)).filter(|id| id.is_valid())
        });
        CompareRow {
            operation: index,
            indent,
            name: shown(self.name(index)),
            above: if is_tree {
                String::new()
            } else {
                self.above(operation)
            },
            service: shown(self.service(index)),
            service_role: Role::of_service(self.service(index)),
            fold: can_fold.then(|| self.is_folded(index, wanted)),
            presence: match (a.spans, b.spans) {
                (_, 0) => Presence::OnlyA,
                (0, _) => Presence::OnlyB,
                _ => Presence::Both,
            },
            words: words(a, b, operation.is_notable),
            spans: (count(a), count(b)),
            total: amount(a, b, |side| side.total_ns, largest.0),
            self_time: amount(a, b, |side| side.self_ns, largest.1),
            longest,
        }
    }

    /// `below GET /users › load`, from the nearest upwards as far as there is room.
    fn above(&self, operation: &Operation) -> String {
        let (mut above, mut parent) = (String::new(), operation.parent);
        while let Some(at) = parent {
            let sign = if above.is_empty() { "" } else { " \u{203a} " };
            if format::width(&above) > NAME_CELLS_MAX / 2 {
                above = format!("\u{2026}{sign}{above}");
                break;
            }
            above = format!("{}{sign}{above}", shown(self.name(at)));
            parent = self.operations[at].parent;
        }
        match above.is_empty() {
            true => above,
            false => format!("below {above}"),
        }
    }
}

fn shown(text: &str) -> String {
    format::truncate(&format::escape(text), NAME_CELLS_MAX).into_owned()
}

fn count(side: &Side) -> String {
    match side.spans {
        0 => "-".into(),
        spans => format::count(spans),
    }
}

/// `only in B`; `13 more, 1 more failed, longer`; `about the same`.
fn words(a: &Side, b: &Side, is_notable: bool) -> String {
    match (a.spans, b.spans) {
        (_, 0) => return "only in A".into(),
        (0, _) => return "only in B".into(),
        _ => {}
    }
    let more = |a: u64, b: u64, what: &str| match a.cmp(&b) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less => Some(format!("{} more{what}", format::count(b - a))),
        std::cmp::Ordering::Greater => Some(format!("{} fewer{what}", format::count(a - b))),
    };
    let time = match a.total_ns.cmp(&b.total_ns) {
        _ if !is_notable => None,
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less => Some("longer".to_owned()),
        std::cmp::Ordering::Greater => Some("shorter".to_owned()),
    };
    let parts = [
        more(a.spans, b.spans, ""),
        more(a.errors, b.errors, " failed"),
        time,
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => "about the same".into(),
        false => parts.join(", "),
    }
}

fn amount(a: &Side, b: &Side, of: fn(&Side) -> u64, largest: u64) -> Amount {
    let time = |side: &Side| match side.spans {
        0 => "-".to_owned(),
        _ => format::duration(of(side)),
    };
    let (from, to) = (of(a), of(b));
    let by = format::duration(from.abs_diff(to));
    let size = (from.abs_diff(to).saturating_mul(1000) / largest.max(1)).min(1000) as i32;
    let (change, role, per_mille) = match from.cmp(&to) {
        std::cmp::Ordering::Equal => ("same".to_owned(), Role::Dim, 0),
        std::cmp::Ordering::Less => (format!("+{by}"), Role::Warning, size),
        std::cmp::Ordering::Greater => (format!("\u{2212}{by}"), Role::Good, -size),
    };
    Amount {
        a: time(a),
        b: time(b),
        change,
        ratio: ratio(from, to).unwrap_or_default(),
        role,
        per_mille,
    }
}

/// `×2.47`, `×0.50`; none where there is nothing to compare with, or no difference.
pub(super) fn ratio(a: u64, b: u64) -> Option<String> {
    if a == 0 || b == 0 || a == b {
        return None;
    }
    let ratio = b as f64 / a as f64;
    Some(match ratio {
        100.0.. => format!("\u{d7}{}", format::count(ratio.round() as u64)),
        10.0.. => format!("\u{d7}{ratio:.1}"),
        0.01.. => format!("\u{d7}{ratio:.2}"),
        _ => "\u{d7}<0.01".into(),
    })
}
