//! What is news about apps since a viewer was last told.

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::AppInfo;

use super::app::info_bytes;
use super::registry::Registry;

/// How far a viewer has been told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    revision: u64,
    at_ns: u64,
}

/// What to tell it next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// All apps, in place of what was told before.
    pub(super) begins: bool,
    /// The apps to tell, those that changed first first.
    pub(super) of: Vec<TracerId>,
    /// How far it will then have been told.
    pub(super) mark: Mark,
    /// When the next app will be gone for good, unless it comes back.
    pub(super) next_gone_ns: Option<u64>,
}

impl Registry {
    /// What a viewer does not know; with no mark, everything.
    pub(super) fn news(&self, told: Option<Mark>, now_ns: u64) -> News {
        let apps = self.apps.lock();
        let told = told.filter(|told| apps.forgot <= told.revision);
        let mut news = News {
            begins: told.is_none(),
            mark: Mark {
                revision: apps.revision,
                at_ns: now_ns,
            },
            ..News::default()
        };
        let mut of = Vec::new();
        for app in apps.by_tracer.values() {
            let gone_ns = app.gone_ns(self.grace);
            let is_news = told.is_none_or(|told| {
                let went = gone_ns.is_some_and(|at| told.at_ns < at && at <= now_ns);
                app.changed > told.revision || went
            });
            if is_news {
                of.push((app.changed, app.tracer_id));
            }
            let coming = gone_ns.filter(|at| *at > now_ns);
            news.next_gone_ns = match (news.next_gone_ns, coming) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        of.sort_unstable_by_key(|(changed, _)| *changed);
        news.of = of.into_iter().map(|(_, tracer)| tracer).collect();
        news
    }

    /// The first of these apps, as many as there is room for and at least one, and how many were taken.
    /// Those that were forgotten meanwhile are left out.
    pub(super) fn infos(&self, of: &[TracerId], now_ns: u64) -> (Vec<AppInfo>, usize) {
        let apps = self.apps.lock();
        let mut infos = Vec::new();
        let mut bytes = 0;
        for (taken, tracer) in of.iter().enumerate() {
            let Some(app) = apps.by_tracer.get(tracer) else {
                continue;
            };
            let info = app.info(now_ns, self.grace);
            bytes += info_bytes(&info);
            if bytes > self.limits.news_bytes_max && !infos.is_empty() {
                return (infos, taken);
            }
            infos.push(info);
        }
        (infos, of.len())
    }

    /// Waits until there is news since `told`. Cancel-safe.
    pub(super) async fn renewed(&self, told: Mark) {
        let mut newest = self.newest.subscribe();
        // The sender lives in `self`, which the caller borrows.
        let _ = newest.wait_for(|newest| *newest > told.revision).await;
    }
}
