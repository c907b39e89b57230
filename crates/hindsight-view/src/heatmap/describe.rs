//! A heatmap in words, for those who do not see it.

use super::Heatmap;
use super::brush::Brush;
use crate::format::{self, Zone};

impl Heatmap {
    /// `12,345 spans from 14:32:10 to 14:33:10, from 1.02 ms to more than 3.2 s; 3 errors.`
    pub fn described(&self, zone: Zone) -> String {
        let (Some(first), Some(last)) = (self.starts_ns.first(), self.starts_ns.last()) else {
            return "No span that has ended matches.".into();
        };
        let row = |wanted: &dyn Fn(u64) -> bool| {
            let rows = 0..self.floors_ns.len();
            let count = |row| {
                (0..self.starts_ns.len())
                    .map(|c| self.cell(c, row).count)
                    .sum()
            };
            rows.filter(|row| wanted(count(*row))).collect::<Vec<_>>()
        };
        let used = row(&|count| count > 0);
        let low = used.first().map(|row| self.row_label(*row));
        let high = used.last().map(|row| self.row_label(*row));
        format!(
            "{} from {} to {}, of {} to {} and longer; {}.",
            format::plural(self.total.count, "span"),
            second(*first, zone),
            second(last.saturating_add(self.step_ns), zone),
            low.unwrap_or_default(),
            high.unwrap_or_default(),
            format::plural(self.total.errors, "error"),
        )
    }

    /// `14:32:10.000 to 14:32:20.000, 1.02 ms to 2.1 ms: 45 spans, 2 errors.`
    pub fn described_part(&self, brush: &Brush, zone: Zone) -> String {
        let start = self.starts_ns.get(brush.columns.0).copied().unwrap_or(0);
        let last = self.starts_ns.get(brush.columns.1).copied().unwrap_or(0);
        let ceiling = match self.floors_ns.get(brush.rows.1 + 1) {
            Some(ceiling) => format!("to {}", format::duration(*ceiling)),
            None => "and longer".into(),
        };
        let (mut count, mut errors) = (0, 0);
        for column in brush.columns.0..=brush.columns.1.min(self.starts_ns.len()) {
            for row in brush.rows.0..=brush.rows.1.min(self.floors_ns.len()) {
                let cell = self.cell(column, row);
                (count, errors) = (count + cell.count, errors + cell.errors);
            }
        }
        let errors = match errors {
            0 => String::new(),
            errors => format!(", {}", format::plural(errors, "error")),
        };
        format!(
            "{} to {}, {} {ceiling}: {}{errors}",
            format::time_of_day(start, zone),
            format::time_of_day(last.saturating_add(self.step_ns), zone),
            self.row_label(brush.rows.0),
            format::plural(count, "span"),
        )
    }
}

fn second(ns: u64, zone: Zone) -> String {
    let time = format::time_of_day(ns, zone);
    time[.."14:32:10".len()].to_owned()
}
