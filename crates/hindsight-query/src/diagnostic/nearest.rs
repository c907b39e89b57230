//! The known word that is most like an unknown one.

/// Words longer than this are not compared.
const LENGTH_MAX: usize = 32;

/// The candidate with the fewest edits (characters inserted, left out, changed, or swapped with
/// their neighbour), if these are few for the word's length: one up to four characters, two above.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let edits_max = if word.len() <= 4 { 1 } else { 2 };
    if !(2..=LENGTH_MAX).contains(&word.len()) {
        return None;
    }
    let scored = candidates
        .into_iter()
        .map(|candidate| (edits(&word, candidate), candidate));
    scored
        .filter(|(edits, _)| (1..=edits_max).contains(edits))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance.
fn edits(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().take(LENGTH_MAX).collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        rows[i][0] = i;
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn few_edits_are_a_slip_and_many_are_another_word() {
        let fields = ["duration", "status", "name", "kind"];
        for (word, expected) in [
            ("duraton", Some("duration")),
            ("durration", Some("duration")),
            ("statsu", Some("status")),
            ("nmae", Some("name")),
            ("NAMES", Some("name")),
            ("route", None),
            ("db", None),
            ("name", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, fields), expected, "{word}");
        }
    }
}
