//! How a process fares, in a word and in a sentence.

use std::collections::HashMap;

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::AppInfo;

use crate::format;
use crate::text::Role;

/// A process that is connected tells of itself every ten seconds, or with what it sends.
const SILENT_NS: u64 = 25_000_000_000;
/// Records that may be on their way without anybody calling it a lag.
const BEHIND_MAX: u64 = 5_000;
/// How long a loss is news.
const LOSS_NEWS_NS: u64 = 30_000_000_000;

/// How a process fares, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Connected, and nothing is wrong.
    Fine,
    /// It ended.
    Gone,
    /// Its connection ended a moment ago; it may come back.
    Away,
    /// Connected, but nothing is heard of it.
    Silent,
    /// The hub is behind what it has made.
    Lagging,
    /// It loses records.
    Dropping,
}

impl Health {
    /// For a person.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Gone => "gone",
            Self::Away => "away",
            Self::Silent => "silent",
            Self::Lagging => "lagging",
            Self::Dropping => "dropping",
        }
    }

    /// Its colour.
    pub fn role(self) -> Role {
        match self {
            Self::Fine => Role::Good,
            Self::Gone => Role::Dim,
            Self::Away | Self::Silent | Self::Lagging => Role::Warning,
            Self::Dropping => Role::Error,
        }
    }
}

/// What was seen of apps before, to tell what is new. Bounded: by the apps of the newest look.
#[derive(Clone, Debug, Default)]
pub struct Vitals {
    seen: HashMap<TracerId, Seen>,
    now_ns: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    dropped: u64,
    /// When a growth of `dropped` was seen, 0 for never.
    grew_ns: u64,
}

impl Vitals {
    /// Takes what the hub says of its apps at `now_ns` by its own clock.
    pub fn look(&mut self, apps: &[AppInfo], now_ns: u64) {
        let before = std::mem::take(&mut self.seen);
        self.now_ns = now_ns;
        for app in apps {
            let dropped = app.accounts.dropped;
            let known = before.get(&app.tracer_id);
            let grew_ns = match known {
                Some(known) if known.dropped < dropped => now_ns,
                Some(known) => known.grew_ns,
                None => 0,
            };
            self.seen.insert(app.tracer_id, Seen { dropped, grew_ns });
        }
    }

    /// The hub's clock at the newest look.
    pub fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// How an app fares.
    pub fn health(&self, app: &AppInfo) -> Health {
        let seen = self.seen.get(&app.tracer_id).copied().unwrap_or_default();
        let is_news = seen.grew_ns > 0 && self.now_ns - seen.grew_ns < LOSS_NEWS_NS;
        let silent_ns = self.now_ns.saturating_sub(app.last_seen_ns);
        match app.state.as_str() {
            "disconnected" => Health::Away,
            "connected" if is_news => Health::Dropping,
            "connected" if behind(app) > BEHIND_MAX => Health::Lagging,
            "connected" if silent_ns > SILENT_NS => Health::Silent,
            "connected" => Health::Fine,
            _ => Health::Gone,
        }
    }

    /// `lagging: 12,345 records behind`, `fine; 12 records were lost before`.
    pub fn sentence(&self, app: &AppInfo) -> String {
        let health = self.health(app);
        let past = |ns: u64| format::duration(whole_secs(self.now_ns.saturating_sub(ns)));
        let lost = app.accounts.dropped;
        let lost = match lost {
            0 => String::new(),
            lost => format!("; it lost {}", format::plural(lost, "record")),
        };
        let word = health.word();
        match health {
            Health::Fine => format!("{word}{lost}"),
            Health::Gone => format!("{word} for {}{lost}", past(app.detached_ns)),
            Health::Away => {
                format!(
                    "{word} for {}, it may come back{lost}",
                    past(app.detached_ns)
                )
            }
            Health::Silent => format!("{word} for {}{lost}", past(app.last_seen_ns)),
            Health::Lagging => {
                let behind = format::plural(behind(app), "record");
                format!("{word}: the hub is {behind} behind{lost}")
            }
            Health::Dropping => {
                let lost = format::plural(app.accounts.dropped, "record");
                format!("{word}: {lost} lost so far, for lack of room in the app")
            }
        }
    }
}

/// Records that the app has made and the hub has not got, nor will for being dropped.
pub(super) fn behind(app: &AppInfo) -> u64 {
    let told = &app.accounts;
    let accounted =
        app.counters.received + told.dropped.saturating_add(told.acknowledged_elsewhere);
    told.offered.saturating_sub(accounted)
}

fn whole_secs(ns: u64) -> u64 {
    ns - ns % 1_000_000_000
}
