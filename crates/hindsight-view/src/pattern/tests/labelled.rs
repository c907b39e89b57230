//! The labelled set: kinds of traces with a pattern, and kinds that only look like it.
//!
//! Some are made to be hard: calls that show no literals between which much is done, polling
//! without pauses, loops over items that all fail. Labels say what the trace is, not what can be
//! told from it.

use hindsight_protocol::SpanKind;

use super::calls::{
    MakeCall, by_cursor, by_insert, by_key, by_list, by_literal, by_method, by_offset, by_page,
    by_parameter, by_placeholder, by_rows, by_same_url, by_size, by_url, failing_by_turns,
    internal, overlapping_a_little, polling, polling_fast, polling_hidden, query, repeating,
    slowly, sometimes_failing, wrapped, wrapped_attempt,
};
use super::scene::{Random, Scene};
use crate::Trace;
use crate::pattern::PatternKind;

/// A trace and what it is.
pub(super) struct Case {
    pub(super) trace: Trace,
    pub(super) expected: Option<PatternKind>,
    /// Calls that make the pattern.
    pub(super) calls: usize,
}

type Make = fn(&mut Random) -> Case;

/// Every kind by name.
pub(super) const KINDS: [(&str, Make); 44] = [
    ("n+1: literals in the query", |r| {
        n_plus_one(r, 5..60, by_literal)
    }),
    ("n+1: few items", |r| n_plus_one(r, 4..8, by_literal)),
    ("n+1: placeholders", |r| {
        n_plus_one(r, 5..60, by_placeholder)
    }),
    ("n+1: placeholders, work between", |r| {
        n_plus_one(r, 5..40, slowly)
    }),
    ("n+1: recorded parameters", |r| {
        n_plus_one(r, 5..40, by_parameter)
    }),
    ("n+1: a URL for each item", |r| n_plus_one(r, 5..30, by_url)),
    ("n+1: a call without literals", |r| {
        n_plus_one(r, 5..30, by_method)
    }),
    ("n+1: wrapped by an ORM", |r| n_plus_one(r, 5..40, wrapped)),
    ("n+1: one row inserted at a time", |r| {
        n_plus_one(r, 5..40, by_insert)
    }),
    ("n+1: some fail", |r| {
        n_plus_one(r, 8..40, sometimes_failing)
    }),
    ("n+1: some overlap a little", |r| {
        n_plus_one(r, 8..40, overlapping_a_little)
    }),
    ("n+1: some items come again", |r| {
        n_plus_one(r, 10..40, repeating)
    }),
    ("n+1: two queries for each item", two_queries),
    ("not: fan-out", |r| parallel(r, 100)),
    ("not: pipeline", |r| parallel(r, 60)),
    ("not: different operations", different_operations),
    ("not: different queries of one name", different_queries),
    ("not: polling an id", |r| plain(r, 5..30, polling)),
    ("not: polling, placeholders", |r| {
        plain(r, 5..30, polling_hidden)
    }),
    ("not: polling almost without pause", |r| {
        plain(r, 5..30, polling_fast)
    }),
    ("not: pages by offset", |r| plain(r, 5..30, by_offset)),
    ("not: pages by number", |r| plain(r, 5..30, by_page)),
    ("not: pages by cursor", |r| plain(r, 5..30, by_cursor)),
    ("not: pages by key", |r| plain(r, 5..30, by_key)),
    ("not: batches of ids", |r| plain(r, 5..30, by_list)),
    ("not: batches of rows", |r| plain(r, 5..30, by_rows)),
    ("not: batches that say so", |r| plain(r, 5..30, by_size)),
    ("not: hedged requests", hedged),
    ("not: internal work", |r| plain(r, 5..30, internal)),
    ("not: three items", |r| plain(r, 2..4, by_literal)),
    ("retry: back-off grows", |r| {
        retry(r, Pauses::Growing, by_same_url)
    }),
    ("retry: steady pauses", |r| {
        retry(r, Pauses::Steady, by_same_url)
    }),
    ("retry: at once", |r| retry(r, Pauses::None, by_same_url)),
    ("retry: wrapped attempts", |r| {
        retry(r, Pauses::Growing, wrapped_attempt)
    }),
    ("retry: numbered, no status", numbered),
    ("retry: linked, no status", linked),
    ("retry: no literals", |r| {
        retry(r, Pauses::Growing, by_method)
    }),
    ("retry: no literals, at once", |r| {
        retry(r, Pauses::None, by_method)
    }),
    ("not: loop over items that fail", |r| {
        failing_loop(r, by_literal)
    }),
    ("not: loop that shows no items, all fail", |r| {
        failing_loop(r, by_method)
    }),
    ("not: loop that shows no items, some fail", |r| {
        plain(r, 4..12, failing_by_turns)
    }),
    ("not: another item after a failure", |r| {
        another_item(r, by_literal)
    }),
    ("not: another item that shows nothing", |r| {
        another_item(r, by_method)
    }),
    ("not: another operation after a failure", fallback),
];

fn case(scene: Scene, expected: Option<PatternKind>, calls: usize) -> Case {
    Case {
        trace: scene.finish(),
        expected,
        calls,
    }
}

/// Other things that a handler does.
fn noise(scene: &mut Scene, random: &mut Random) {
    for number in 0..random.within(0..3) {
        let work = scene.call(&format!("step {number}"), random.us(50..5_000));
        scene.kind(work, SpanKind::Internal);
        scene.pause(random.us(1..100));
    }
    if random.chance(30) {
        let call = scene.call("BEGIN", random.us(50..200));
        scene.statement(call, "db.query.text", "BEGIN");
    }
}

fn repeated(random: &mut Random, calls: u64, make: MakeCall) -> Scene {
    let mut scene = Scene::new();
    noise(&mut scene, random);
    for number in 0..calls {
        make(&mut scene, random, number);
        scene.pause(random.us(5..300));
    }
    noise(&mut scene, random);
    scene
}

fn n_plus_one(random: &mut Random, calls: std::ops::Range<u64>, make: MakeCall) -> Case {
    let calls = random.within(calls);
    let scene = repeated(random, calls, make);
    case(scene, Some(PatternKind::NPlusOne), calls as usize)
}

fn plain(random: &mut Random, calls: std::ops::Range<u64>, make: MakeCall) -> Case {
    let calls = random.within(calls);
    case(repeated(random, calls, make), None, 0)
}

fn two_queries(random: &mut Random) -> Case {
    let mut scene = Scene::new();
    let items = random.within(5..30);
    for number in 0..items {
        by_literal(&mut scene, random, number);
        let id = random.within(1..1_000_000);
        let text = format!("SELECT count(*) FROM orders WHERE user_id = {id}");
        query(&mut scene, random, &text);
        scene.pause(random.us(5..200));
    }
    case(scene, Some(PatternKind::NPlusOne), items as usize)
}

/// Calls that begin before those before them have ended.
fn parallel(random: &mut Random, percent: u64) -> Case {
    let mut scene = Scene::new();
    noise(&mut scene, random);
    for _ in 0..random.within(5..60) {
        let duration = random.us(2_000..10_000);
        let id = random.next();
        let call = scene.call("GET", duration);
        scene.statement(call, "url.full", &format!("https://users.local/users/{id}"));
        scene.rewind(duration * percent / 100 - random.us(1..20));
    }
    case(scene, None, 0)
}

fn different_operations(random: &mut Random) -> Case {
    let mut scene = Scene::new();
    for number in 0..random.within(5..20) {
        scene.call(&format!("service.method_{number}"), random.us(300..5_000));
        scene.pause(random.us(5..100));
    }
    case(scene, None, 0)
}

fn different_queries(random: &mut Random) -> Case {
    let mut scene = Scene::new();
    for table in ["a", "b", "c", "d", "e", "f", "g"] {
        let id = random.within(1..100);
        query(
            &mut scene,
            random,
            &format!("SELECT * FROM {table} WHERE id = {id}"),
        );
        scene.pause(random.us(5..100));
    }
    case(scene, None, 0)
}

/// The same request again while the first one runs; the slower one is cancelled.
fn hedged(random: &mut Random) -> Case {
    let mut scene = Scene::new();
    let slow = random.us(50_000..90_000);
    for number in 0..random.within(2..4) {
        let call = scene.call("GET", slow - number * 5_000_000);
        scene.statement(call, "url.full", "https://users.local/users/7");
        scene.failed(call, number == 0);
        scene.rewind(slow - number * 5_000_000 - 10_000_000);
    }
    case(scene, None, 0)
}

#[derive(Clone, Copy)]
enum Pauses {
    None,
    Steady,
    Growing,
}

fn retry(random: &mut Random, pauses: Pauses, make: MakeCall) -> Case {
    let mut scene = Scene::new();
    noise(&mut scene, random);
    let attempts = random.within(2..7);
    let succeeds = random.chance(70);
    let pause = random.us(1_000..20_000);
    for attempt in 0..attempts {
        let call = make(&mut scene, random, attempt);
        scene.failed(call, !succeeds || attempt + 1 < attempts);
        scene.pause(match pauses {
            Pauses::None => random.us(1..50),
            Pauses::Steady => pause + random.us(0..500),
            Pauses::Growing => pause << attempt,
        });
    }
    noise(&mut scene, random);
    case(scene, Some(PatternKind::Retry), attempts as usize)
}

fn numbered(random: &mut Random) -> Case {
    let mut scene = Scene::new();
    let attempts = random.within(2..7);
    for attempt in 0..attempts {
        let call = by_method(&mut scene, random, attempt);
        if attempt > 0 {
            scene.attribute(call, "http.request.resend_count", attempt as i64);
        }
        scene.pause(random.us(1..5_000));
    }
    case(scene, Some(PatternKind::Retry), attempts as usize)
}

fn linked(random: &mut Random) -> Case {
    let mut scene = Scene::new();
    let attempts = random.within(2..7);
    let mut before = by_method(&mut scene, random, 0);
    for attempt in 1..attempts {
        scene.pause(random.us(1..5_000));
        let call = by_method(&mut scene, random, attempt);
        scene.link(call, before, "retry_of");
        before = call;
    }
    case(scene, Some(PatternKind::Retry), attempts as usize)
}

fn failing_loop(random: &mut Random, make: MakeCall) -> Case {
    let mut scene = Scene::new();
    for number in 0..random.within(2..5) {
        let call = make(&mut scene, random, number);
        scene.failed(call, true);
        scene.pause(random.us(1..60));
    }
    case(scene, None, 0)
}

fn another_item(random: &mut Random, make: MakeCall) -> Case {
    let mut scene = Scene::new();
    for number in 0..2 {
        let call = make(&mut scene, random, number);
        scene.failed(call, number == 0);
        scene.pause(random.us(1..5_000));
    }
    case(scene, None, 0)
}

fn fallback(random: &mut Random) -> Case {
    let mut scene = Scene::new();
    let call = by_method(&mut scene, random, 0);
    scene.failed(call, true);
    scene.pause(random.us(1..500));
    scene.call("cache.get", random.us(100..500));
    case(scene, None, 0)
}
