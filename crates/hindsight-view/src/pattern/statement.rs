//! Statements without their literals.
//!
//! In: a query, a path, a method. Out: its template and the literals, each with the word before it.
//! Holds: statements that differ in literals alone have one template. Bounded: [`TEXT_MAX`] bytes
//! are read and [`LITERALS_MAX`] literals kept.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Bytes of a statement that are looked at.
const TEXT_MAX: usize = 4096;
/// Literals of a statement that are compared.
const LITERALS_MAX: usize = 32;

/// Words before a literal that moves a window over one result instead of naming an item.
const PAGING: [&str; 14] = [
    "after",
    "before",
    "continuation",
    "cursor",
    "fetch",
    "limit",
    "nexttoken",
    "offset",
    "page",
    "page_token",
    "pagetoken",
    "since",
    "skip",
    "until",
];

/// A literal of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) value: u64,
    /// It moves a window over one result.
    pub(super) is_paging: bool,
}

/// A statement taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement {
    /// With `?` for literals and placeholders, blanks as one blank.
    pub(super) template: String,
    pub(super) literals: Vec<Literal>,
    /// It names many items at once.
    pub(super) is_batch: bool,
}

impl Statement {
    pub(super) fn of(text: &str) -> Self {
        let mut reader = Reader::default();
        for token in Tokens(cut(text)) {
            reader.read(token);
        }
        let mut statement = reader.statement;
        statement.is_batch = is_batch(&statement.template.to_ascii_lowercase());
        statement
    }
}

/// At most [`TEXT_MAX`] bytes, whole characters.
fn cut(text: &str) -> &str {
    match text.char_indices().find(|(at, _)| *at >= TEXT_MAX) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

/// A list of items, or several rows of values. Lists of literals are `?+` by now.
fn is_batch(lower: &str) -> bool {
    let rows = lower.split_once("values").map(|(_, rows)| rows);
    let many_rows = |rows: &str| rows.contains("),(") || rows.contains("), (");
    let lists = ["in (?+", "in(?+", "any(?", "any (?"];
    lists.iter().any(|list| lower.contains(list)) || rows.is_some_and(many_rows)
}

/// A piece of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Blank,
    Literal(&'a str),
    /// `?`, `$1`, `:name`: a literal that is not shown.
    Placeholder,
    Word(&'a str),
    Other(char),
}

struct Tokens<'a>(&'a str);

impl<'a> Tokens<'a> {
    /// Takes the longest beginning whose characters are all `wanted`, at least `least` bytes.
    fn take(&mut self, least: usize, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.0[least..].find(|c| !wanted(c));
        let end = end.map_or(self.0.len(), |end| end + least);
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    /// A text in single quotes, doubled quotes within it included.
    fn quoted(&mut self) -> &'a str {
        let mut end = 1;
        let bytes = self.0.as_bytes();
        while end < bytes.len() {
            match (bytes[end], bytes.get(end + 1)) {
                (b'\'', Some(b'\'')) => end += 2,
                (b'\'', _) => {
                    end += 1;
                    break;
                }
                _ => end += 1,
            }
        }
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = self.0.chars().next()?;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let token = match first {
            c if c.is_whitespace() => {
                self.take(first.len_utf8(), char::is_whitespace);
                Token::Blank
            }
            '\'' => Token::Literal(self.quoted()),
            '?' if !self.0[1..].starts_with(is_word) => {
                self.take(1, |_| false);
                Token::Placeholder
            }
            '$' | ':' if self.0[1..].starts_with(is_word) => {
                self.take(1, is_word);
                Token::Placeholder
            }
            c if is_word(c) => {
                let word = self.take(first.len_utf8(), |c| is_word(c) || c == '-');
                match is_literal(word) {
                    true => Token::Literal(word),
                    false => Token::Word(word),
                }
            }
            c => {
                self.take(c.len_utf8(), |_| false);
                Token::Other(c)
            }
        };
        Some(token)
    }
}

/// Numbers and ids: it begins with a digit, or is long and all hexadecimal with a digit in it.
fn is_literal(word: &str) -> bool {
    let is_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    word.starts_with(|c: char| c.is_ascii_digit())
        || (word.len() >= 8 && has_digit && word.chars().all(is_id))
}

#[derive(Default)]
struct Reader {
    statement: Statement,
    /// The last word, for what a literal is.
    word: String,
    after_comparison: bool,
}

impl Reader {
    fn read(&mut self, token: Token<'_>) {
        match token {
            Token::Blank => {
                if !self.statement.template.ends_with(' ') {
                    self.statement.template.push(' ');
                }
            }
            Token::Literal(text) => {
                self.literal(text);
                self.parameter();
            }
            Token::Placeholder => self.parameter(),
            Token::Word(word) => {
                self.word = word.to_ascii_lowercase();
                self.after_comparison = false;
                self.statement.template.push_str(word);
            }
            Token::Other(c) => {
                self.after_comparison =
                    matches!(c, '<' | '>') || (self.after_comparison && c == '=');
                self.statement.template.push(c);
            }
        }
    }

    fn literal(&mut self, text: &str) {
        let literals = &mut self.statement.literals;
        if literals.len() == LITERALS_MAX {
            return;
        }
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        literals.push(Literal {
            value: hasher.finish(),
            // `id > 100` pages by the last key that was seen; an item is named with `=`.
            is_paging: self.after_comparison || PAGING.contains(&self.word.as_str()),
        });
    }

    /// `?`, or with a list before it `?+`.
    fn parameter(&mut self) {
        self.after_comparison = false;
        let template = &mut self.statement.template;
        let list = template.trim_end().strip_suffix(',');
        let list = list.map(|list| list.trim_end().len());
        match list {
            Some(end) if template[..end].ends_with('?') => {
                template.truncate(end);
                template.push('+');
            }
            Some(end) if template[..end].ends_with("?+") => template.truncate(end),
            _ => template.push('?'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, template: &str) -> Statement {
        let statement = Statement::of(text);
        assert_eq!(statement.template, template);
        statement
    }

    #[test]
    fn literals_and_placeholders_are_stripped() {
        let by_id = check(
            "SELECT  *\nFROM users WHERE id = 42",
            "SELECT * FROM users WHERE id = ?",
        );
        assert_eq!(by_id.literals.len(), 1);
        let hidden = check(
            "SELECT * FROM users WHERE id = $1",
            "SELECT * FROM users WHERE id = ?",
        );
        assert!(hidden.literals.is_empty());
        check("name = 'it''s' AND x=1.5", "name = ? AND x=?.?");
        check("GET /users/42/orders/9f8e7d6c5b", "GET /users/?/orders/?");
        check("a = :name AND b = ?", "a = ? AND b = ?");
        check(
            "SELECT t1.x, \"Users\" FROM t1",
            "SELECT t1.x, \"Users\" FROM t1",
        );
        check("x = 'not closed", "x = ?");
        check("/a?b=1", "/a?b=?");
        check("naïve 测试 = '测'", "naïve 测试 = ?");
    }

    #[test]
    fn statements_on_many_items_are_batches() {
        let list = check(
            "SELECT * FROM t WHERE id IN (1, 2,3)",
            "SELECT * FROM t WHERE id IN (?+)",
        );
        assert!(list.is_batch);
        assert!(!Statement::of("SELECT * FROM t WHERE id IN (1)").is_batch);
        assert!(Statement::of("SELECT * FROM t WHERE id = ANY($1)").is_batch);
        assert!(Statement::of("INSERT INTO t VALUES (1, 'a'), (2, 'b')").is_batch);
        assert!(!Statement::of("INSERT INTO t (a, b) VALUES (1, 'a')").is_batch);
    }

    #[test]
    fn literals_that_page_are_told_from_those_that_name_an_item() {
        let paging = |text: &str| {
            let statement = Statement::of(text);
            statement
                .literals
                .iter()
                .map(|l| l.is_paging)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            paging("SELECT * FROM t WHERE a = 1 LIMIT 50 OFFSET 100"),
            [false, true, true]
        );
        assert_eq!(paging("/items/7?page=3&size=20"), [false, true, false]);
        assert_eq!(
            paging("SELECT * FROM t WHERE id > 100 ORDER BY id LIMIT 50"),
            [true, true]
        );
        assert_eq!(
            paging("SELECT * FROM t WHERE at >= '2026' AND b = 'x'"),
            [true, false]
        );
    }

    #[test]
    fn a_long_statement_is_read_up_to_a_length() {
        let long = format!("SELECT {}é", "x".repeat(TEXT_MAX));
        assert!(Statement::of(&long).template.len() <= TEXT_MAX);
        let many = "x = 1 AND ".repeat(1000);
        assert_eq!(Statement::of(&many).literals.len(), LITERALS_MAX);
    }
}
