//! Which tabs there are, which apps can be chosen, and what is said of one that cannot be asked.

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{AppInfo, RunInfo};

use super::*;
use crate::text::Role;

fn id(low: u64) -> TracerId {
    TracerId { high: 0xab, low }
}

fn app(name: &str, low: u64, state: &str, services: &[&str]) -> AppInfo {
    AppInfo {
        tracer_id: id(low),
        run: RunInfo {
            service_name: name.into(),
            pid: low as u32,
            ..RunInfo::default()
        },
        state: state.into(),
        services: services.iter().map(|name| (*name).to_owned()).collect(),
        ..AppInfo::default()
    }
}

#[test]
fn a_tab_is_there_for_what_a_connected_app_offers_and_for_stored_spans() {
    let apps = [
        app("web", 1, "connected", &["Catalog", "RoamIntrospection"]),
        app("old", 2, "gone", &["PicanteIntrospection"]),
    ];
    assert_eq!(tabs(&[], &[], None), []);
    assert_eq!(tabs(&apps, &[], None), [Lens::Roam]);
    assert_eq!(
        tabs(&apps, &[Lens::Dodeca, Lens::Roam], None),
        [Lens::Roam, Lens::Dodeca]
    );
}

#[test]
fn the_tab_of_the_view_that_is_shown_stays() {
    assert_eq!(tabs(&[], &[], Some(Lens::Picante)), [Lens::Picante]);
}

#[test]
fn a_lens_is_offered_only_by_its_service_s_whole_name() {
    let apps = [app("web", 1, "connected", &["roamintrospection", "Roam"])];
    assert_eq!(tabs(&apps, &[], None), []);
}

#[test]
fn connected_apps_are_chosen_from_first_and_names_are_escaped() {
    let offered = ["PicanteIntrospection"];
    let apps = [
        app("old\u{1b}[31m", 1, "gone", &offered),
        app("other", 2, "connected", &[]),
        app("", 0, "connected", &offered),
    ];
    let found = choices(Lens::Picante, &apps, None);
    let told: Vec<_> = found
        .iter()
        .map(|choice| (&*choice.name, &*choice.process, choice.is_connected))
        .collect();
    assert_eq!(
        told,
        [
            ("(no name)", "00000000", true),
            ("old\\x1b[31m", "pid 1", false)
        ]
    );
    assert_eq!(found[1].role, Role::of_service("old\u{1b}[31m"));
    let asked = choices(Lens::Picante, &apps, Some(id(2)));
    assert!(asked.iter().any(|choice| choice.name == "other"));
}

#[test]
fn the_app_that_is_asked_for_is_shown_even_if_others_are_connected() {
    let offered = ["RoamIntrospection"];
    let apps = [
        app("gone", 1, "gone", &offered),
        app("here", 2, "connected", &offered),
    ];
    assert_eq!(chosen(Lens::Roam, &apps, None), Some(id(2)));
    assert_eq!(chosen(Lens::Roam, &apps, Some(id(1))), Some(id(1)));
    assert_eq!(chosen(Lens::Roam, &apps[..1], None), None);
}

#[test]
fn of_very_many_apps_some_are_offered_and_the_one_asked_for() {
    let apps: Vec<_> = (0..100)
        .map(|low| app("web", low, "connected", &["RoamIntrospection"]))
        .collect();
    assert_eq!(choices(Lens::Roam, &apps, None).len(), CHOICES_MAX);
    let asked = choices(Lens::Roam, &apps, Some(id(77)));
    assert_eq!(asked.last().map(|choice| choice.tracer), Some(id(77)));
}

#[test]
fn why_an_app_cannot_be_asked_is_said() {
    let apps = [
        app("web", 1, "connected", &["Catalog"]),
        app("gone", 2, "gone", &["Catalog"]),
        app("away\u{202e}", 3, "disconnected", &["Catalog"]),
    ];
    let say = |service: &str, tracer| {
        let standing = Standing::of(service, &apps, tracer);
        standing.sentence().unwrap_or_else(|| "(here)".into())
    };
    let told = [
        say("Catalog", Some(id(1))),
        say(INTROSPECTION, Some(id(1))),
        say("Stock", Some(id(1))),
        say("Catalog", Some(id(2))),
        say("Catalog", Some(id(3))),
        say("Catalog", Some(id(4))),
        say("Catalog", None),
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    (here)
    (here)
    web does not offer Stock now.
    gone is gone: its spans are left, it cannot be asked.
    away\u{202e} has lost its connection; it may come back.
    The hub does not know this app, or has forgotten it.
    No app that is connected offers this.
    ");
}
