//! The spans of one trace and who is whose parent, without anything else of them.
//!
//! In: the rows of a trace; what columns say of each. Out: which of them a filter is true of. The
//! tree is the one that `hindsight_query` describes. Cost: linear in the rows times the parts of
//! the filter, whatever the structure; about 40 bytes a row.

use hashbrown::HashMap;
use hindsight_protocol::TraceId;
use hindsight_query::{Matcher, Relation};

use super::prepared::{KinOf, Node};
use crate::snapshot::run::RowView;

const NONE: u32 = u32::MAX;

/// Knows of single spans and of facts.
pub(super) trait Spots<'a> {
    /// Whether a part of the filter that is exact is true of a row.
    fn says_yes(&mut self, node: &'a Node, row: RowView<'a>) -> bool;

    /// Whether facts of the trace pass.
    fn facts_say(&mut self, matcher: &Matcher, trace: TraceId) -> bool;
}

pub(super) struct Kin<'a> {
    trace: TraceId,
    rows: Vec<RowView<'a>>,
    /// By row, [`NONE`] for roots.
    parents: Vec<u32>,
    /// Every row, children before their parents.
    leaves_first: Vec<u32>,
}

impl<'a> Kin<'a> {
    /// Arranges rows of one trace, one a span; fewer than [`u32::MAX`].
    pub(super) fn new(trace: TraceId, rows: Vec<RowView<'a>>) -> Self {
        let ids = rows.iter().map(|row| row.span_id().bits);
        let by_id: HashMap<u64, u32> = ids.zip(0..).collect();
        let parent = |(row, at): (&RowView<'_>, u32)| {
            let parent = row.parent_bits();
            let found = by_id.get(&parent).copied();
            found.filter(|found| parent != 0 && *found != at)
        };
        let parents = rows.iter().zip(0..).map(|row| parent(row).unwrap_or(NONE));
        let mut kin = Self {
            trace,
            parents: parents.collect(),
            leaves_first: Vec::with_capacity(rows.len()),
            rows,
        };
        kin.order();
        kin
    }

    pub(super) fn rows(&self) -> &[RowView<'a>] {
        &self.rows
    }

    /// Takes leaf after leaf away. What is left are cycles, each of which is cut above its earliest
    /// span.
    fn order(&mut self) {
        let mut children = vec![0_u32; self.rows.len()];
        for parent in &self.parents {
            if let Some(count) = children.get_mut(*parent as usize) {
                *count += 1;
            }
        }
        let is_leaf = |row: &u32| children[*row as usize] == 0;
        let all = 0..self.rows.len() as u32;
        self.leaves_first = all.filter(is_leaf).collect();
        let mut taken = self.take_leaves(0, &mut children);
        let mut next = 0;
        while taken < self.rows.len() {
            while children[next] == 0 {
                next += 1;
            }
            let earliest = self.earliest_of_cycle(next);
            let parent = std::mem::replace(&mut self.parents[earliest], NONE) as usize;
            children[parent] -= 1;
            self.leaves_first.push(parent as u32);
            taken = self.take_leaves(taken, &mut children);
        }
    }

    /// Adds whoever has no child left, from the row at `from` on; tells how many there are.
    fn take_leaves(&mut self, from: usize, children: &mut [u32]) -> usize {
        let mut at = from;
        while let Some(row) = self.leaves_first.get(at) {
            let parent = self.parents[*row as usize];
            if let Some(count) = children.get_mut(parent as usize) {
                *count -= 1;
                if *count == 0 {
                    self.leaves_first.push(parent);
                }
            }
            at += 1;
        }
        at
    }

    fn earliest_of_cycle(&self, member: usize) -> usize {
        let order = |row: usize| self.rows[row].order();
        let (mut earliest, mut at) = (member, self.parents[member] as usize);
        while at != member {
            if order(at) < order(earliest) {
                earliest = at;
            }
            at = self.parents[at] as usize;
        }
        earliest
    }

    /// Which rows the filter is true of.
    pub(super) fn judge(&self, node: &'a Node, spots: &mut impl Spots<'a>) -> Vec<bool> {
        if node.is_exact() {
            let rows = self.rows.iter();
            return rows.map(|row| spots.says_yes(node, *row)).collect();
        }
        match node {
            Node::And(members) => self.joined(members, spots, true),
            Node::Or(members) => self.joined(members, spots, false),
            Node::Not(inner) => {
                let mut column = self.judge(inner, spots);
                column.iter_mut().for_each(|yes| *yes = !*yes);
                column
            }
            Node::Facts(matcher) => self.all(spots.facts_say(matcher, self.trace)),
            Node::Kin(kin) => {
                let KinOf {
                    relation, inner, ..
                } = &**kin;
                let column = self.judge(inner, spots);
                match relation {
                    None => self.all(column.contains(&true)),
                    Some(relation) => self.related(*relation, &column),
                }
            }
            // Exact, so answered above.
            Node::Const(_) | Node::Text(_) | Node::Field(_) | Node::InSet(_) => self.all(false),
        }
    }

    fn all(&self, yes: bool) -> Vec<bool> {
        vec![yes; self.rows.len()]
    }

    fn joined(&self, members: &'a [Node], spots: &mut impl Spots<'a>, is_and: bool) -> Vec<bool> {
        let mut joined = self.all(is_and);
        for member in members {
            if !joined.contains(&is_and) {
                break;
            }
            for (yes, member) in joined.iter_mut().zip(self.judge(member, spots)) {
                *yes = if is_and { *yes & member } else { *yes | member };
            }
        }
        joined
    }

    fn related(&self, relation: Relation, column: &[bool]) -> Vec<bool> {
        let mut found = self.all(false);
        match relation {
            Relation::Parent => self.each_child(|row, parent| found[row] = column[parent]),
            Relation::Child => self.each_child(|row, parent| found[parent] |= column[row]),
            Relation::Ancestor => {
                for row in self.leaves_first.iter().rev() {
                    let row = *row as usize;
                    if let Some(yes) = column.get(self.parents[row] as usize) {
                        found[row] = *yes | found[self.parents[row] as usize];
                    }
                }
            }
            Relation::Descendant => {
                for row in &self.leaves_first {
                    let row = *row as usize;
                    let yes = column[row] | found[row];
                    if let Some(found) = found.get_mut(self.parents[row] as usize) {
                        *found |= yes;
                    }
                }
            }
            Relation::Sibling => {
                let mut counts = vec![0_u32; self.rows.len()];
                self.each_child(|row, parent| counts[parent] += u32::from(column[row]));
                self.each_child(|row, parent| {
                    found[row] = counts[parent] > u32::from(column[row]);
                });
            }
        }
        found
    }

    /// Calls `look` with every row that has a parent, and the parent.
    fn each_child(&self, mut look: impl FnMut(usize, usize)) {
        for (row, parent) in self.parents.iter().enumerate() {
            if *parent != NONE {
                look(row, *parent as usize);
            }
        }
    }
}
