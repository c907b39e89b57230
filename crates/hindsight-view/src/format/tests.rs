//! How numbers, times, values and foreign text read.

use hindsight_protocol::batch::ValueRef;
use hindsight_protocol::{BatchBuilder, KeyValue, Span, Value};
use proptest::prelude::*;

use super::*;

#[test]
fn durations_have_three_digits_up_to_a_minute_and_two_units_above() {
    for (ns, expected) in [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_000, "1.00 µs"),
        (312_000, "312 µs"),
        (999_499, "999 µs"),
        (999_500, "1.00 ms"),
        (1_234_000, "1.23 ms"),
        (50_000_000, "50.0 ms"),
        (59_949_999_999, "59.9 s"),
        (59_950_000_000, "1 m 00 s"),
        (125_000_000_000, "2 m 05 s"),
        (3_599_500_000_000, "1 h 00 m"),
        (3_720_000_000_000, "1 h 02 m"),
        (86_399_000_000_000, "1 d 00 h"),
        (4 * 86_400_000_000_000, "4 d 00 h"),
        (u64::MAX, "213504 d 00 h"),
    ] {
        assert_eq!(duration(ns), expected, "{ns}");
    }
}

#[test]
fn sizes_and_counts_are_grouped() {
    for (size, expected) in [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.00 kB"),
        (999_999, "1.00 MB"),
        (512_000_000, "512 MB"),
        (u64::MAX, "18.4 EB"),
    ] {
        assert_eq!(bytes(size), expected, "{size}");
    }
    assert_eq!(count(0), "0");
    assert_eq!(count(999), "999");
    assert_eq!(count(1_234_567), "1,234,567");
    assert_eq!(plural(1, "span"), "1 span");
    assert_eq!(plural(1200, "span"), "1,200 spans");
}

#[test]
fn quantities_are_read_with_their_unit() {
    for (text, ns) in [
        ("1h", 3_600_000_000_000),
        ("1h30m", 5_400_000_000_000),
        ("1 h 30 m", 5_400_000_000_000),
        (" 50ms ", 50_000_000),
        ("1.5s", 1_500_000_000),
        (".5us", 500),
        ("10 µs", 10_000),
        ("7d", 604_800_000_000_000),
        ("0s", 0),
    ] {
        assert_eq!(parse_duration(text), Ok(ns), "{text}");
    }
    for (text, size) in [
        ("512MB", 512_000_000),
        ("1.5 GiB", 3 << 29),
        ("64kb", 64_000),
        ("10B", 10),
    ] {
        assert_eq!(parse_bytes(text), Ok(size), "{text}");
    }
}

#[test]
fn what_is_not_a_quantity_is_refused_with_what_to_write() {
    let errors = [
        "",
        "abc",
        "50",
        "5x",
        "1h30",
        "1.2.3s",
        "-5s",
        "9999999999999d",
        "1h x",
    ]
    .map(|text| parse_duration(text).unwrap_err().to_string())
    .join("\n");
    insta::assert_snapshot!(errors, @r#"
    "" is not a duration: write for example 50ms, 30s or 1h
    "abc" is not a duration: write for example 50ms, 30s or 1h
    "50" has no unit: write for example 50s, or another of ns, us, ms, s, m, h, d
    "5x" has the unknown unit "x": use one of ns, us, ms, s, m, h, d
    "1h30" has no unit: write for example 1h30s, or another of ns, us, ms, s, m, h, d
    "1.2.3s" is not a duration: write for example 50ms, 30s or 1h
    "-5s" is not a duration: write for example 50ms, 30s or 1h
    "9999999999999d" is too large for a duration
    "1h x" is not a duration: write for example 50ms, 30s or 1h
    "#);
    assert_eq!(
        parse_bytes("512").unwrap_err().to_string(),
        "\"512\" has no unit: write for example 512MB, or another of B, kB, MB, GB, TB, KiB, MiB, \
         GiB, TiB"
    );
}

#[test]
fn compact_forms_are_exact() {
    for (ns, expected) in [
        (0, "0s"),
        (3_600_000_000_000, "1h"),
        (5_400_000_000_000, "90m"),
        (50_000_000, "50ms"),
        (1_500, "1500ns"),
    ] {
        assert_eq!(compact_duration(ns), expected);
    }
    for (size, expected) in [
        (0, "0B"),
        (512_000_000, "512MB"),
        (4 << 30, "4GiB"),
        (1234, "1234B"),
    ] {
        assert_eq!(compact_bytes(size), expected);
    }
}

#[test]
fn times_are_printed_with_their_zone() {
    let ns = 1_795_357_930_123_456_789;
    let east = Zone::east_of_utc(2 * 3600);
    let west = Zone::east_of_utc(-(3 * 3600 + 1800));
    assert_eq!(iso(ns), "2026-11-22T14:32:10.123456789Z");
    assert_eq!(date_time(ns, Zone::UTC), "2026-11-22 14:32:10.123 UTC");
    assert_eq!(date_time(ns, east), "2026-11-22 16:32:10.123 +02:00");
    assert_eq!(clock(ns, west), "11:02:10.123 -03:30");
    assert_eq!(iso(0), "1970-01-01T00:00:00.000000000Z");
    assert_eq!(date_time(0, west), "1969-12-31 20:30:00.000 -03:30");
    assert_eq!(iso(u64::MAX), "2554-07-21T23:34:33.709551615Z");
    assert_eq!(
        iso(951_782_400_000_000_000),
        "2000-02-29T00:00:00.000000000Z"
    );
}

#[test]
fn a_distance_in_time_says_its_direction() {
    assert_eq!(ago(1_000_000_000, 4_200_000_000), "3.20 s ago");
    assert_eq!(ago(126_000_000_000, 1_000_000_000), "in 2 m 05 s");
    assert_eq!(ago(5, 500), "now");
}

#[test]
fn what_acts_on_a_terminal_or_on_reading_order_is_written_out() {
    for (text, expected) in [
        ("plain text \\ stays", "plain text \\ stays"),
        ("größe 测试 🦀", "größe 测试 🦀"),
        ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"),
        ("a\r\n\tb\u{7f}", "a\\r\\n\\tb\\x7f"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("user\u{202e}nimda", "user\\u{202e}nimda"),
        ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
        ("tag\u{e0041}", "tag\\u{e0041}"),
        ("e\u{301}", "e\u{301}"),
    ] {
        assert_eq!(escape(text), expected, "{text:?}");
    }
    let heap = format!("a{}", "\u{301}".repeat(50));
    assert!(escape(&heap).contains("\\u{301}"));
}

#[test]
fn text_is_cut_at_cells_not_at_bytes() {
    for (text, cells, expected) in [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("测试测试", 8, "测试测试"),
        ("测试测试", 7, "测试测…"),
        ("测试测试", 6, "测试…"),
        ("ab cd", 4, "ab…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ] {
        assert_eq!(truncate(text, cells), expected, "{text} in {cells}");
    }
}

/// `value` as an attribute of a span, shown in `cells`.
fn shown(shown_value: impl Into<Value>, cells: usize) -> String {
    let mut builder = BatchBuilder::new();
    builder.push(&Span {
        attributes: vec![KeyValue::new("key", shown_value)],
        ..Span::default()
    });
    let batch = builder.finish();
    let (_, found) = batch.row(0).attributes().next().expect("one attribute");
    value(found, cells)
}

#[test]
fn values_stand_on_one_line_and_show_their_type() {
    let nested = vec![
        KeyValue::new("a", 1i64),
        KeyValue::new(
            "b c",
            vec![Value::from("x"), Value::from(2.0), Value::from(true)],
        ),
    ];
    for (line, expected) in [
        (shown("/a/{id}", 80), "\"/a/{id}\""),
        (shown("/a", 80), "/a"),
        (shown("two words", 80), "\"two words\""),
        (shown("", 80), "\"\""),
        (shown("8080", 80), "\"8080\""),
        (shown(8080i64, 80), "8080"),
        (shown("true", 80), "\"true\""),
        (shown(1.0, 80), "1.0"),
        (shown(f64::NAN, 80), "NaN"),
        (shown("say \"hi\"\n", 80), "\"say \\\"hi\\\"\\n\""),
        (shown(&b"\x00\xffA"[..], 80), "0x00ff41 (3 B)"),
        (shown(nested, 80), "{a: 1, \"b c\": [x, 2.0, true]}"),
        (shown("x".repeat(5000), 24), "xxxxxxxxxxxxx… (5.00 kB)"),
        (shown("x".repeat(50), 10), "xxxxxxxxx…"),
    ] {
        assert_eq!(line, expected);
    }
    assert_eq!(
        value(ValueRef::Unknown(77, 5), 80),
        "\"(unknown type 77: 0x5)\""
    );
}

#[test]
fn deep_and_long_values_are_folded() {
    let mut deep = Value::from(1i64);
    for _ in 0..12 {
        deep = Value::from(vec![deep]);
    }
    assert_eq!(shown(deep, 80), "[[[[[[[[[…]]]]]]]]]");
    let long: Vec<Value> = (0..10_000i64).map(Value::from).collect();
    assert_eq!(shown(long, 12), "[0, 1, 2, 3…");
}

proptest! {
    #[test]
    fn parsers_take_any_text(text in any::<String>()) {
        // An error shows at most the beginning of the text.
        let errors = [parse_duration(&text).err(), parse_bytes(&text).err()];
        for error in errors.into_iter().flatten() {
            prop_assert!(error.to_string().len() < 2500);
        }
    }

    #[test]
    fn compact_forms_are_read_back(number in any::<u64>()) {
        prop_assert_eq!(parse_duration(&compact_duration(number)), Ok(number));
        prop_assert_eq!(parse_bytes(&compact_bytes(number)), Ok(number));
    }

    #[test]
    fn escaping_is_complete_and_idempotent(text in any::<String>()) {
        let once = escape(&text).into_owned();
        prop_assert!(!once.chars().any(char::is_control));
        prop_assert_eq!(escape(&once).into_owned(), once.clone());
    }

    #[test]
    fn cut_text_fits(text in any::<String>(), cells in 0usize..40) {
        prop_assert!(width(&truncate(&text, cells)) <= cells);
    }

    #[test]
    fn values_fit_their_line(text in any::<String>(), cells in 1usize..60) {
        let line = shown(text.as_str(), cells);
        prop_assert!(width(&line) <= cells);
        let list = shown(vec![Value::from(text.as_str()), Value::from(text)], cells);
        prop_assert!(width(&list) <= cells);
    }

    #[test]
    fn any_time_is_a_date(ns in any::<u64>(), offset in any::<i32>()) {
        let text = date_time(ns, Zone::east_of_utc(offset));
        prop_assert!(text.len() >= "1970-01-01 00:00:00.000 UTC".len());
        prop_assert_eq!(duration(ns).is_empty(), false);
    }
}
