use picante::InternId;

use super::*;
use crate::kind::Kind;

/// Interned values of one type of this module.
struct Letters;

impl Names for Letters {
    fn interned(&self, kind: QueryKindId, id: InternId) -> Option<String> {
        let path = concat!(module_path!(), "::Letter::keys");
        (kind == QueryKindId::from_str(path) && id.0 < 3)
            .then(|| "abc"[id.0 as usize..][..1].to_owned())
    }

    fn kind(&self, _: QueryKindId) -> Option<&'static Kind> {
        None
    }
}

#[derive(Clone, Copy, Facet)]
struct Letter(InternId);

#[derive(Facet)]
struct Place {
    letter: Letter,
    line: Option<u32>,
}

#[derive(Facet)]
#[repr(u8)]
#[expect(dead_code, reason = "read by reflection")]
enum Format {
    Html,
    Image { width: u32, name: String },
}

#[track_caller]
fn check<K: Facet<'static>>(key: K, expected: &str) {
    assert_eq!(text_of(Peek::new(&key), &Letters), expected);
}

#[test]
fn keys_are_what_a_person_would_call_them() {
    check((), "");
    check("a.md".to_owned(), "a.md");
    check(std::sync::Arc::<str>::from("a.md"), "a.md");
    check(7_u64, "7");
    check(("a.md".to_owned(), 7_u32), "a.md, 7");
    check((1_u8, (true, 'c')), "1, (true, c)");
    check(vec![1, 2, 3], "[1, 2, 3]");
    check(Some(1_u8), "1");
    check(None::<u8>, "none");
    check(Format::Html, "Html");
    check(
        Format::Image {
            width: 3,
            name: "x".to_owned(),
        },
        "Image(3, x)",
    );
}

#[test]
fn ids_are_what_they_stand_for() {
    check(Letter(InternId(1)), "b");
    check((Letter(InternId(0)), 2_u32), "a, 2");
    check(
        Place {
            letter: Letter(InternId(2)),
            line: None,
        },
        "letter: c, line: none",
    );
    check(Letter(InternId(9)), "#9");
}

#[test]
fn long_keys_are_cut_and_say_so() {
    let long = "é".repeat(TEXT_BYTES_MAX);
    let text = text_of(Peek::new(&long), &Letters);
    assert!(
        text.len() <= TEXT_BYTES_MAX && text.ends_with("é…"),
        "{text}"
    );
    check(
        (0..20).collect::<Vec<u32>>(),
        "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, …]",
    );
}
