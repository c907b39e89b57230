//! Rate, errors, duration of services and calls.

use std::collections::HashMap;

use hindsight_protocol::hub::ServiceMapReply;

use super::MapWindow;
use crate::format;
use crate::query_table;
use crate::text::Role;

/// Share of errors from which on a call counts as failing, in percent.
const FAILING_PERCENT: u64 = 5;
/// Thinnest and thickest line of a call.
const LINE: (f64, f64) = (1.25, 7.0);

/// What is known of a service's spans, or of the spans that are calls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Spans.
    pub count: u64,
    /// Those whose status is error.
    pub errors: u64,
    /// Spans a second.
    pub rate: f64,
    /// Half of the ended ones took at most this long, nanoseconds; 0 where none has ended.
    pub p50_ns: u64,
    /// 99 % of the ended ones took at most this long.
    pub p99_ns: u64,
}

/// The numbers of one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapNumbers {
    services: HashMap<String, Numbers>,
    calls: HashMap<String, HashMap<String, Numbers>>,
}

impl MapNumbers {
    /// Those of `reply`, which is of `window` as of `now_ns`.
    pub fn new(reply: &ServiceMapReply, window: MapWindow, now_ns: u64) -> Self {
        let seconds = seconds(reply, window, now_ns);
        let numbers = |(count, errors, p50_ns, p99_ns)| Numbers {
            count,
            errors,
            rate: count as f64 / seconds,
            p50_ns,
            p99_ns,
        };
        let mut calls: HashMap<String, HashMap<String, Numbers>> = HashMap::new();
        for edge in &reply.edges {
            let of_edge = numbers((edge.calls, edge.errors, edge.p50_ns, edge.p99_ns));
            let from = calls.entry(edge.from.clone()).or_default();
            from.insert(edge.to.clone(), of_edge);
        }
        let services = reply.nodes.iter().map(|node| {
            let of_node = numbers((node.spans, node.errors, node.p50_ns, node.p99_ns));
            (node.service.clone(), of_node)
        });
        Self {
            services: services.collect(),
            calls,
        }
    }

    /// Of a service; zero for one that the answer does not name.
    pub fn service(&self, service: &str) -> Numbers {
        self.services.get(service).copied().unwrap_or_default()
    }

    /// Of the calls of one service by another; zero where the answer names none.
    pub fn call(&self, from: &str, to: &str) -> Numbers {
        let calls = self.calls.get(from).and_then(|from| from.get(to));
        calls.copied().unwrap_or_default()
    }
}

/// The time that the spans of an answer came in: that of the window as far as there were spans.
fn seconds(reply: &ServiceMapReply, window: MapWindow, now_ns: u64) -> f64 {
    let spanned_ns = match window.length_ns {
        Some(length_ns) => now_ns.saturating_sub(reply.first_ns).min(length_ns),
        None => reply.last_ns.saturating_sub(reply.first_ns),
    };
    (spanned_ns as f64 / 1e9).max(1.0)
}

impl Numbers {
    /// `12.3/s`; `quiet` where there is nothing.
    pub fn rate_text(&self) -> String {
        match self.count {
            0 => "quiet".into(),
            _ if self.rate < 0.01 => "<0.01/s".into(),
            _ => query_table::value(two_digits(self.rate), "1/s"),
        }
    }

    /// `3.1 % errors`; nothing where there are none.
    pub fn errors_text(&self) -> String {
        match self.errors {
            0 => String::new(),
            errors => format!("{} errors", format::percent(errors, self.count)),
        }
    }

    /// `12.3/s`, `12.3/s · 3.1 % errors`.
    pub fn head(&self) -> String {
        let (rate, errors) = (self.rate_text(), self.errors_text());
        match errors.is_empty() {
            true => rate,
            false => format!("{rate} · {errors}"),
        }
    }

    /// `p50 1.20 ms · p99 30.0 ms`; nothing where no span has ended.
    pub fn durations(&self) -> String {
        match self.p99_ns {
            0 => String::new(),
            _ => format!(
                "p50 {} · p99 {}",
                format::duration(self.p50_ns),
                format::duration(self.p99_ns)
            ),
        }
    }

    /// All of it for somebody who does not see the picture.
    pub fn sentence(&self) -> String {
        if self.count == 0 {
            return "quiet".into();
        }
        let errors = match self.errors {
            0 => "no errors".into(),
            errors => format!(
                "{} ({})",
                format::plural(errors, "error"),
                self.errors_text()
            ),
        };
        let durations = self.durations().replace(" · ", ", ");
        format!("{}, {errors}, {durations}", self.rate_text())
    }

    /// How it went: failing, some errors, none, or nothing happened.
    pub fn outcome(&self) -> Role {
        match (self.count, self.errors) {
            (0, _) => Role::Dim,
            (_, 0) => Role::Plain,
            (count, errors) if errors.saturating_mul(100) >= count * FAILING_PERCENT => Role::Error,
            _ => Role::Warning,
        }
    }

    /// How thick its line is, by the logarithm of the rate: each tenfold adds as much.
    pub fn line_width(&self) -> f64 {
        let tenfolds = (1.0 + self.rate * 10.0).log10();
        (LINE.0 + tenfolds * 1.2).min(LINE.1)
    }
}

/// Rates below one with two digits: what changes with every answer is no news.
fn two_digits(rate: f64) -> f64 {
    match rate {
        ..1.0 => (rate * 100.0).round() / 100.0,
        ..100.0 => (rate * 10.0).round() / 10.0,
        _ => rate.round(),
    }
}
