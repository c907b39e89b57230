use super::*;

fn problem(text: &str, start: u32, end: u32) -> Problem {
    let problem = QueryProblem {
        start,
        end,
        message: "unknown".into(),
        suggestion: String::new(),
    };
    Problem::new(text, &problem)
}

#[test]
fn the_mark_stands_below_the_place_in_characters() {
    let found = problem("né:x foo", 6, 9);
    assert_eq!(found.line, "né:x foo");
    assert_eq!(found.mark, "     ^^^");
    assert_eq!(found.message, "column 6: unknown");
}

#[test]
fn of_a_long_line_the_part_around_the_place_is_shown() {
    let text = format!("{}WRONG{}", "a".repeat(300), "b".repeat(300));
    let found = problem(&text, 300, 305);
    assert_eq!(found.line.chars().count(), SHOWN_MAX);
    assert_eq!(found.line.find("WRONG"), found.mark.find('^'));
}

#[test]
fn positions_that_make_no_sense_mean_the_end_and_control_characters_are_hidden() {
    for (start, end) in [(900, 2), (u32::MAX, u32::MAX), (2, 1)] {
        let found = problem("é\u{1b}\n", start, end);
        assert_eq!(found.line, "é· ");
        assert!(
            found.mark.ends_with('^') && found.mark.len() <= 4,
            "{found:?}"
        );
    }
    assert_eq!(problem("", 0, 0).mark, "^");
}
