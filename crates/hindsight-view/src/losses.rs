//! What was lost on the way, in words.
//!
//! In: counters of an app, or of the hub. Out: a few words for each that is not zero. Holds: what
//! has lost nothing has no words.

use hindsight_protocol::hub::{AppInfo, StatsReply};

use crate::format;
use crate::text::Role;

/// What is missing of an app's spans, and where it went.
pub fn of_app(app: &AppInfo) -> Vec<(Role, String)> {
    let found = [
        words(app.accounts.dropped, Role::Error, "dropped by it"),
        words(app.counters.rejected, Role::Error, "refused"),
        words(app.accounts.cut, Role::Warning, "values cut"),
        words(app.accounts.reconnects, Role::Warning, "reconnects"),
    ];
    found.into_iter().flatten().collect()
}

/// What is missing of all spans; not what age and the byte budget took, which is as configured.
pub fn of_hub(stats: &StatsReply) -> Vec<(Role, String)> {
    let missed = stats
        .reasons
        .iter()
        .find(|reason| reason.reason == "live_missed");
    let found = [
        words(stats.accounts.dropped, Role::Error, "dropped by apps"),
        words(stats.ingest.rejected, Role::Error, "refused"),
        words(
            missed.map_or(0, |reason| reason.count),
            Role::Warning,
            "live changes missed",
        ),
    ];
    found.into_iter().flatten().collect()
}

fn words(count: u64, role: Role, what: &str) -> Option<(Role, String)> {
    (count > 0).then(|| (role, format!("{} {what}", format::count(count))))
}

#[cfg(test)]
mod tests {
    use hindsight_protocol::hub::ReasonCount;

    use super::*;

    #[test]
    fn what_has_lost_nothing_has_no_words() {
        assert_eq!(of_app(&AppInfo::default()), []);
        assert_eq!(of_hub(&StatsReply::default()), []);
    }

    #[test]
    fn each_loss_says_where_the_spans_went() {
        let mut app = AppInfo::default();
        app.accounts.dropped = 1_200;
        app.accounts.reconnects = 2;
        app.counters.rejected = 3;
        let shown: Vec<_> = of_app(&app).into_iter().map(|(_, text)| text).collect();
        assert_eq!(shown, ["1,200 dropped by it", "3 refused", "2 reconnects"]);
        let mut stats = StatsReply::default();
        stats.reasons.push(ReasonCount {
            reason: "live_missed".into(),
            count: 7,
        });
        assert_eq!(
            of_hub(&stats),
            [(Role::Warning, "7 live changes missed".to_owned())]
        );
    }
}
