//! What people read.

use clap::CommandFactory;
use hindsight_connect::DialError;
use hindsight_protocol::hub::{PingReply, Removal};
use hindsight_server::StopReason;
use hindsight_view::format::Zone;
use hindsight_view::{Glyphs, Line, Trace};

use super::arguments::Arguments;
use super::doctor::{environment, lines as doctor_lines};
use super::error::CliError;
use super::fixture::{self, SECOND_NS, START_NS, TRACE};
use super::json::{AppJson, SpanJson, StatsJson, TraceJson};
use super::output::json_text;
use super::settings::{Key, Settings, Source};
use super::trace::{
    Analysed, Drawing, Fetched, draw, finding_lines, not_stored, path_lines, span_lines,
};
use super::waits::{Gathered, Shown};
use super::{apps, config, serve, services, stats, traces};

fn plain(lines: &[Line]) -> String {
    let lines: Vec<_> = lines.iter().map(Line::to_plain).collect();
    lines.join("\n")
}

fn settings(flags: &[(Key, &str)]) -> Settings {
    let flags = flags
        .iter()
        .map(|(key, text)| (*key, (*text).to_owned()))
        .collect();
    Settings::resolve(&flags, &|_| None, &[])
}

#[test]
fn every_command_explains_itself() {
    let mut command = Arguments::command().term_width(100);
    command.build();
    insta::assert_snapshot!("help", command.render_help().to_string());
    for name in [
        "serve",
        "traces",
        "trace",
        "diff",
        "waits",
        "query",
        "heatmap",
        "map",
        "tail",
        "apps",
        "services",
        "explain",
        "call",
        "pin",
        "unpin",
        "stats",
        "config",
        "completions",
    ] {
        let found = command.find_subcommand_mut(name).expect("a command");
        insta::assert_snapshot!(format!("help_{name}"), found.render_help().to_string());
    }
}

#[test]
fn arguments_are_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn traces_are_listed_with_what_is_wrong_with_them() {
    let all = [fixture::summary(), fixture::rootless()];
    let east = Zone::east_of_utc(7200);
    let now_ns = START_NS + SECOND_NS;
    insta::assert_snapshot!(plain(&traces::table(&all, now_ns, east).lines(None)));
    insta::assert_snapshot!(
        "traces_narrow",
        plain(&traces::table(&all, now_ns, east).lines(Some(100)))
    );
}

fn fetched() -> Fetched {
    Fetched {
        summary: Some(fixture::summary()),
        trace: Trace::new(TRACE, vec![fixture::batch()]),
        removals: vec![fixture::removal("expired", 12)],
    }
}

fn analysed(fetched: Fetched) -> Analysed {
    Analysed::new(fetched, START_NS + 60 * 1_000_000, false, Zone::UTC)
}

fn drawing(width: Option<usize>) -> Drawing {
    Drawing {
        width,
        glyphs: Glyphs::UNICODE,
        zone: Zone::UTC,
        expand: false,
        attributes: false,
        limit: usize::MAX,
    }
}

#[test]
fn a_trace_is_drawn_with_its_details() {
    let wanted = Drawing {
        attributes: true,
        ..drawing(Some(100))
    };
    let drawn = draw(&analysed(fetched()), None, &wanted);
    insta::assert_snapshot!(plain(&drawn.lines));
}

#[test]
fn a_trace_is_drawn_folded_and_fits_the_terminal() {
    let all = analysed(fixture::busy());
    for width in [60, 80, 140] {
        let lines = draw(&all, None, &drawing(Some(width))).lines;
        assert!(lines.iter().all(|line| line.width() <= width));
        insta::assert_snapshot!(format!("trace_busy_{width}"), plain(&lines));
    }
    let free = draw(&all, None, &drawing(None));
    assert_eq!((free.more_rows, free.folded_spans), (0, 9));
    insta::assert_snapshot!("trace_busy_free", plain(&free.lines));
    let some = Drawing {
        limit: 2,
        expand: true,
        ..drawing(None)
    };
    let some = draw(&all, None, &some);
    assert_eq!((some.more_rows, some.folded_spans), (12, 0));
}

#[test]
fn the_parts_of_an_analysis_are_shown_by_themselves() {
    let all = analysed(fixture::busy());
    insta::assert_snapshot!("trace_path", plain(&path_lines(&all, 5, Some(80))));
    insta::assert_snapshot!(
        "trace_span",
        plain(&span_lines(&all, 11, Some(80), Zone::UTC))
    );
    let findings: Vec<_> = finding_lines(&all, usize::MAX, Some(80)).concat();
    insta::assert_snapshot!("trace_findings", plain(&findings));
}

#[test]
fn clocks_are_aligned_on_demand_and_that_is_said() {
    let all = Analysed::new(fixture::busy(), START_NS, true, Zone::UTC);
    insta::assert_snapshot!(plain(&draw(&all, None, &drawing(Some(100))).lines));
}

#[test]
fn a_trace_that_is_gone_says_when_and_why() {
    let said = ["expired", "evicted", "cleared"]
        .map(|reason| not_stored(TRACE, &[fixture::removal(reason, 12)], Zone::UTC));
    let probable = Removal {
        probably: true,
        ..fixture::removal("expired", 0)
    };
    let probable = not_stored(TRACE, &[probable], Zone::UTC);
    let unknown = not_stored(TRACE, &[], Zone::UTC);
    insta::assert_snapshot!(format!("{}\n{probable}\n{unknown}", said.join("\n")));
}

#[test]
fn what_waits_is_shown_with_what_it_comes_down_to() {
    let (open, dead) = fixture::waiting();
    let now_ns = START_NS + 12 * SECOND_NS;
    let gathered = Gathered::new(now_ns, open, &dead, 5);
    for width in [80, 140] {
        let shown = Shown::new(&gathered, "", 100);
        let lines = shown.lines(Some(width), Glyphs::UNICODE);
        assert!(lines.iter().all(|line| line.width() <= width));
        insta::assert_snapshot!(format!("waits_{width}"), plain(&lines));
        assert_eq!(shown.remarks(), [""; 0]);
    }
    let some = Shown::new(&gathered, "calculator", 2);
    insta::assert_snapshot!("waits_some", plain(&some.lines(None, Glyphs::ASCII)));
    assert_eq!(some.remarks(), ["3 more open spans; --limit N shows more"]);
    let other = Shown::new(&gathered, "nobody", 100);
    assert_eq!(plain(&other.lines(None, Glyphs::ASCII)), "");
    assert_eq!(
        other.remarks(),
        ["5 spans open, none of them connected to that service"]
    );
}

#[test]
fn nothing_open_is_said_to_be_so() {
    let gathered = Gathered::new(START_NS, Default::default(), &Default::default(), 0);
    let shown = Shown::new(&gathered, "", 100);
    assert_eq!(plain(&shown.lines(None, Glyphs::ASCII)), "");
    assert_eq!(
        shown.remarks(),
        ["nothing is open: no span that the hub knows of runs"]
    );
}

#[test]
fn services_are_listed_with_what_may_be_called() {
    let mut app = fixture::apps().swap_remove(0);
    let drawn = plain(&services::table(&app).lines(Some(80)));
    app.offers_cut = true;
    app.state = "gone".into();
    insta::assert_snapshot!(format!("{drawn}\n{}", services::remarks(&app).join("\n")));
}

#[test]
fn apps_are_listed_with_their_losses() {
    let now_ns = START_NS + 125 * SECOND_NS;
    insta::assert_snapshot!(plain(&apps::table(&fixture::apps(), now_ns).lines(None)));
}

#[test]
fn statistics_account_for_every_record() {
    insta::assert_snapshot!(plain(&stats::lines(
        &fixture::stats(),
        &fixture::apps(),
        Zone::UTC
    )));
}

#[test]
fn settings_are_listed_with_their_origin() {
    let settings = settings(&[(Key::Socket, "/run/me/hindsight.sock"), (Key::Ttl, "2h")]);
    let table = config::table(&config::rows(&settings));
    insta::assert_snapshot!(plain(&table.lines(None)));
}

#[test]
fn json_has_ids_as_hex_and_times_twice() {
    let trace = analysed(fetched());
    let span = SpanJson::in_tree(&trace, 2);
    insta::assert_snapshot!("json_span", json_text::pretty(&span).unwrap());
    let summary = fixture::summary();
    insta::assert_snapshot!(
        "json_trace",
        json_text::pretty(&TraceJson::from(&summary)).unwrap()
    );
    let (stats, apps) = (fixture::stats(), fixture::apps());
    insta::assert_snapshot!(
        "json_stats",
        json_text::pretty(&StatsJson::new(&stats, &apps)).unwrap()
    );
    let apps = fixture::apps();
    insta::assert_snapshot!(
        "json_app",
        json_text::pretty(&AppJson::from(&apps[0])).unwrap()
    );
}

#[test]
fn a_hub_that_is_not_there_is_one_line_and_a_hint() {
    let refused = |origin| CliError::Dial {
        error: Box::new(DialError::Refused {
            endpoint: "localhost:1990".parse().unwrap(),
        }),
        origin,
    };
    let text = |error: CliError| format!("{error}\n{}", error.hint().unwrap_or_default());
    let missing = CliError::Dial {
        error: Box::new(DialError::TokenMissing {
            endpoint: "hub:1990".parse().unwrap(),
        }),
        origin: Source::Default,
    };
    let all = [
        text(refused(Source::Default)),
        text(refused(Source::Environment("HINDSIGHT_ENDPOINT"))),
        text(missing),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_hub_that_failed_is_one_line_and_exit_code_1() {
    let failed = StopReason::EngineFailed("index out of bounds".into());
    let error = serve::outcome(&failed).unwrap_err();
    assert_eq!((error.code(), error.hint()), (1, None));
    insta::assert_snapshot!(
        error.to_string(),
        @"the hub's store failed, which is a bug of hindsight: index out of bounds"
    );
    assert!(serve::outcome(&StopReason::Asked).is_ok());
}

#[test]
fn the_doctor_reads_the_environment() {
    let check = |variables: &[(&str, &str)], connect: &str| {
        let variable = |asked: &str| {
            let found = variables.iter().find(|(name, _)| *name == asked);
            found.map(|(_, value)| (*value).to_owned())
        };
        let settings = settings(&[(Key::Endpoint, connect)]);
        plain(&doctor_lines(&environment(&variable, &settings)))
    };
    let all = [
        check(&[], "localhost:1990"),
        check(&[("OTEL_SDK_DISABLED", "TRUE")], "localhost:1990"),
        check(
            &[("OTEL_TRACES_SAMPLER", "parentbased_always_off")],
            "localhost:1990",
        ),
        check(
            &[
                ("OTEL_TRACES_SAMPLER", "traceidratio"),
                ("OTEL_TRACES_SAMPLER_ARG", "0.1"),
            ],
            "localhost:1990",
        ),
        check(&[], "hub:7000"),
        check(&[("HINDSIGHT_ENDPOINT", "other:1990")], "hub:7000"),
        check(
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1990")],
            "localhost:1990",
        ),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn the_doctor_judges_what_the_hub_says() {
    use super::doctor::{clock, judge_apps, judge_losses, versions};
    let reply = |version: &str, protocol_version, now_ns| PingReply {
        hub_id: 1,
        now_ns,
        protocol_version,
        version: version.into(),
    };
    let own = env!("CARGO_PKG_VERSION");
    let apps = fixture::apps();
    let checks = [
        versions(&reply(own, 1, 0)),
        versions(&reply("9.9.9", 1, 0)),
        versions(&reply("9.9.9", 99, 0)),
        clock(
            &reply(own, 1, START_NS),
            START_NS - 1_000_000,
            START_NS + 1_000_000,
        ),
        clock(
            &reply(own, 1, START_NS),
            START_NS + 3 * SECOND_NS,
            START_NS + 3 * SECOND_NS,
        ),
        judge_apps(&[]),
        judge_apps(&apps[..1]),
        judge_apps(&apps),
        judge_losses(&fixture::stats()),
        judge_losses(&Default::default()),
    ];
    insta::assert_snapshot!(plain(&doctor_lines(&checks)));
}
