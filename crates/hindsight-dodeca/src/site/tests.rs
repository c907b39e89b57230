//! Builds, events and changes as they come from queries, with times as arguments.

use hindsight::Tracer;
use hindsight_protocol::introspection::dodeca::{BuildEvent, ExplainChangeRequest, state};
use hindsight_protocol::introspection::picante::{QueryRef, outcome};

use super::build::QUIET_NS;
use super::change::{CHANGES_MAX, ITEMS_MAX};
use super::event::EVENTS_MAX;
use super::{Ended, InputSet, Site, SiteMeta, Started};

fn site() -> Site {
    Site::new(SiteMeta::default(), Tracer::disabled())
}

fn query(kind: &str, key: &str) -> QueryRef {
    QueryRef {
        kind: kind.to_owned(),
        key: key.to_owned(),
        key_hash: 0,
    }
}

fn set(site: &mut Site, path: &str, at_ns: u64) {
    site.input_set(&InputSet {
        query: query("SourceFile::data", path),
        at_ns,
        ..InputSet::default()
    });
}

fn start(site: &mut Site, id: u64, parent: u64, of: &QueryRef, at_ns: u64) {
    site.started(Started {
        id,
        parent,
        query: of.clone(),
        at_ns,
    });
}

fn end(site: &mut Site, id: u64, of: &QueryRef, outcome: &'static str, at_ns: u64) {
    end_with(site, id, of, outcome, at_ns, &[]);
}

fn end_with(
    site: &mut Site,
    id: u64,
    of: &QueryRef,
    outcome: &'static str,
    at_ns: u64,
    dependencies: &[QueryRef],
) {
    site.ended(&Ended {
        id,
        query: of.clone(),
        at_ns,
        outcome,
        compute_ns: 10,
        dependencies: dependencies.to_vec(),
        ..Ended::default()
    });
}

fn explain(
    site: &Site,
    path: &str,
) -> hindsight_protocol::introspection::dodeca::ChangeExplanation {
    let path = path.to_owned();
    site.changes
        .explain(&ExplainChangeRequest { path, limit: 0 })
}

#[test]
fn a_build_that_nobody_announced_ends_when_nothing_happens_any_more() {
    let mut site = site();
    assert_eq!(site.build_info(0).state, state::IDLE);
    set(&mut site, "a.md", 1_000);
    let build_site = query("build_site", "");
    start(&mut site, 1, 0, &build_site, 2_000);
    site.close_quiet(2_000 + 10 * QUIET_NS);
    assert_eq!(
        site.build_info(0).state,
        state::BUILDING,
        "a query is under way"
    );
    end(&mut site, 1, &build_site, outcome::COMPUTED_CHANGED, 5_000);
    site.close_quiet(5_000 + QUIET_NS - 1);
    assert_eq!(site.build_info(0).state, state::BUILDING);
    site.close_quiet(5_000 + QUIET_NS);
    let info = site.build_info(0);
    assert_eq!((info.state.as_str(), info.generation), (state::DONE, 1));
    assert_eq!(
        info.last_duration_ns, 4_000,
        "up to the last thing that happened"
    );
}

#[test]
fn an_input_that_is_set_after_queries_begins_another_build() {
    let mut site = site();
    set(&mut site, "a.md", 1_000);
    set(&mut site, "b.md", 1_001);
    assert_eq!(site.build_info(0).reason, "2 inputs loaded");
    let page = query("serve_html", "/a, false");
    start(&mut site, 1, 0, &page, 2_000);
    end(&mut site, 1, &page, outcome::COMPUTED_CHANGED, 3_000);
    set(&mut site, "a.md", 4_000);
    let info = site.build_info(0);
    assert_eq!((info.generation, info.reason.as_str()), (2, "content/a.md"));
    assert_eq!(info.last_duration_ns, 2_000);
}

#[test]
fn an_announced_build_is_over_when_that_is_said_and_not_before() {
    let mut site = site();
    site.begin_build(Some((7, "file changes".to_owned())), 1_000);
    site.close_quiet(1_000 + 100 * QUIET_NS);
    site.revision_ready(6, 2_000);
    assert_eq!(site.build_info(0).state, state::BUILDING);
    site.revision_ready(7, 9_000);
    let info = site.build_info(0);
    assert_eq!((info.state.as_str(), info.generation), (state::DONE, 7));
    assert_eq!(info.last_duration_ns, 8_000);
}

#[test]
fn a_request_without_a_change_is_no_build() {
    let mut site = site();
    set(&mut site, "a.md", 1_000);
    site.close_quiet(1_000 + QUIET_NS);
    let page = query("serve_html", "/a, false");
    let later = 100 * QUIET_NS;
    assert_eq!(site.root_context(false, later), None);
    start(&mut site, 1, 0, &page, later);
    end(&mut site, 1, &page, outcome::HIT, later + 1);
    let info = site.build_info(0);
    assert_eq!((info.generation, info.pages), (1, 1));
}

#[test]
fn reasons_go_from_the_input_to_the_page_and_stop_where_the_value_is_the_same() {
    let mut site = site();
    set(&mut site, "a.md", 1);
    site.end_build(2);
    set(&mut site, "a.md", 10);
    let input = query("SourceFile::data", "a.md");
    let parse = query("parse_file", "a.md");
    let other = query("parse_file", "b.md");
    let tree = query("build_tree", "");
    let page = query("serve_html", "/a, false");
    start(&mut site, 1, 0, &page, 11);
    start(&mut site, 2, 1, &tree, 12);
    start(&mut site, 3, 2, &parse, 13);
    end_with(
        &mut site,
        3,
        &parse,
        outcome::COMPUTED_CHANGED,
        14,
        std::slice::from_ref(&input),
    );
    start(&mut site, 4, 2, &other, 15);
    end(&mut site, 4, &other, outcome::COMPUTED_CHANGED, 16);
    // Its list of dependencies is cut before the one that changed.
    end_with(&mut site, 2, &tree, outcome::COMPUTED_UNCHANGED, 17, &[]);
    end_with(&mut site, 1, &page, outcome::COMPUTED_CHANGED, 18, &[tree]);
    let told = explain(&site, "a.md");
    let items: Vec<(&str, u32)> = told
        .items
        .iter()
        .map(|item| (item.query.kind.as_str(), item.because))
        .collect();
    assert_eq!(
        items,
        [
            ("SourceFile::data", 0),
            ("parse_file", 0),
            ("build_tree", 1)
        ]
    );
    assert_eq!(
        told.summary,
        "content/a.md changed: 2 queries computed anew (1 with the same value as before); 0 pages made anew"
    );
}

#[test]
fn what_is_computed_after_a_later_change_is_not_for_the_earlier_one() {
    let mut site = site();
    set(&mut site, "a.md", 1);
    site.end_build(2);
    for (at, path) in [(10, "a.md"), (20, "b.md")] {
        set(&mut site, path, at);
        let parse = query("parse_file", "a.md");
        let input = query("SourceFile::data", "a.md");
        start(&mut site, at, 0, &parse, at + 1);
        end_with(
            &mut site,
            at,
            &parse,
            outcome::COMPUTED_CHANGED,
            at + 2,
            &[input],
        );
    }
    assert_eq!(explain(&site, "a.md").items.len(), 2);
    assert_eq!(explain(&site, "b.md").items.len(), 1);
}

#[test]
fn a_flood_of_events_is_bounded_and_its_losses_are_told() {
    let mut site = site();
    let flood = EVENTS_MAX as u64 + 1_000;
    for at_ns in 0..flood {
        site.events.push(BuildEvent {
            at_ns,
            ..BuildEvent::default()
        });
    }
    let (gone, events, after) = site.events.read(0, usize::MAX);
    assert_eq!((gone, events.len(), after), (1_000, EVENTS_MAX, flood));
    assert_eq!(events[0].at_ns, 1_000);
    assert_eq!(site.events.read(after, 10), (0, Vec::new(), after));
}

#[test]
fn floods_of_changes_queries_and_warnings_are_bounded() {
    let mut site = site();
    set(&mut site, "a.md", 1);
    site.end_build(2);
    for at in 0..(CHANGES_MAX as u64 * 2) {
        set(&mut site, &format!("{at}.md"), 10 + at);
    }
    assert!(!explain(&site, "/0.md").is_found, "the oldest is forgotten");
    set(&mut site, "last.md", 1_000);
    let input = query("SourceFile::data", "last.md");
    for id in 0..(ITEMS_MAX as u64 + 500) {
        let of = query("parse_file", &id.to_string());
        start(&mut site, id + 1, 0, &of, 2_000);
        let input = std::slice::from_ref(&input);
        end_with(
            &mut site,
            id + 1,
            &of,
            outcome::COMPUTED_CHANGED,
            2_001,
            input,
        );
    }
    let told = explain(&site, "last.md");
    assert_eq!(told.items.len() as u64 + told.cut, ITEMS_MAX as u64 + 501);
    for at in 0..1_000 {
        site.warn(&at.to_string());
    }
    assert!(site.build_info(0).warnings.len() <= 32);
}

#[test]
fn the_time_of_a_page_is_without_that_of_what_it_asked_for() {
    let mut site = site();
    let (page, tree) = (query("render_page", "/a, false"), query("build_tree", ""));
    start(&mut site, 1, 0, &page, 100);
    start(&mut site, 2, 1, &tree, 110);
    end(&mut site, 2, &tree, outcome::COMPUTED_CHANGED, 170);
    site.ended(&Ended {
        id: 1,
        query: page,
        at_ns: 200,
        outcome: outcome::COMPUTED_CHANGED,
        compute_ns: 95,
        ..Ended::default()
    });
    let pages = site.list_pages(&Default::default());
    assert_eq!(pages.pages[0].render_ns, 100 - 60);
}
