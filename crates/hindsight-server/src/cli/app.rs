//! Which app a person means.
//!
//! In: the hub's list and a word: a service name, a tracer id or the beginning of one, or a process id.
//! Out: one app. Holds: a name stands for its newest run, connected ones before others, and whoever has
//! several such processes is told; what could be different apps is refused, with all of them named.
//! Bounded: [`NAMED_MAX`] apps are named.

use hindsight_protocol::hub::{AppInfo, ListAppsRequest};
use hindsight_view::format;

use super::clock;
use super::error::CliError;
use super::hub::Hub;
use super::output::Output;

/// Shortest beginning of a tracer id that is taken for one.
const PREFIX_DIGITS_MIN: usize = 4;
/// Apps that a message names.
const NAMED_MAX: usize = 10;

/// Why no app is meant. The user's fault, or how things stand.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AppError {
    /// None is called that.
    #[error("no app is called {named:?}, nor has that as its process or tracer id{known}")]
    Unknown {
        /// What was typed.
        named: String,
        /// `": there are a, b"`, or that there are none.
        known: String,
    },
    /// Several are.
    #[error("{named:?} may be any of {apps}; name one by the beginning of its tracer id")]
    Ambiguous {
        /// What was typed.
        named: String,
        /// The candidates.
        apps: String,
    },
    /// It cannot be asked.
    #[error("{app} is not connected any more, so it cannot be asked")]
    Gone {
        /// Which.
        app: String,
    },
}

/// What was chosen.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    /// The app.
    pub(crate) app: &'a AppInfo,
    /// Processes of the same name that are connected too.
    pub(crate) others: usize,
}

/// The app that is called `named`, connected or not.
pub(crate) async fn find(hub: &Hub, named: &str, output: &mut Output) -> Result<AppInfo, CliError> {
    let request = ListAppsRequest::default();
    let listed = hub.call("list_apps", |client| client.list_apps(request));
    let apps = listed.await?.apps;
    let Choice { app, others } = choose(&apps, named)?;
    if others > 0 {
        let count = format::plural(others as u64 + 1, "connected process");
        let count = count.replace("processs", "processes");
        output.remark(&format!(
            "{count} called {}; this is the newest, {}",
            app.run.service_name,
            describe(app)
        ))?;
    }
    Ok(app.clone())
}

/// As [`find`], for commands that ask the app itself.
pub(crate) async fn find_connected(
    hub: &Hub,
    named: &str,
    output: &mut Output,
) -> Result<AppInfo, CliError> {
    let app = find(hub, named, output).await?;
    match app.state.as_str() {
        "connected" => Ok(app),
        _ => Err(AppError::Gone {
            app: describe(&app),
        }
        .into()),
    }
}

/// Chooses one of the apps.
pub(crate) fn choose<'a>(apps: &'a [AppInfo], named: &str) -> Result<Choice<'a>, AppError> {
    let exact = |app: &&AppInfo| app.run.service_name == named;
    let alike = |app: &&AppInfo| app.run.service_name.eq_ignore_ascii_case(named);
    let pid = named.parse::<u32>().ok().filter(|pid| *pid != 0);
    let of_pid = |app: &&AppInfo| pid == Some(app.run.pid);
    if let Some(choice) = newest(apps, exact) {
        return Ok(choice);
    }
    let same_case: Vec<&AppInfo> = apps.iter().filter(alike).collect();
    let names = |apps: &[&AppInfo]| -> Vec<String> {
        let mut names: Vec<_> = apps
            .iter()
            .map(|app| app.run.service_name.clone())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    match names(&same_case).as_slice() {
        [] => {}
        [_one] => return newest(apps, alike).ok_or_else(|| unknown(apps, named)),
        _ => return Err(ambiguous(&same_case, named)),
    }
    let mut by_id: Vec<&AppInfo> = apps.iter().filter(of_pid).collect();
    // A process id is used again, and on other hosts: one that is connected is meant.
    if by_id.iter().any(|app| app.state == "connected") {
        by_id.retain(|app| app.state == "connected");
    }
    if by_id.is_empty() {
        by_id = apps.iter().filter(|app| has_prefix(app, named)).collect();
    }
    match by_id[..] {
        [] => Err(unknown(apps, named)),
        [app] => Ok(Choice { app, others: 0 }),
        _ => Err(ambiguous(&by_id, named)),
    }
}

/// The newest of these, connected ones first.
fn newest(apps: &[AppInfo], is: impl Fn(&&AppInfo) -> bool) -> Option<Choice<'_>> {
    let connected = |app: &&AppInfo| is(app) && app.state == "connected";
    let others = apps.iter().filter(connected).count().saturating_sub(1);
    let first_seen = |app: &&AppInfo| std::cmp::Reverse(app.first_attached_ns);
    let found = apps.iter().filter(connected).min_by_key(first_seen);
    let any = || apps.iter().filter(&is).min_by_key(first_seen);
    let app = found.or_else(any)?;
    Some(Choice { app, others })
}

fn has_prefix(app: &AppInfo, named: &str) -> bool {
    let digits = named.to_ascii_lowercase();
    digits.len() >= PREFIX_DIGITS_MIN && app.tracer_id.to_string().starts_with(&digits)
}

fn unknown(apps: &[AppInfo], named: &str) -> AppError {
    let mut names: Vec<_> = apps
        .iter()
        .map(|app| app.run.service_name.as_str())
        .collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    let more = if names.len() > NAMED_MAX { ", ..." } else { "" };
    names.truncate(NAMED_MAX);
    let known = match names.is_empty() {
        true => "; no app has attached a tracer".to_owned(),
        false => format!("; there are {}{more}", names.join(", ")),
    };
    AppError::Unknown {
        named: named.to_owned(),
        known,
    }
}

fn ambiguous(apps: &[&AppInfo], named: &str) -> AppError {
    let told = apps.iter().take(NAMED_MAX).map(|app| describe(app));
    let more = if apps.len() > NAMED_MAX { ", ..." } else { "" };
    AppError::Ambiguous {
        named: named.to_owned(),
        apps: format!("{}{more}", told.collect::<Vec<_>>().join(", ")),
    }
}

/// `web (pid 12, 0123abcd...)`.
pub(crate) fn describe(app: &AppInfo) -> String {
    let name = match app.run.service_name.as_str() {
        "" => "(no name)",
        name => name,
    };
    let tracer = app.tracer_id.to_string();
    match app.run.pid {
        0 => format!("{name} ({}...)", &tracer[..8]),
        pid => format!("{name} (pid {pid}, {}...)", &tracer[..8]),
    }
}

/// `web 1.2.3, pid 12, connected 3 s ago`, for headings.
pub(crate) fn heading(app: &AppInfo) -> String {
    let now_ns = clock::now_ns();
    let state = match app.state.as_str() {
        "connected" => format!("connected {}", format::ago(app.attached_ns, now_ns)),
        state => format!(
            "{state}, last seen {}",
            format::ago(app.detached_ns, now_ns)
        ),
    };
    format!("{}, {state}", describe(app))
}

#[cfg(test)]
mod tests {
    use hindsight_protocol::TracerId;
    use hindsight_protocol::hub::RunInfo;

    use super::*;

    fn app(name: &str, pid: u32, high: u64, state: &str) -> AppInfo {
        AppInfo {
            tracer_id: TracerId { high, low: 5 },
            run: RunInfo {
                service_name: name.to_owned(),
                pid,
                ..RunInfo::default()
            },
            state: state.to_owned(),
            ..AppInfo::default()
        }
    }

    /// All seen at the same time; then the first is the newest.
    fn apps() -> Vec<AppInfo> {
        vec![
            app("web", 12, 0x1234_0000_0000_0000, "gone"),
            app("web", 11, 0x1234_5000_0000_0000, "connected"),
            app("web", 10, 0xabcd_0000_0000_0000, "connected"),
            app("Web", 11, 0xef00_0000_0000_0000, "gone"),
            app("beef", 13, 0x9999_0000_0000_0000, "disconnected"),
            app("worker", 0, 0xbeef_0000_0000_0000, "connected"),
        ]
    }

    #[test]
    fn a_name_an_id_or_a_process_id_finds_one_app() {
        let apps = apps();
        let check = |named: &str, tracer: u64, others: usize| {
            let choice = choose(&apps, named).unwrap();
            assert_eq!(
                (choice.app.tracer_id.high, choice.others),
                (tracer, others),
                "{named}"
            );
        };
        check("web", 0x1234_5000_0000_0000, 1);
        check("Web", 0xef00_0000_0000_0000, 0);
        check("beef", 0x9999_0000_0000_0000, 0);
        check("WORKER", 0xbeef_0000_0000_0000, 0);
        check("11", 0x1234_5000_0000_0000, 0);
        check("12", 0x1234_0000_0000_0000, 0);
        check("12345", 0x1234_5000_0000_0000, 0);
        check("ABCD", 0xabcd_0000_0000_0000, 0);
        check("12340000000000000000000000000005", 0x1234_0000_0000_0000, 0);
    }

    #[test]
    fn what_may_be_several_or_is_none_is_refused_and_says_which() {
        let apps = apps();
        let refused: Vec<_> = ["WEB", "1234", "123", "0", "nobody", ""]
            .map(|named| choose(&apps, named).unwrap_err().to_string())
            .into();
        insta::assert_snapshot!(refused.join("\n"));
        insta::assert_snapshot!(choose(&[], "web").unwrap_err(), @r#"no app is called "web", nor has that as its process or tracer id; no app has attached a tracer"#);
    }
}
