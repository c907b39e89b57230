//! Which process a span is of, and what is known of it.

use std::collections::HashMap;

use hindsight_protocol::batch::{SpanRow, ValueRef};
use hindsight_protocol::hub::AppInfo;

use super::age;
use crate::columns::instance;
use crate::format;

/// Cells of what tells a process from others.
const PROCESS_CELLS_MAX: usize = 40;

/// Apps by what their spans say of them.
pub(super) struct Runs<'a> {
    by_pid: HashMap<(&'a str, u32), &'a AppInfo>,
}

impl<'a> Runs<'a> {
    pub(super) fn new(apps: &'a [AppInfo]) -> Self {
        let mut by_pid = HashMap::new();
        // The most recently connected come first, and process ids come again.
        for app in apps {
            let key = (app.run.service_name.as_str(), app.run.pid);
            by_pid.entry(key).or_insert(app);
        }
        Self { by_pid }
    }

    /// The app whose span this is.
    pub(super) fn of(&self, span: SpanRow<'_>) -> Option<Run<'a>> {
        let pid = pid(span)?;
        let app = self.by_pid.get(&(span.service(), pid))?;
        Some(Run { app })
    }

    /// `pid 4711`, or what else the span's resource says.
    pub(super) fn process(&self, span: SpanRow<'_>) -> String {
        match pid(span) {
            Some(pid) => format!("pid {pid}"),
            None => {
                let name = instance(span);
                format::truncate(&format::escape(&name), PROCESS_CELLS_MAX).into()
            }
        }
    }
}

/// An app as far as its end matters.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    app: &'a AppInfo,
}

impl Run<'_> {
    /// When its connection ended; 0 while it is connected.
    pub(super) fn went_ns(self) -> u64 {
        self.app.detached_ns
    }

    /// It may come back.
    pub(super) fn may_return(self) -> bool {
        self.app.state == "disconnected"
    }

    /// `its process went 12 s ago`.
    pub(super) fn went(self, now_ns: u64) -> String {
        match self.app.detached_ns {
            0 => "its process is back".into(),
            ns => format!("its process went {} ago", age(now_ns.saturating_sub(ns))),
        }
    }
}

fn pid(span: SpanRow<'_>) -> Option<u32> {
    let found = span.resource().find(|(key, _)| *key == "process.pid");
    match found?.1 {
        ValueRef::I64(pid) => u32::try_from(pid).ok(),
        ValueRef::String(text) => text.parse().ok(),
        _ => None,
    }
}
