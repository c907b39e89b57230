//! Optional columns while a batch is built: empty as long as every row has the default.

/// Adds the value of the row after `rows` rows. A column that is empty stays so while values are the
/// default; at the first other one the rows before get theirs.
#[inline]
pub(super) fn push_optional<T: Copy + Default + PartialEq>(
    column: &mut Vec<T>,
    rows: usize,
    value: T,
) {
    if column.len() == rows && rows > 0 {
        column.push(value);
    } else if value != T::default() {
        fill(column, rows, value);
    }
}

#[cold]
fn fill<T: Copy + Default>(column: &mut Vec<T>, rows: usize, value: T) {
    column.resize(rows, T::default());
    column.push(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_begins_with_its_first_value_that_is_not_the_default() {
        let check = |values: &[u8], expected: &[u8]| {
            let mut column = Vec::new();
            for (rows, value) in values.iter().enumerate() {
                push_optional(&mut column, rows, *value);
            }
            assert_eq!(column, expected, "{values:?}");
        };
        check(&[0, 0, 0], &[]);
        check(&[0, 0, 5], &[0, 0, 5]);
        check(&[5, 0, 7, 0], &[5, 0, 7, 0]);
    }
}
