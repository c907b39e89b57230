//! What is different, in sentences.

use std::collections::BTreeMap;

use crate::compare::Comparison;
use crate::diff::Side;
use crate::format;

/// Differences smaller than one in so many are none worth a sentence.
const SAME_PART: u64 = 50;
/// Longest name in a sentence.
const NAME_CELLS_MAX: usize = 60;

impl Comparison {
    /// What is different, the most important first: at least one sentence, each complete.
    pub fn summary(&self) -> Vec<String> {
        let sentences = [
            Some(self.about_time()),
            self.about_work(),
            self.about_operations(),
            self.about_spans(),
            self.about_errors(),
        ];
        sentences.into_iter().flatten().collect()
    }

    /// `B takes 31.0 ms longer than A: 52.1 ms instead of 21.1 ms (x2.47).`
    fn about_time(&self) -> String {
        let [a, b] = self.durations_ns;
        let (from, to) = (format::duration(a), format::duration(b));
        let by = format::duration(a.abs_diff(b));
        if self.is_same_time() {
            return format!("A and B take about the same time: {from} and {to}.");
        }
        let word = if b > a { "longer" } else { "less" };
        let ratio =
            super::rows::ratio(a, b).map_or_else(String::new, |ratio| format!(" ({ratio})"));
        format!("B takes {by} {word} than A: {to} instead of {from}{ratio}.")
    }

    fn is_same_time(&self) -> bool {
        let [a, b] = self.durations_ns;
        a.abs_diff(b) <= a.max(b) / SAME_PART
    }

    /// `28.0 ms more in query (db), x14 instead of x1.`: the operation, wherever it is called,
    /// whose self time changed most in the direction of the whole.
    fn about_work(&self) -> Option<String> {
        let mut works: BTreeMap<(&str, &str), [Side; 2]> = BTreeMap::new();
        for (index, operation) in self.operations.iter().enumerate() {
            let work = works.entry((self.service(index), self.name(index)));
            for (sum, side) in work.or_default().iter_mut().zip(operation.sides) {
                sum.spans += side.spans;
                sum.self_ns = sum.self_ns.saturating_add(side.self_ns);
            }
        }
        let [a, b] = self.durations_ns;
        let grew = |[a, b]: &[Side; 2]| match self.is_same_time() {
            true => a.self_ns.abs_diff(b.self_ns),
            false if self.durations_ns[1] > self.durations_ns[0] => {
                b.self_ns.saturating_sub(a.self_ns)
            }
            false => a.self_ns.saturating_sub(b.self_ns),
        };
        let ((service, name), sides) = works.iter().rev().max_by_key(|(_, sides)| grew(sides))?;
        let by_ns = grew(sides);
        if by_ns == 0 || by_ns <= a.max(b) / SAME_PART {
            return None;
        }
        let by = format::duration(by_ns);
        // What runs side by side adds up to more than the whole.
        let of_it = match !self.is_same_time() && by_ns <= a.abs_diff(b) {
            true => " of it",
            false if sides[1].self_ns > sides[0].self_ns => " more self time",
            false => " less self time",
        };
        let name = text(name);
        let service = match *service {
            "" => String::new(),
            service => format!(" ({})", text(service)),
        };
        let counts = match sides.map(|side| side.spans) {
            [0, count] => format!(", \u{d7}{} and only in B", format::count(count)),
            [count, 0] => format!(", \u{d7}{} and only in A", format::count(count)),
            [from, to] if from == to => format!(", \u{d7}{} in both", format::count(to)),
            [from, to] => format!(
                ", \u{d7}{} instead of \u{d7}{}",
                format::count(to),
                format::count(from)
            ),
        };
        Some(format!("{by}{of_it} in {name}{service}{counts}."))
    }

    /// `2 operations only in B, 1 only in A.`
    fn about_operations(&self) -> Option<String> {
        let only = |side: usize| {
            let mut operations = self.operations.iter();
            let is_only = |sides: &[Side; 2]| sides[1 - side].spans == 0;
            let count = operations.by_ref().filter(|of| is_only(&of.sides)).count();
            format::plural(count as u64, "operation")
        };
        match (only(0), only(1)) {
            (a, b) if a.starts_with("0 ") && b.starts_with("0 ") => {
                Some("Both have the same operations.".into())
            }
            (a, b) if a.starts_with("0 ") => Some(format!("{b} only in B.")),
            (a, b) if b.starts_with("0 ") => Some(format!("{a} only in A.")),
            (a, b) => Some(format!("{b} only in B, {a} only in A.")),
        }
    }

    /// `B has 13 spans more: 20 instead of 7.`
    fn about_spans(&self) -> Option<String> {
        let [a, b] = [0, 1].map(|side: usize| self.trees[side].len() as u64);
        more(a, b, "span")
    }

    fn about_errors(&self) -> Option<String> {
        let sum = |side: usize| self.operations.iter().map(|of| of.sides[side].errors).sum();
        more(sum(0), sum(1), "error")
    }
}

fn more(a: u64, b: u64, noun: &str) -> Option<String> {
    let word = match a.cmp(&b) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Less => "more",
        std::cmp::Ordering::Greater => "fewer",
    };
    let by = format::plural(a.abs_diff(b), noun);
    let (from, to) = (format::count(a), format::count(b));
    Some(format!("B has {by} {word}: {to} instead of {from}."))
}

fn text(name: &str) -> String {
    format::truncate(&format::escape(name), NAME_CELLS_MAX).into_owned()
}
