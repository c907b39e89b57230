//! Calls of the labelled set: one function a way of calling.

use hindsight_protocol::SpanKind;

use super::scene::{CallId, Random, Scene};

/// Makes call number `n`.
pub(super) type MakeCall = fn(&mut Scene, &mut Random, u64) -> CallId;

pub(super) fn query(scene: &mut Scene, random: &mut Random, text: &str) -> CallId {
    let call = scene.call("query", random.us(200..5_000));
    scene.statement(call, "db.query.text", text);
    call
}

pub(super) fn request(scene: &mut Scene, random: &mut Random, url: &str) -> CallId {
    let call = scene.call("GET", random.us(2_000..50_000));
    scene.statement(call, "url.full", url);
    call
}

pub(super) fn by_literal(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let id = random.within(1..1_000_000);
    query(
        scene,
        random,
        &format!("SELECT * FROM users WHERE id = {id}"),
    )
}

pub(super) fn by_placeholder(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    query(scene, random, "SELECT * FROM users WHERE id = $1")
}

pub(super) fn slowly(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    scene.pause(random.us(10..4_000));
    by_placeholder(scene, random, number)
}

pub(super) fn by_parameter(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    scene.pause(random.us(10..20_000));
    let call = by_placeholder(scene, random, number);
    scene.attribute(call, "db.query.parameter.0", random.next().to_string());
    call
}

pub(super) fn by_url(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    scene.pause(random.us(10..3_000));
    let id = random.next();
    request(
        scene,
        random,
        &format!("https://users.local/users/{id:016x}/avatar"),
    )
}

pub(super) fn by_method(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let call = scene.call("users.get", random.us(300..5_000));
    scene.statement(call, "rpc.method", "get");
    call
}

pub(super) fn wrapped(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    let call = by_literal(scene, random, number);
    scene.wrap(call, "User::load");
    call
}

pub(super) fn by_insert(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let (a, b) = (random.next(), random.next());
    query(
        scene,
        random,
        &format!("INSERT INTO log (a, b) VALUES ({a}, 'b{b}')"),
    )
}

pub(super) fn sometimes_failing(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    let call = by_literal(scene, random, number);
    scene.failed(call, random.chance(15));
    call
}

pub(super) fn overlapping_a_little(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    if number > 0 && random.chance(10) {
        scene.rewind(400_000);
    }
    by_literal(scene, random, number)
}

pub(super) fn repeating(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let id = random.within(0..30);
    query(
        scene,
        random,
        &format!("SELECT * FROM users WHERE id = {id}"),
    )
}

pub(super) fn polling(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let call = request(scene, random, "https://jobs.local/jobs/4711/status");
    scene.pause(random.us(5_000..500_000));
    call
}

pub(super) fn polling_hidden(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let call = query(scene, random, "SELECT state FROM jobs WHERE id = $1");
    scene.pause(random.us(20_000..500_000));
    call
}

pub(super) fn polling_fast(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let call = query(scene, random, "SELECT state FROM jobs WHERE id = $1");
    scene.pause(random.us(1_000..10_000));
    call
}

pub(super) fn by_offset(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    let offset = number * 100;
    let text = format!("SELECT * FROM users WHERE org = 7 ORDER BY id LIMIT 100 OFFSET {offset}");
    query(scene, random, &text)
}

pub(super) fn by_page(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    let url = format!("https://users.local/users?size=50&page={number}");
    request(scene, random, &url)
}

pub(super) fn by_cursor(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let cursor = random.next();
    request(
        scene,
        random,
        &format!("https://users.local/users?cursor={cursor:016x}"),
    )
}

pub(super) fn by_key(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    let last = number * 120;
    query(
        scene,
        random,
        &format!("SELECT * FROM users WHERE id > {last} ORDER BY id LIMIT 100"),
    )
}

pub(super) fn by_list(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let ids = (0..random.within(2..50)).map(|_| random.next().to_string());
    let ids: Vec<_> = ids.collect();
    query(
        scene,
        random,
        &format!("SELECT * FROM users WHERE id IN ({})", ids.join(", ")),
    )
}

pub(super) fn by_rows(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let rows = (0..50).map(|n| format!("({n}, 'x')")).collect::<Vec<_>>();
    query(
        scene,
        random,
        &format!("INSERT INTO log (a, b) VALUES {}", rows.join(", ")),
    )
}

pub(super) fn by_size(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let call = query(scene, random, "UPDATE users SET seen = $1 WHERE id = $2");
    scene.attribute(call, "db.operation.batch.size", 100i64);
    call
}

pub(super) fn internal(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    let call = scene.call("render item", random.us(50..5_000));
    scene.kind(call, SpanKind::Internal);
    call
}

pub(super) fn by_same_url(scene: &mut Scene, random: &mut Random, _: u64) -> CallId {
    request(scene, random, "https://pay.local/charge/8831")
}

pub(super) fn wrapped_attempt(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    let call = by_same_url(scene, random, number);
    scene.wrap(call, "attempt");
    call
}

pub(super) fn failing_by_turns(scene: &mut Scene, random: &mut Random, number: u64) -> CallId {
    scene.pause(random.us(3_000..9_000));
    let call = by_method(scene, random, number);
    scene.failed(call, number.is_multiple_of(2));
    call
}
