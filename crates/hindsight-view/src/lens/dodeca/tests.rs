//! Shapes of answers, honest ones and others.

use hindsight_protocol::introspection::dodeca::{
    BuildEvent, BuildInfo, ChangeExplanation, ListPages, Page, PhaseProgress, Rebuilt,
    TemplateInfo, TemplateStats, attribute, event, phase, state,
};
use hindsight_protocol::introspection::picante::{QueryRef, attribute as query, outcome};
use hindsight_protocol::{KeyValue, Span, SpanId, SpanState, TraceId, Value};

use super::stored::recall;
use super::{EVENTS_MAX, EventLog, PageSort, causes, head, pages, phases, templates};
use crate::format::Zone;

const SECOND: u64 = 1_000_000_000;
const TRACE: TraceId = TraceId { high: 1, low: 2 };

fn id(number: u64) -> SpanId {
    SpanId { bits: number }
}

#[test]
fn a_build_under_way_is_told_by_its_pages_and_its_age() {
    let info = BuildInfo {
        process: "ddc".to_owned(),
        site: "harbour".to_owned(),
        state: state::BUILDING.to_owned(),
        generation: 4,
        reason: "content/a\u{1b}[31m.md".to_owned(),
        pages: 7,
        pages_done: 3,
        pages_total: 7,
        at_ns: 100 * SECOND,
        started_ns: 98 * SECOND,
        trace_id: TRACE,
        phases: vec![PhaseProgress {
            phase: phase::PARSE.to_owned(),
            done: 5,
            reused: 4,
            total: 7,
            compute_ns: 2_500_000,
            ..PhaseProgress::default()
        }],
        ..BuildInfo::default()
    };
    // The reader's clock is another one; half a second went by since the answer.
    let head = head(&info, 7 * SECOND + SECOND / 2, 7 * SECOND);
    assert_eq!((head.state.as_str(), head.is_building), ("building", true));
    assert_eq!(head.build, "build 4: content/a\\x1b[31m.md");
    assert_eq!(head.progress, "3 of 7 pages ready");
    assert_eq!(head.fraction, Some(3.0 / 7.0));
    assert_eq!(head.time, "for 2.50 s");
    // The others have their places too.
    let rows = phases(&info);
    assert_eq!((rows.len(), rows[1].done.as_str()), (8, "-"));
    let parse = &rows[0];
    assert_eq!(parse.done, "5 of 7");
    assert_eq!(parse.reused, "4 from memory");
    assert_eq!(parse.about, "Markdown and data are read");
}

#[test]
fn numbers_that_cannot_be_do_no_harm() {
    let info = BuildInfo {
        state: "resting".to_owned(),
        pages_done: u64::MAX,
        pages_total: 1,
        at_ns: u64::MAX,
        started_ns: u64::MAX,
        last_duration_ns: u64::MAX,
        ..BuildInfo::default()
    };
    let head = head(&info, u64::MAX, 0);
    assert_eq!(head.fraction, Some(1.0));
    assert_eq!(head.state, "nothing built yet");
    let change = ChangeExplanation {
        items: vec![Rebuilt::default(); 3],
        cut: u64::MAX,
        ..ChangeExplanation::default()
    };
    assert_eq!(causes(&change, 0).rows.len(), 3);
    assert!(causes(&change, 0).cut.contains("left out"));
}

#[test]
fn a_page_tells_the_template_that_was_used_where_it_is_another() {
    let page = |asked: &str, used: &str| Page {
        route: "/log/calm".to_owned(),
        template: asked.to_owned(),
        template_used: used.to_owned(),
        ..Page::default()
    };
    let check = |asked: &str, used: &str, expected: &str, is_fallback: bool| {
        let list = ListPages {
            pages: vec![page(asked, used)],
            total: 1,
            next: 0,
        };
        let shaped = pages(&list, 0);
        assert_eq!(shaped.rows[0].template, expected);
        assert_eq!(shaped.rows[0].is_fallback, is_fallback);
    };
    check("", "", "-", false);
    check("", "page.html", "page.html", false);
    check("own.html", "", "own.html", false);
    check("own.html", "own.html", "own.html", false);
    check(
        "poster.html",
        "page.html",
        "poster.html, not found: page.html",
        true,
    );
}

#[test]
fn pages_that_are_not_here_are_counted() {
    let list = ListPages {
        pages: vec![Page::default(); 2],
        total: 12_000,
        next: 2,
    };
    assert_eq!(pages(&list, 0).count, "the first 2 of 12,000 pages");
}

fn item(kind: &str, because: u32, outcome: &str) -> Rebuilt {
    Rebuilt {
        query: QueryRef {
            kind: kind.to_owned(),
            ..QueryRef::default()
        },
        because,
        outcome: outcome.to_owned(),
        ..Rebuilt::default()
    }
}

#[test]
fn causes_stand_beneath_what_led_to_them_and_never_go_round() {
    let change = ChangeExplanation {
        is_found: true,
        items: vec![
            item("input", 0, outcome::SET),
            item("parse", 0, outcome::COMPUTED_CHANGED),
            item("other", 9, outcome::COMPUTED_CHANGED),
            item("tree", 1, outcome::COMPUTED_UNCHANGED),
            item("page", 1, outcome::ERROR),
            item("self", 5, outcome::COMPUTED_CHANGED),
        ],
        ..ChangeExplanation::default()
    };
    let shaped = causes(&change, 0);
    let rows: Vec<(usize, &str)> = shaped
        .rows
        .iter()
        .map(|r| (r.depth, r.kind.as_str()))
        .collect();
    let expected = [
        (0, "input"),
        (1, "parse"),
        (2, "tree"),
        (2, "page"),
        (0, "other"),
        (0, "self"),
    ];
    assert_eq!(rows, expected);
    assert!(shaped.rows[2].is_cutoff);
    assert_eq!(shaped.rows[1].leads_to, 2);
}

#[test]
fn a_log_is_bounded_and_says_what_it_was_not_told() {
    let mut log = EventLog::default();
    let told = |sequence, dropped| BuildEvent {
        sequence,
        dropped,
        kind: event::STEP.to_owned(),
        phase: phase::RENDER.to_owned(),
        ..BuildEvent::default()
    };
    log.push(&told(1, 0), Zone::UTC);
    log.push(&told(1, 0), Zone::UTC);
    log.push(&told(5, 3), Zone::UTC);
    log.push(&told(8, 0), Zone::UTC);
    assert_eq!((log.rows().count(), log.lost()), (3, 5));
    let newest = log.rows().next().map(|row| row.lost.as_str());
    assert_eq!(newest, Some("2 events were lost before this one"));
    for sequence in 9..(2 * EVENTS_MAX as u64) {
        log.push(&told(sequence, 0), Zone::UTC);
    }
    assert_eq!(log.rows().count(), EVENTS_MAX);
    // The app is another one.
    log.push(&told(1, 0), Zone::UTC);
    assert_eq!((log.rows().count(), log.lost()), (1, 0));
}

#[test]
fn without_the_layer_the_missing_templates_are_explained() {
    assert!(
        templates(&TemplateStats::default())
            .note
            .contains("layer of hindsight-dodeca")
    );
    let stats = TemplateStats {
        templates: vec![TemplateInfo {
            name: "page.html".to_owned(),
            renders: 4,
            total_ns: 8_000,
            max_ns: 5_000,
            ..TemplateInfo::default()
        }],
        is_watched: true,
    };
    let shaped = templates(&stats);
    assert_eq!(
        (shaped.note.as_str(), shaped.rows[0].mean.as_str()),
        ("", "2.00 µs")
    );
    assert!((shaped.rows[0].share - 1.0).abs() < f64::EPSILON);
}

struct Made(Span);

impl Made {
    fn new(span: u64, parent: u64, name: &str, start_ns: u64, end_ns: u64) -> Self {
        Self(Span {
            trace_id: TRACE,
            span_id: id(span),
            parent_id: id(parent),
            name: name.to_owned(),
            start_ns,
            end_ns,
            state: SpanState::Ended as u8,
            ..Span::default()
        })
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.attributes.push(KeyValue::new(key, value));
        self
    }

    fn query(self, key: &str, outcome: &str, dependencies: &[&str]) -> Span {
        let kind = self.0.name.clone();
        let dependencies = dependencies.iter().map(|dep| Value::from(*dep)).collect();
        let made = self
            .with(query::QUERY, true)
            .with(query::QUERY_KIND, kind.as_str())
            .with(query::QUERY_KEY, key)
            .with(query::OUTCOME, outcome)
            .with(query::COMPUTE_NS, 1_000_i64);
        made.with(query::DEPENDENCIES, Value::Array(dependencies)).0
    }
}

#[test]
fn stored_spans_tell_of_the_build_its_pages_templates_and_causes() {
    let root = Made::new(1, 0, "dodeca rebuild", 1_000, 9_000)
        .with(attribute::BUILD, true)
        .with(attribute::GENERATION, 3_i64)
        .with(attribute::REASON, "content/a.md");
    let input = Made::new(2, 1, "SourceFile::data", 1_100, 1_200)
        .with(query::INPUT, true)
        .with(query::INPUT_KIND, "SourceFile::data")
        .with(query::INPUT_KEY, "a.md")
        .with(attribute::SOURCE_PATH, "content/a.md");
    let parse = Made::new(5, 4, "parse_file", 2_000, 3_000)
        .with(attribute::PHASE, phase::PARSE)
        .query(
            "a.md",
            outcome::COMPUTED_CHANGED,
            &["SourceFile::data(a.md)"],
        );
    let other = Made::new(6, 4, "parse_file", 3_000, 3_100)
        .with(attribute::PHASE, phase::PARSE)
        .query("b.md", outcome::ADOPTED, &[]);
    // It names other dependencies; the one that changed is only to be seen beneath it.
    let tree = Made::new(4, 3, "build_tree", 1_900, 3_500).query(
        "",
        outcome::COMPUTED_CHANGED,
        &["parse_file(z.md)"],
    );
    let template = Made::new(8, 7, "render template", 4_000, 4_500)
        .with(attribute::TEMPLATE, "page.html")
        .with(attribute::ROUTE, "/a");
    let render = Made::new(7, 3, "render_page", 3_600, 5_000)
        .with(attribute::PHASE, phase::RENDER)
        .with(attribute::ROUTE, "/a")
        .query("/a, false", outcome::COMPUTED_CHANGED, &["build_tree()"]);
    let serve = Made::new(3, 1, "serve_html", 1_800, 6_000)
        .with(attribute::ROUTE, "/a")
        .query(
            "/a, false",
            outcome::COMPUTED_UNCHANGED,
            &["render_page(/a, false)"],
        );
    let spans = [
        serve, tree, root.0, input.0, parse, other, template.0, render,
    ];
    let told = recall(&spans, false);
    assert_eq!((told.info.generation, told.info.pages_done), (3, 1));
    assert_eq!(told.info.reason, "content/a.md");
    assert_eq!(told.info.state, state::DONE);
    assert_eq!(told.info.last_duration_ns, 8_000);
    let [parse, render] = &told.info.phases[..] else {
        panic!("{:?}", told.info.phases);
    };
    assert_eq!((parse.done, parse.reused, render.done), (2, 1, 1));
    let [page] = &told.pages.pages[..] else {
        panic!("{:?}", told.pages);
    };
    assert_eq!(
        (page.route.as_str(), page.template_used.as_str()),
        ("/a", "page.html")
    );
    assert_eq!((page.renders, page.span_id), (1, id(7)));
    assert_eq!(told.templates.templates[0].pages, 1);
    let change = told.change("a.md");
    let items: Vec<(&str, u32)> = change
        .items
        .iter()
        .map(|item| (item.query.kind.as_str(), item.because))
        .collect();
    let expected = [
        ("SourceFile::data", 0),
        ("parse_file", 0),
        ("build_tree", 1),
        ("render_page", 2),
        ("serve_html", 3),
    ];
    assert_eq!(items, expected);
    assert!(
        told.change("nothing")
            .candidates
            .contains(&"content/a.md".to_owned())
    );
    assert_eq!(told.find_pages("A", PageSort::Time).total, 1);
    assert!(recall(&[], false).is_empty());
}
