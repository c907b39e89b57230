//! How tables fit.

use super::*;

fn table() -> Table {
    let mut table = Table::new(vec![
        Column::left("NAME").shrinking_to(6),
        Column::right("SPANS"),
        Column::left("SERVICES").shrinking_to(8),
    ]);
    for (name, spans, services) in [
        ("handle_request", "12", "web, calc"),
        ("测试", "1,234", "a rather long list of services"),
    ] {
        table.push(vec![
            cell(Role::Strong, name, 40),
            cell(Role::Plain, spans, 40),
            cell(Role::Plain, services, 40),
        ]);
    }
    table
}

fn text(width: Option<usize>) -> String {
    let lines = table().lines(width);
    let plain: Vec<_> = lines.iter().map(Line::to_plain).collect();
    plain.join("\n")
}

#[test]
fn columns_are_as_wide_as_their_cells() {
    insta::assert_snapshot!(text(None), @r"
    NAME            SPANS  SERVICES
    handle_request     12  web, calc
    测试            1,234  a rather long list of services
    ");
}

#[test]
fn the_widest_columns_shrink_first() {
    insta::assert_snapshot!(text(Some(40)), @r"
    NAME            SPANS  SERVICES
    handle_request     12  web, calc
    测试            1,234  a rather long li…
    ");
    insta::assert_snapshot!(text(Some(24)), @r"
    NAME     SPANS  SERVICES
    handle…     12  web, ca…
    测试     1,234  a rathe…
    ");
}

#[test]
fn a_table_narrower_than_its_columns_is_cut_at_the_right() {
    assert!(
        table()
            .lines(Some(10))
            .iter()
            .all(|line| line.width() <= 10)
    );
}

#[test]
fn columns_that_yield_are_left_out_where_shrinking_is_not_enough() {
    let mut table = Table::new(vec![
        Column::left("NAME").shrinking_to(4),
        Column::right("COUNT"),
        Column::right("MIN").yielding(),
        Column::right("MAX").yielding(),
    ]);
    let cells = ["a long name", "12,345", "1.00 ms", "2.00 ms"];
    table.push(cells.map(|text| cell(Role::Plain, text, 40)).into());
    let text = |width| {
        let lines = table.clone().lines(Some(width));
        let plain: Vec<_> = lines.iter().map(Line::to_plain).collect();
        plain.join("\n")
    };
    insta::assert_snapshot!(format!("{}\n{}\n{}", text(40), text(30), text(20)), @r"
    NAME          COUNT      MIN      MAX
    a long name  12,345  1.00 ms  2.00 ms
    NAME   COUNT      MIN      MAX
    a l…  12,345  1.00 ms  2.00 ms
    NAME          COUNT
    a long name  12,345
    ");
}
