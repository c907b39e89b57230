use proptest::prelude::*;

use super::{Kind, Mode, token};

fn words(text: &str, mode: Mode) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let token = token(text, at, mode);
        if token.kind == Kind::End {
            return found;
        }
        at = token.range.end;
        found.push(&text[token.range]);
    }
}

#[test]
fn a_term_ends_where_an_operator_begins_and_a_value_does_not() {
    let terms = words("a.b:c!=d&&e -f !g don't h! \"i \\\" j\"", Mode::Term);
    assert_eq!(
        terms,
        [
            "a.b",
            ":",
            "c",
            "!=",
            "d",
            "&&",
            "e",
            "-",
            "f",
            "!",
            "g",
            "don't",
            "h!",
            "\"i \\\" j\""
        ]
    );
    let values = words("2026-11-22T14:32,-5m|a=b(c)", Mode::Value);
    assert_eq!(
        values,
        ["2026-11-22T14:32", ",", "-5m", "|", "a=b", "(", "c", ")"]
    );
}

proptest! {
    #[test]
    fn tokens_cover_every_text_and_leave_out_white_space_only(text in any::<String>(), near in "[ a.:=!<>~&|()\",'é-]{0,16}") {
        for text in [text, near] {
            for mode in [Mode::Term, Mode::Value] {
                let joined: String = words(&text, mode).concat();
                let strip = |text: &str| text.split_whitespace().collect::<String>();
                prop_assert_eq!(strip(&joined), strip(&text));
            }
        }
    }
}
