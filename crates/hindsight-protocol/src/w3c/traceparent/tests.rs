//! Each rule of the Recommendation beside its cases. Many cases are those of the test suite in
//! <https://github.com/w3c/trace-context/tree/main/test>.

use proptest::prelude::*;

use super::TraceParentError::*;
use super::*;

const TRACE: TraceId = TraceId::from_u128(0x4bf92f3577b34da6a3ce929d0e0e4736);
const PARENT: SpanId = SpanId::from_u64(0x00f067aa0ba902b7);

/// A case with the trace id in place of `T`, the parent id in place of `P`.
fn header(case: &str) -> String {
    case.replace('T', &TRACE.to_string())
        .replace('P', &PARENT.to_string())
}

fn accepted(rule: &str, cases: &[(&str, TraceFlags)]) {
    for (case, flags) in cases {
        let expected = TraceParent::new(TRACE, PARENT, *flags);
        assert_eq!(
            TraceParent::parse(&header(case)),
            expected,
            "{rule}\n{case}"
        );
    }
}

fn rejected(rule: &str, cases: &[(&str, TraceParentError)]) {
    for (case, error) in cases {
        let expected = Err(error.clone());
        assert_eq!(
            TraceParent::parse(&header(case)),
            expected,
            "{rule}\n{case}"
        );
    }
}

fn hex(index: usize, found: char) -> TraceParentError {
    NotLowerHex { index, found }
}

fn not_a_dash(index: usize, found: char) -> TraceParentError {
    NotADash { index, found }
}

const BOTH: TraceFlags = TraceFlags::from_bits(3);

#[test]
fn version_00_is_read() {
    accepted(
        "version-format = trace-id \"-\" parent-id \"-\" trace-flags",
        &[
            ("00-T-P-00", TraceFlags::NONE),
            ("00-T-P-01", TraceFlags::SAMPLED),
            ("00-T-P-02", TraceFlags::RANDOM),
            ("00-T-P-03", BOTH),
        ],
    );
    accepted(
        "the flags cannot be interpreted by a simple equality comparison",
        &[
            ("00-T-P-ff", BOTH),
            ("00-T-P-09", TraceFlags::SAMPLED),
            ("00-T-P-fc", TraceFlags::NONE),
        ],
    );
}

#[test]
fn a_later_version_is_read_by_its_first_55_characters() {
    accepted(
        "Vendors MUST check that the 2 characters are either at the end of the string or followed \
         by a dash.",
        &[
            ("01-T-P-01", TraceFlags::SAMPLED),
            ("cc-T-P-01-", TraceFlags::SAMPLED),
            ("fe-T-P-01-what-é", TraceFlags::SAMPLED),
        ],
    );
    accepted(
        "The vendor will only parse the trace-flags values supported by this version of this \
         specification and ignore all other values.",
        &[("cc-T-P-fe", TraceFlags::RANDOM)],
    );
    rejected(
        "Vendors MUST check that the 2 characters are either at the end of the string or followed \
         by a dash.",
        &[
            ("cc-T-P-01.what", not_a_dash(55, '.')),
            ("cc-T-P-01é", not_a_dash(55, 'é')),
            ("01-T-P-001", not_a_dash(55, '1')),
        ],
    );
    rejected(
        "If the size of the header is shorter than 55 characters, the vendor should not parse the \
         header and should restart the trace.",
        &[
            ("cc-T-P-1", TooShort { bytes: 54 }),
            ("cc-T-P", TooShort { bytes: 52 }),
        ],
    );
}

#[test]
fn a_version_that_is_none_is_rejected() {
    rejected(
        "Version ff is forbidden",
        &[
            ("ff-T-P-01", ForbiddenVersion),
            ("ff-T-P-01-x", ForbiddenVersion),
        ],
    );
    rejected(
        "When the version prefix cannot be parsed (it's not 2 hex characters followed by a dash \
         (-)), the implementation should restart the trace.",
        &[
            ("", TooShort { bytes: 0 }),
            (".0-T-P-01", hex(0, '.')),
            ("0.-T-P-01", hex(1, '.')),
            ("0é-T-P-1", hex(1, 'é')),
            ("CC-T-P-01", hex(0, 'C')),
            ("00.T-P-01", not_a_dash(2, '.')),
            ("000-T-P-01", not_a_dash(2, '0')),
            ("0000-T-P-01", not_a_dash(2, '0')),
            ("0-T-P-01", TooShort { bytes: 54 }),
        ],
    );
}

#[test]
fn version_00_has_55_characters() {
    rejected(
        "value = version \"-\" version-format, where all fields of version 00 have a fixed length",
        &[
            ("00-T-P-01.", TooLong { bytes: 56 }),
            ("00-T-P-001", TooLong { bytes: 56 }),
            ("00-T-P-01-what", TooLong { bytes: 60 }),
            ("00-T-P-1", TooShort { bytes: 54 }),
            (" 00-T-P-01", hex(0, ' ')),
        ],
    );
}

#[test]
fn a_trace_id_that_is_none_is_rejected() {
    rejected(
        "trace-id = 32HEXDIGLC ; 16 bytes array identifier. All zeroes forbidden",
        &[("00-00000000000000000000000000000000-P-01", ZeroTraceId)],
    );
    rejected(
        "If the trace-id value is invalid (for example if it contains non-allowed characters or \
         all zeros), vendors MUST ignore the entire header.",
        &[
            ("00-.bf92f3577b34da6a3ce929d0e0e4736-P-010", hex(3, '.')),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-P-01", hex(4, 'B')),
            ("00-4bf92f3577b34da6a3ce929d0e0e473.-P-01", hex(34, '.')),
            ("00-T0-P-01", not_a_dash(35, '0')),
            ("cc-4bf92f3577b34da6a3ce929d0e0e473-P-01-a", hex(34, '-')),
        ],
    );
}

#[test]
fn a_parent_id_that_is_none_is_rejected() {
    rejected(
        "parent-id = 16HEXDIGLC ; 8 bytes array identifier. All zeroes forbidden",
        &[("00-T-0000000000000000-01", ZeroParentId)],
    );
    rejected(
        "Vendors MUST ignore the traceparent when the parent-id is invalid (for example, if it \
         contains non-lowercase hex characters).",
        &[
            ("00-T-.0f067aa0ba902b7-01", hex(36, '.')),
            ("00-T-00F067AA0BA902B7-01", hex(38, 'F')),
            ("00-T-P0-01", not_a_dash(52, '0')),
            ("cc-T-00f067aa0ba902b-01-a", hex(51, '-')),
        ],
    );
}

#[test]
fn flags_that_are_none_are_rejected() {
    rejected(
        "trace-flags = 2HEXDIGLC ; 8 bit flags.",
        &[
            ("00-T-P-.0", hex(53, '.')),
            ("00-T-P-0.", hex(54, '.')),
            ("00-T-P-0A", hex(54, 'A')),
            ("00-T-P-é", hex(53, 'é')),
        ],
    );
}

#[test]
fn what_is_written_is_of_version_00_with_known_flags() {
    // "Vendors will set all unparsed / unknown trace-flags to 0 on outgoing requests."
    let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more";
    let parent = TraceParent::parse(later).unwrap();
    assert_eq!(
        parent.to_header(),
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03"
    );
}

#[test]
fn flags_are_single_bits() {
    let flags = TraceFlags::NONE.with_sampled(true).with_random(true);
    assert!(flags.sampled() && flags.random());
    assert_eq!(flags.with_sampled(false), TraceFlags::RANDOM);
    assert_eq!(flags.with_random(false), TraceFlags::SAMPLED);
    assert_eq!(TraceFlags::from_bits(0xfe).bits(), 2);
}

#[test]
fn an_invalid_id_is_never_written() {
    let zero_trace = TraceParent::new(TraceId::INVALID, PARENT, TraceFlags::NONE);
    assert_eq!(zero_trace, Err(ZeroTraceId));
    let zero_parent = TraceParent::new(TRACE, SpanId::INVALID, TraceFlags::NONE);
    assert_eq!(zero_parent, Err(ZeroParentId));
}

#[test]
fn an_error_says_what_stands_where() {
    let error = TraceParent::parse(&"é".repeat(30)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "traceparent has 'é' at byte 0, expected a lower-case hex digit"
    );
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
        TraceParent::parse(&text).ok();
    }

    #[test]
    fn almost_headers_are_read_without_panic(
        head in "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.{0,9})?",
        at in 0..55_usize,
        other in any::<char>(),
    ) {
        let changed: String = head.chars().enumerate()
            .map(|(index, c)| if index == at { other } else { c })
            .collect();
        TraceParent::parse(&changed).ok();
    }

    #[test]
    fn what_is_written_is_read_back(trace in 1..u128::MAX, parent in 1..u64::MAX, bits: u8) {
        let (trace, parent) = (TraceId::from_u128(trace), SpanId::from_u64(parent));
        let written = TraceParent::new(trace, parent, TraceFlags::from_bits(bits)).unwrap();
        prop_assert_eq!(written.to_header().len(), 55);
        prop_assert_eq!(written.to_header().parse(), Ok(written));
    }
}
