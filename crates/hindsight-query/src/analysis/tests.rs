use super::{Place, Reach};
use crate::parse;

#[track_caller]
fn folded(text: &str, known: &[(&str, bool)]) -> String {
    let query = parse(text).query.expect("the query is right");
    let known: Vec<_> = known
        .iter()
        .map(|(text, value)| (parse(text).query.expect("and so is the part").filter, value))
        .collect();
    let folded = query.filter.fold(&mut |expr, place| {
        let found = known.iter().find(|(part, _)| part == expr);
        found.filter(|_| place == Place::Here).map(|(_, v)| **v)
    });
    folded.to_string()
}

#[test]
fn what_is_known_is_folded_away() {
    for (text, known, expected) in [
        ("a:1 b:2", vec![("a:1", true)], "b:2"),
        ("a:1 b:2", vec![("a:1", false)], "-*"),
        ("a:1 or b:2", vec![("a:1", true)], "*"),
        ("(a:1 or b:2) c:3", vec![("a:1", false)], "b:2 c:3"),
        ("-(a:1 b:2)", vec![("a:1", false)], "*"),
        ("has(a:1)", vec![("a:1", false)], "has(a:1)"),
        ("has(a:1)", vec![("has(a:1)", false)], "-*"),
        ("parent(*) child(-*)", vec![], "-*"),
        ("parent(*) has(*)", vec![], "parent(*)"),
        ("* a:1", vec![], "a:1"),
    ] {
        assert_eq!(folded(text, &known), expected, "{text}");
    }
}

#[test]
fn a_conjunction_is_split_by_what_its_members_need() {
    let text = "name:a spans>3 has(name:b) parent(c) (lens:x or d:1) -has(child(e)) f";
    let filter = parse(text).query.expect("the query is right").filter;
    let split = filter.split();
    let texts = |list: &[&crate::Expr]| -> Vec<String> {
        list.iter().map(|expr| expr.to_string()).collect()
    };
    assert_eq!(texts(&split.span), ["name:a", "f"]);
    assert_eq!(texts(&split.facts), ["spans>3", "lens:\"x\" or d:1"]);
    assert_eq!(texts(&split.spans), ["has(name:b)"]);
    assert_eq!(texts(&split.tree), ["parent(c)", "-has(child(e))"]);
    assert_eq!(filter.reach(), Reach::Tree);
}

#[test]
fn usage_lists_each_field_once() {
    let query = parse("a:1 a:2 start>-5m word | p99(duration) by service | sort service")
        .query
        .expect("the query is right");
    let usage = query.usage();
    let fields: Vec<String> = usage.fields.iter().map(ToString::to_string).collect();
    assert_eq!(fields, ["a", "start", "duration", "service"]);
    assert!(usage.free_text && usage.relative_times);
    assert_eq!(usage.reach, Reach::Span);
    let resolved = query.resolved(1_795_348_800_000_000_000);
    assert!(!resolved.usage().relative_times);
    assert!(resolved.to_string().contains("start>2026-11-22T11:55:00Z"));
}

#[test]
fn negations_move_inward() {
    let filter = parse("-(a:1 (b:2 or -c:3) has(-(d:4 e:5)))")
        .query
        .expect("the query is right")
        .filter;
    assert_eq!(
        filter.negations_inward().to_string(),
        "-a:1 or -b:2 c:3 or -has(-d:4 or -e:5)"
    );
}
