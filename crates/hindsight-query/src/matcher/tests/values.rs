use super::{check, full, span};
use crate::ast::{Expr, Predicate, Test};
use crate::{Field, Matcher, MatcherError, Value};
use hindsight_protocol::{OPEN_END_NS, Span};

#[test]
fn fields_of_the_span() {
    check(
        &full(),
        &[
            ("name:\"get /users\"", true),
            ("name=\"get /users\"", false),
            ("name:get*", true),
            ("name~\"^GET\"", true),
            ("name!~\"^GET\"", false),
            ("name in (x, \"GET /Users\")", true),
            ("service:web", true),
            ("service!=web", true),
            ("status:error status!=ok", true),
            ("status in (ok, unset)", false),
            ("status.message:*user", true),
            ("kind:server", true),
            ("state:ended -state:open", true),
            ("duration=10ns duration<1us", true),
            ("start>now-1us start<now", true),
            ("start=1970-01-01T00:00:00.000001007Z", true),
            ("id:0000000000000007", true),
            ("parent:0000000000000003 exists(parent)", true),
            ("trace:00000000-0000-0000-0000-000000000001", true),
            ("trace:00000000-0000-0000-0000-000000000002", false),
            ("links=2 events=2", true),
            (
                "link.span=0000000000000006 link.span:0000000000000008",
                true,
            ),
            ("link.span=0000000000000007", false),
            ("link.span!=0000000000000007 exists(link.span)", true),
            ("link.span!=0000000000000008", false),
            ("link.trace:00000000-0000-0000-0000-000000000007", true),
            ("link.trace=00000000000000000000000000000008", false),
            ("scope:axum scope.version=\"0.8\" scope.team:EDGE", true),
        ],
    );
}

#[test]
fn what_is_absent_passes_nothing_and_its_negation_passes_all() {
    let bare = Span {
        end_ns: OPEN_END_NS,
        ..span(1, 0)
    };
    check(
        &bare,
        &[
            ("duration>=0", false),
            ("-duration>=0", true),
            ("exists(duration) or exists(end) or exists(parent)", false),
            ("exists(service) or service:* or service!=x", false),
            ("-service=x", true),
            ("x!=5", false),
            ("x not in (5)", false),
            ("x!~5", false),
            ("-x=5", true),
            ("event.name!=x", false),
            ("link.span!=0000000000000001 or exists(link.trace)", false),
            ("-link.span=0000000000000001", true),
            ("status:unset kind:internal", true),
        ],
    );
}

#[test]
fn attributes_are_compared_by_what_is_stored_in_them() {
    check(
        &full(),
        &[
            ("http.status=404", true),
            ("http.status:404", true),
            ("http.status:4*", true),
            ("http.status~\"^4..$\"", true),
            ("http.status=\"404\"", false),
            ("http.status:\"404\"", true),
            ("http.status>=400 http.status<404.5", true),
            ("http.status>abc or http.status<abc", false),
            ("http.status!=abc", true),
            ("as_text=404 as_text=\"404\" as_text:404", true),
            ("as_text=404.5", false),
            ("as_text>400", false),
            ("as_text>\"400\"", true),
            ("ratio=0.5 ratio:0.5 ratio:0.* ratio<1", true),
            ("whole=200 whole:200", true),
            ("nan=0 or nan<0 or nan>=0 or nan:NaN or nan~N", false),
            ("exists(nan) nan!=0", true),
            ("hit=true hit:TRUE hit~ru hit!=false", true),
            ("hit=1 or hit>0", false),
            ("hit_text=true", true),
            ("exists(empty) empty:\"\" empty=\"\"", true),
            ("wait=20ms wait>10ms wait<1s wait>=20MB", true),
            ("bytes=1 or bytes:* bytes:x", false),
            ("exists(bytes) exists(map) bytes!=1 map!=1", true),
        ],
    );
}

#[test]
fn an_array_has_the_values_of_its_elements() {
    check(
        &full(),
        &[
            ("args:SERVE args=8080 args>8000 args~erv", true),
            ("args!=8080", false),
            ("args!=9", true),
            ("args:serve8080", false),
        ],
    );
}

#[test]
fn a_key_is_looked_for_where_its_prefix_says() {
    check(
        &full(),
        &[
            ("name:shadow", false),
            ("span.name:shadow \"name\":shadow", true),
            ("both:\"span's\"", true),
            ("resource.both:\"resource's\"", true),
            ("host:alpha resource.host:alpha", true),
            ("span.host:alpha", false),
            ("route:\"/users/:id\"", true),
            ("route:second", false),
            ("service.name:web", true),
        ],
    );
}

#[test]
fn events_have_many_values() {
    check(
        &full(),
        &[
            ("event.name:retry event.name:\"give up\"", true),
            ("event.name!=Retry", false),
            ("event.name!=other", true),
            ("event.attempt=1 event.attempt<2", true),
            ("event.attempt!=1", false),
            ("event.reason:timeout exists(event.reason)", true),
            ("exists(event.other)", false),
            ("-event.name:other", true),
        ],
    );
}

#[test]
fn free_text_is_looked_for_in_names_messages_and_text_values() {
    check(
        &full(),
        &[
            ("users", true),
            ("WEB", true),
            ("such", true),
            ("\"/users/:ID\"", true),
            ("retry", true),
            ("timeout", true),
            ("get*sers", true),
            ("sers*get", false),
            ("alpha", false),
            ("axum", false),
            ("8080", false),
            ("serve", false),
            ("http.status", false),
            ("\"\"", true),
        ],
    );
}

#[test]
fn filters_that_no_parser_made_are_checked() {
    let ill = Expr::field(Field::Name, Test::Equal(Value::Int(5)));
    assert_eq!(
        Matcher::new(&ill, 0).expect_err("a name is no number"),
        MatcherError::IllTyped("name=5".into())
    );
    let negated = Expr::Field(Predicate {
        field: Field::Name,
        negated: true,
        test: Test::Exists,
    });
    assert!(Matcher::new(&negated, 0).is_err());
    let regex = Expr::field(Field::Name, Test::Matches("(".into()));
    let error = Matcher::new(&regex, 0).expect_err("it is not closed");
    assert!(matches!(error, MatcherError::Regex(_)), "{error}");
    let mut deep = Expr::Const(true);
    for _ in 0..200 {
        deep = Expr::has(deep);
    }
    assert_eq!(
        Matcher::new(&deep, 0).expect_err("it is deep"),
        MatcherError::TooLarge("depth_max")
    );
}
