use crate::{Severity, parse};

#[track_caller]
fn check(text: &str, canonical: &str) {
    let parsed = parse(text);
    let errors = parsed
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error);
    let rendered: String = errors.map(|d| d.render(text)).collect();
    let query = parsed.query.map(|query| query.to_string());
    assert_eq!(query.as_deref(), Some(canonical), "{text}\n{rendered}");
}

#[test]
fn terms_in_a_row_are_all_wanted_and_bind_tighter_than_or() {
    for (text, canonical) in [
        ("a b", "a b"),
        ("a and b && c", "a b c"),
        ("a b or c d", "a b or c d"),
        ("a (b or c) d", "a (b or c) d"),
        ("a || (b or (c))", "a or b or c"),
        ("((a b) c)", "a b c"),
        ("NOT a AND NOT NOT b", "-a b"),
        ("-(a b) !c", "-(a b) -c"),
        ("--a", "a"),
        ("not(a or b)", "-(a or b)"),
        ("-*", "-*"),
        ("** a", "* a"),
    ] {
        check(text, canonical);
    }
}

#[test]
fn habits_of_other_languages_are_taken() {
    for (text, canonical) in [
        ("duration > 10ms", "duration>10ms"),
        ("duration:>=10ms", "duration>=10ms"),
        ("name == 'x y'", "name=\"x y\""),
        ("name=~^a", "name~\"^a\""),
        (
            "trace.spans>3 trace.id:00f067aa0ba902b7",
            "spans>3 trace:000000000000000000f067aa0ba902b7",
        ),
        ("scope:sqlx", "scope.name:sqlx"),
        ("status:ERROR kind=Server", "status:error kind:server"),
        ("a exists b", "exists(a) b"),
        ("exists( a )", "exists(a)"),
        ("a:* name:*", "exists(a) exists(name)"),
        ("a IN (1, 'b' c)", "a in (1, \"b\", \"c\")"),
        ("a not in (true)", "a not in (true)"),
        ("parent (status:error)", "parent(status:error)"),
    ] {
        check(text, canonical);
    }
}

#[test]
fn a_literal_is_what_its_field_wants() {
    for (text, canonical) in [
        ("name=5 x=5 x=\"5\"", "name=\"5\" x=5 x=\"5\""),
        ("x=5.0 x=1e3 x=0.50 x=-0", "x=5 x=1000 x=0.5 x=0"),
        ("x=10ms x>1.5s x>2kB x=4MiB", "x=10ms x>1500ms x>2kB x=4MiB"),
        (
            "x=1e400 x=abc x=10parsec",
            "x=\"1e400\" x=\"abc\" x=\"10parsec\"",
        ),
        ("x=18446744073709551615", "x=\"18446744073709551615\""),
        ("x=true x:true", "x=true x:true"),
        (
            "start>-5m start>now end<=2026-11-22T12:00:00+01:00",
            "start>now-5m start>now end<=2026-11-22T11:00:00Z",
        ),
        (
            "start:2026-11-22",
            "start>=2026-11-22T00:00:00Z start<2026-11-23T00:00:00Z",
        ),
        (
            "-start:'2026-11-22 14:32'",
            "-(start>=2026-11-22T14:32:00Z start<2026-11-22T14:33:00Z)",
        ),
        ("state:open", "state in (running, disconnected, aborted)"),
        (
            "state!=open",
            "state not in (running, disconnected, aborted)",
        ),
        (
            "trace:00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "trace:4bf92f3577b34da6a3ce929d0e0e4736",
        ),
        ("parent=00F067AA0BA902B7", "parent:00f067aa0ba902b7"),
        ("duration>0 duration>1h30m", "duration>0s duration>90m"),
        ("lens:picante -lens=roam", "lens:\"picante\" -lens:\"roam\""),
    ] {
        check(text, canonical);
    }
}

#[test]
fn values_may_have_the_characters_of_operators() {
    for (text, canonical) in [
        ("url:http://h:80/a?b=c", "url:\"http://h:80/a?b=c\""),
        ("http.route:/users/{id}", "http.route:\"/users/{id}\""),
        ("name:GET* name:\"GET /*\"", "name:GET* name:\"GET /*\""),
        ("name:a\\*b name:\"\\*\"", "name:\"a\\*b\" name:\"\\*\""),
        ("x:-5 y=-5", "x:-5 y=-5"),
        ("don't wow! a&b", "\"don't\" \"wow!\" \"a&b\""),
        (
            "\"a key\"=1 span.\"b c\"=2 \"name\":x span.name:y",
            "\"a key\"=1 span.\"b c\"=2 \"name\":x span.name:y",
        ),
        ("not:5 in=6", "\"not\":5 \"in\"=6"),
        ("\"a\" \"\\u{e9}\\n\"", "a \"é\\n\""),
        ("*a* b*c*", "a b*c"),
    ] {
        check(text, canonical);
    }
}

#[test]
fn pipelines_have_their_clauses_in_any_order() {
    for (text, canonical) in [
        ("a | count()", "a | count()"),
        (
            "| COUNT(), p99( duration ) over 1m by service, http.route",
            "| count(), p99(duration) by service, http.route over 1m",
        ),
        (
            "| count() by service | sort count() | limit 10",
            "| count() by service | sort count() desc | limit 10",
        ),
        (
            "| count() by service sort by service asc limit 10",
            "| count() by service | sort service asc | limit 10",
        ),
        (
            "status:error | sort duration | limit 3",
            "status:error | sort duration desc | limit 3",
        ),
        ("| heatmap() over 10s", "| heatmap() over 10s"),
        ("| rate() | limit 1", "| rate() | limit 1"),
    ] {
        check(text, canonical);
    }
}

#[test]
fn a_slip_in_a_field_is_a_warning_and_the_query_stands() {
    let text = "duraton>10ms";
    let parsed = parse(text);
    assert_eq!(parsed.query.map(|q| q.to_string()).as_deref(), Some(text));
    insta::assert_snapshot!(parsed.diagnostics[0].render(text));
    for text in [
        "http.status:1",
        "route=1",
        "db:x",
        "duration>1s",
        "\"nam\"=1",
    ] {
        assert_eq!(parse(text).diagnostics, [], "{text}");
    }
}

#[test]
fn one_mistake_is_reported_once() {
    for text in ["span.\"x", "span.\"x y\" \"", "'a", "has(\"a"] {
        let messages: Vec<String> = parse(text)
            .diagnostics
            .into_iter()
            .filter(|d| d.message.contains("is not closed") && !d.message.contains('('))
            .map(|d| d.message)
            .collect();
        assert_eq!(messages.len(), 1, "{text}: {messages:?}");
    }
}
