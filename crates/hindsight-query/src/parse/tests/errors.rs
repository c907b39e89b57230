use crate::parse;

/// Every error of each query, as a person sees it.
fn rendered(queries: &[&str]) -> String {
    let mut all = String::new();
    for text in queries {
        let error = parse(text).into_result(text).expect_err(text);
        all.push_str(&format!("{text}\n{error}\n"));
    }
    all
}

#[test]
fn words_that_are_not_of_the_language() {
    insta::assert_snapshot!(rendered(&[
        "status:eror",
        "kind:sever",
        "state=runing",
        "status>3",
        "status=404",
        "status:purple",
        "desendant(name:x)",
        "count(x)",
        "foo(bar)",
        "{ name = x }",
        "in (1, 2)",
    ]));
}

#[test]
fn operators() {
    insta::assert_snapshot!(rendered(&[
        "duration=>10ms",
        "a=<5 b<>6",
        "name!:health",
        "a >> b",
        "a ~= b",
        "= 5",
        "name:",
        "name: | count()",
        "a b or",
        "and b",
        "a , b",
        "- a",
        "a not",
        "service:(web, api)",
        "service~(web, api)",
        "a in ()",
    ]));
}

#[test]
fn types() {
    insta::assert_snapshot!(rendered(&[
        "duration>abc",
        "duration>10",
        "duration>10sec",
        "duration>10parsec",
        "duration>1.5ns",
        "duration~x",
        "name<5ms",
        "service>a",
        "kind<server",
        "spans>1.5",
        "spans>many",
        "start>5m",
        "start>today",
        "start>2026-02-30",
        "trace:xyz",
        "id:0",
        "lens!=x",
        "exists(lens)",
        "span.=5",
    ]));
}

#[test]
fn brackets_and_quotes() {
    insta::assert_snapshot!(rendered(&[
        "(a or b",
        "has(name:x | count()",
        "a) b",
        "name:\"GET /",
        "()",
        "has()",
        "exists()",
        "a in (1, 2",
    ]));
}

#[test]
fn regular_expressions() {
    insta::assert_snapshot!(rendered(&[
        "name~\"a(b\"",
        "name~[z-a]",
        "name~\"é\\\"x{2,1}\"",
        "name~\"(?=x)\"",
        "name~\\w{900}",
    ]));
}

#[test]
fn pipelines() {
    insta::assert_snapshot!(rendered(&[
        "a |",
        "a | cout()",
        "a | frobnicate()",
        "a | count",
        "a | p99()",
        "a | count(name)",
        "a | avg(name)",
        "a | avg(event.size)",
        "a | by service",
        "a | count() by duration",
        "a | count() by start",
        "a | count() over x",
        "a | count() over 0s",
        "a | limit 0",
        "a | sort count()",
        "a | count() by service | sort name",
        "a | heatmap(), count()",
        "a | count() | rate()",
        "a | count(), ",
        "a | (b)",
    ]));
}

#[test]
fn several_errors_are_found_at_once_each_with_its_line() {
    insta::assert_snapshot!(rendered(&["duration>abc\n  status:eror (name<3\n\tkind~x"]));
}

#[test]
fn a_long_line_is_shown_around_the_place() {
    let text = format!("{} duration>é {}", "a ".repeat(100), "b ".repeat(100));
    let error = parse(&text).into_result(&text).expect_err("it is wrong");
    insta::assert_snapshot!(error);
}
