//! Regular expressions: syntax with a position, and bounded size.

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::Span;

use crate::Limits;
use crate::diagnostic::Diagnostic;
use crate::literal::Literal;

/// Groups and repetitions within each other.
const NESTING_MAX: u32 = 32;

/// The compiled expression; the error's text is for a person.
pub(crate) fn build(source: &str, limits: &Limits) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source)
        .nest_limit(NESTING_MAX)
        .size_limit(limits.regex_compiled_bytes_max)
        .dfa_size_limit(limits.regex_compiled_bytes_max)
        .build()
}

/// Whether the literal is a regular expression within the limits.
pub(crate) fn check(literal: &Literal<'_>, limits: &Limits) -> Result<(), Diagnostic> {
    let source = literal.text();
    let whole = |message: String| Diagnostic::error(literal.range.clone(), message);
    if source.len() > limits.regex_source_bytes_max {
        return Err(whole(format!(
            "regular expressions have at most {} bytes, this one has {}",
            limits.regex_source_bytes_max,
            source.len()
        )));
    }
    if let Err((span, message)) = parse(&source) {
        let start = literal.source_offset(span.start.offset);
        let end = literal.source_offset(span.end.offset).max(start);
        let message = format!("not a regular expression: {message}");
        return Err(Diagnostic::error(start..end, message));
    }
    match build(&source, limits) {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(bytes)) => Err(whole(format!(
            "the regular expression is too large: compiled it has more than {bytes} bytes"
        ))
        .help("counted repetitions such as `{1000}` are what makes it large")),
        Err(error) => Err(whole(format!("not a regular expression: {error}"))),
    }
}

fn parse(source: &str) -> Result<(), (Span, String)> {
    let parsed = regex_syntax::ParserBuilder::new()
        .nest_limit(NESTING_MAX)
        .build()
        .parse(source);
    match parsed {
        Ok(_) => Ok(()),
        Err(regex_syntax::Error::Parse(error)) => Err((*error.span(), error.kind().to_string())),
        Err(regex_syntax::Error::Translate(error)) => {
            Err((*error.span(), error.kind().to_string()))
        }
        Err(error) => Err((
            Span::splat(regex_syntax::ast::Position::new(0, 1, 1)),
            error.to_string(),
        )),
    }
}
