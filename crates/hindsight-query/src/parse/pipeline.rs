//! What follows the first `|`: aggregates with `by` and `over`, `sort`, `limit`.

use std::ops::Range;

use super::{Expect, Parser};
use crate::diagnostic::{Diagnostic, nearest};
use crate::highlight::Class;
use crate::lexer::{Kind, Mode, Token};
use crate::value::duration;
use crate::{Aggregate, Direction, Field, FieldType, Function, Pipeline, Sort, SortKey};

/// Where the clauses stand, for what can only be said of the whole.
#[derive(Default)]
struct Places {
    aggregates: Option<Range<usize>>,
    by: Option<Range<usize>>,
    over: Option<Range<usize>>,
    sort: Option<Range<usize>>,
    limit: Option<Range<usize>>,
}

impl Parser<'_> {
    pub(super) fn pipeline(&mut self) -> Option<Pipeline> {
        let mut pipeline = Pipeline::default();
        let mut places = Places::default();
        let mut any = false;
        while self.eat(Kind::Pipe).is_some() {
            any = true;
            self.stage(&mut pipeline, &mut places);
        }
        if any {
            self.check_pipeline(&pipeline, &places);
        }
        any.then_some(pipeline)
    }

    /// Everything up to the next `|`.
    fn stage(&mut self, pipeline: &mut Pipeline, places: &mut Places) {
        let mut first = true;
        loop {
            let token = self.peek(Mode::Term);
            match first {
                true => self.expect(&token, || Expect::Stage),
                false => self.expect(&token, || Expect::Clause),
            }
            match token.kind {
                Kind::Pipe | Kind::End if first => {
                    let error = Diagnostic::error(token.range, "expected a stage behind `|`");
                    self.report(error.help("such as `count() by service`, `p99(duration)`, `sort duration desc` or `limit 10`"));
                    return;
                }
                Kind::Pipe | Kind::End => return,
                Kind::Word => self.clause(&token, pipeline, places),
                _ => {
                    let range = self.bump(&token, Class::Punctuation);
                    self.report(Diagnostic::error(
                        range,
                        "expected a function, `by`, `over`, `sort` or `limit`",
                    ));
                }
            }
            first = false;
        }
    }

    fn clause(&mut self, token: &Token, pipeline: &mut Pipeline, places: &mut Places) {
        let word = self.slice(token).to_ascii_lowercase();
        let place = match word.as_str() {
            "by" => &mut places.by,
            "over" => &mut places.over,
            "sort" => &mut places.sort,
            "limit" => &mut places.limit,
            _ => &mut places.aggregates,
        };
        let again = place.replace(token.range.clone()).is_some();
        match word.as_str() {
            "by" => {
                self.bump(token, Class::Keyword);
                pipeline.by = self.group_fields();
            }
            "over" => {
                self.bump(token, Class::Keyword);
                pipeline.over_ns = self.width();
            }
            "sort" => {
                self.bump(token, Class::Keyword);
                pipeline.sort = self.sort();
            }
            "limit" => {
                self.bump(token, Class::Keyword);
                pipeline.limit = self.limit();
            }
            _ => pipeline.aggregates = self.aggregates(),
        }
        if again {
            let message = match word.as_str() {
                "by" | "over" | "sort" | "limit" => format!("`{word}` stands here a second time"),
                _ => "all functions stand together, separated by commas".to_owned(),
            };
            self.report(Diagnostic::error(token.range.clone(), message));
        }
    }

    fn aggregates(&mut self) -> Vec<Aggregate> {
        let mut aggregates = Vec::new();
        loop {
            let start = self.peek(Mode::Term).range.start;
            aggregates.extend(self.aggregate());
            if aggregates.len() > self.limits.aggregates_max {
                let message = format!("at most {} functions", self.limits.aggregates_max);
                self.report(Diagnostic::error(start..self.at, message));
                self.give_up();
            }
            if self.eat(Kind::Comma).is_none() {
                return aggregates;
            }
        }
    }

    /// Consumes a token at least, unless it stands at the end of the stage.
    fn aggregate(&mut self) -> Option<Aggregate> {
        let token = self.peek(Mode::Term);
        self.expect(&token, || Expect::Stage);
        if token.kind != Kind::Word {
            self.report(Diagnostic::error(
                token.range,
                "expected a function, such as `count()`",
            ));
            return None;
        }
        let name = self.slice(&token);
        let function = Function::named(name);
        if function.is_none() {
            self.report(unknown_stage(name, &token.range));
        }
        self.bump(&token, Class::Function);
        let Some(open) = self.eat(Kind::Open) else {
            if let Some(function) = function {
                self.report(missing_arguments(function, token.range));
            }
            return None;
        };
        let field = self.argument(function);
        self.close(open);
        let function = function?;
        match (function.takes_field(), field) {
            (true, Some((field, range))) => {
                self.check_number(function, &field, range);
                let field = Some(field);
                Some(Aggregate { function, field })
            }
            (true, None) => {
                self.report(missing_arguments(function, token.range));
                None
            }
            (false, None) => Some(Aggregate {
                function,
                field: None,
            }),
            (false, Some((_, range))) => {
                let message = format!("`{name}` takes no field");
                let error = Diagnostic::error(range, message);
                self.report(match function {
                    Function::Count => {
                        error.help("filter by `exists(...)` to count the spans that have it")
                    }
                    _ => error.help(format!("write `{name}()`")),
                });
                None
            }
        }
    }

    fn argument(&mut self, function: Option<Function>) -> Option<(Field, Range<usize>)> {
        let next = self.peek(Mode::Term);
        if next.kind == Kind::Close {
            return None;
        }
        self.pipeline_field(Expect::AggregateField(function.unwrap_or(Function::Max)))
    }

    fn check_number(&mut self, function: Function, field: &Field, range: Range<usize>) {
        let kind = field.field_type();
        let is_number = matches!(
            kind,
            FieldType::Count | FieldType::Duration | FieldType::Any
        );
        let problem = if let Some(each) = field.each() {
            format!(
                "`{field}` has a value for each {each}; `{}` needs one a span",
                function.as_str()
            )
        } else if !is_number {
            format!(
                "`{field}` is {}; `{}` needs numbers",
                kind.describe(),
                function.as_str()
            )
        } else {
            return;
        };
        self.report(Diagnostic::error(range, problem));
    }

    fn group_fields(&mut self) -> Vec<Field> {
        let mut fields = Vec::new();
        loop {
            let Some((field, range)) = self.pipeline_field(Expect::GroupField) else {
                return fields;
            };
            let kind = field.field_type();
            if let Some(each) = field.each() {
                let message =
                    format!("`{field}` has a value for each {each}; groups need one a span");
                self.report(Diagnostic::error(range.clone(), message));
            } else if matches!(kind, FieldType::Duration | FieldType::Time) {
                let message = format!("groups by {} would have a span each", kind.describe());
                let error = Diagnostic::error(range.clone(), message);
                self.report(match kind {
                    FieldType::Time => error.help("time is divided by `over 1m`"),
                    _ => error.help("durations are divided by `heatmap()`"),
                });
            }
            if fields.len() >= self.limits.group_fields_max {
                let message = format!(
                    "at most {} fields behind `by`",
                    self.limits.group_fields_max
                );
                self.report(Diagnostic::error(range, message));
            } else if !fields.contains(&field) {
                fields.push(field);
            }
            if self.eat(Kind::Comma).is_none() {
                return fields;
            }
        }
    }

    /// A word in value mode, the next token's range otherwise.
    fn word_value(&mut self) -> Result<(&str, Range<usize>), Range<usize>> {
        let token = self.peek(Mode::Value);
        if token.kind != Kind::Word {
            return Err(token.range);
        }
        let range = self.bump(&token, Class::Number);
        Ok((&self.text[range.clone()], range))
    }

    fn width(&mut self) -> Option<u64> {
        let token = self.peek(Mode::Value);
        self.expect(&token, || Expect::Width);
        let (problem, range) = match self.word_value() {
            Ok((word, range)) => match duration::parse(word) {
                Ok(ns @ 1..) => return Some(ns),
                Ok(_) => ("time buckets have some width".to_owned(), range),
                Err(error) => (format!("`{word}` is not a duration: {error}"), range),
            },
            Err(range) => ("expected a duration behind `over`".to_owned(), range),
        };
        self.report(Diagnostic::error(range, problem).help("write `over 1m`"));
        None
    }

    fn limit(&mut self) -> Option<u32> {
        let most = self.limits.result_rows_max;
        let range = match self.word_value() {
            Ok((word, range)) => match word.parse::<u32>() {
                Ok(limit) if (1..=most).contains(&limit) => return Some(limit),
                _ => range,
            },
            Err(range) => range,
        };
        let message = format!("`limit` needs a whole number from 1 to {most}");
        self.report(Diagnostic::error(range, message));
        None
    }

    fn sort(&mut self) -> Option<Sort> {
        self.eat_word("by");
        let token = self.peek(Mode::Term);
        let behind = crate::lexer::token(self.text, token.range.end, Mode::Term);
        let key = match token.kind == Kind::Word && behind.kind == Kind::Open {
            true => {
                self.expect(&token, || Expect::SortKey);
                SortKey::Aggregate(self.aggregate()?)
            }
            false => {
                let (field, range) = self.pipeline_field(Expect::SortKey)?;
                if let Some(each) = field.each() {
                    let message =
                        format!("`{field}` has a value for each {each} and gives no order");
                    self.report(Diagnostic::error(range, message));
                }
                SortKey::Field(field)
            }
        };
        let direction = if self.eat_word("asc").is_some() {
            Direction::Ascending
        } else {
            self.eat_word("desc");
            Direction::Descending
        };
        Some(Sort { key, direction })
    }

    /// What only the whole pipeline shows.
    fn check_pipeline(&mut self, pipeline: &Pipeline, places: &Places) {
        let alone = places.aggregates.is_none();
        for (name, place) in [("by", &places.by), ("over", &places.over)] {
            if let (true, Some(range)) = (alone, place) {
                let error = Diagnostic::error(
                    range.clone(),
                    format!("`{name}` divides what functions count"),
                );
                self.report(
                    error.help(format!("write a function before it: `count() {name} ...`")),
                );
            }
        }
        let aggregates = &pipeline.aggregates;
        let heatmap = aggregates.iter().any(|a| a.function == Function::Heatmap);
        if let (true, Some(range)) = (heatmap, &places.aggregates) {
            let others = aggregates.len() > 1
                || places.by.is_some()
                || places.sort.is_some()
                || places.limit.is_some();
            if others {
                let message = "`heatmap()` stands alone, with nothing but `over`";
                self.report(Diagnostic::error(range.clone(), message));
            }
        }
        let (Some(sort), Some(range)) = (&pipeline.sort, &places.sort) else {
            return;
        };
        let found = match &sort.key {
            SortKey::Aggregate(aggregate) => aggregates.contains(aggregate),
            SortKey::Field(field) => alone || pipeline.by.contains(field),
        };
        // With errors in the functions it cannot be told what was meant.
        if !found && !self.has_errors {
            let error = Diagnostic::error(range.clone(), "rows are sorted by one of their columns");
            let columns: Vec<String> = aggregates
                .iter()
                .map(|aggregate| format!("`{aggregate}`"))
                .chain(pipeline.by.iter().map(|field| format!("`{field}`")))
                .collect();
            self.report(match columns.is_empty() {
                true => {
                    error.help("without functions before it, `sort` takes a field: `sort duration`")
                }
                false => error.help(format!("there are {}", columns.join(", "))),
            });
        }
    }
}

fn missing_arguments(function: Function, range: Range<usize>) -> Diagnostic {
    let name = function.as_str();
    let example = match function.takes_field() {
        true => format!("{name}(duration)"),
        false => format!("{name}()"),
    };
    let message = match function.takes_field() {
        true => format!("`{name}` needs a field in parentheses"),
        false => format!("`{name}` needs parentheses"),
    };
    Diagnostic::error(range, message).help(format!("write `{example}`"))
}

fn unknown_stage(name: &str, range: &Range<usize>) -> Diagnostic {
    let error = Diagnostic::error(range.clone(), format!("there is no function `{name}`"));
    let known = Function::ALL.iter().map(|function| function.as_str());
    let all = known.chain(crate::syntax::CLAUSES);
    match nearest(name, all) {
        Some(near) => error.or_rather(near),
        None => error.help("there are count, rate, avg, min, max, sum, p50, p75, p90, p95, p99, p999, heatmap, and the words by, over, sort, limit; in the filter `|` stands for nothing, `or` for either"),
    }
}
