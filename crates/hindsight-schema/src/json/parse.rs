//! Reading JSON (RFC 8259).

use std::sync::Arc;

use crate::DEPTH_MAX;
use crate::fit::whole_text;
use crate::value::{Number, Value};

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {column}")]
pub struct JsonError {
    /// What is wrong.
    pub problem: &'static str,
    /// Where, counted from 1.
    pub column: usize,
}

/// The value of a text: one value, and blanks around it. Objects become structs, in their order.
pub fn parse(text: &str) -> Result<Value, JsonError> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    parser.blanks();
    match parser.at == text.len() {
        true => Ok(value),
        false => Err(parser.wrong("there is more than one value")),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn wrong(&self, problem: &'static str) -> JsonError {
        JsonError {
            problem,
            column: self.text[..self.at].chars().count() + 1,
        }
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        let blank = |c| matches!(c, ' ' | '\t' | '\n' | '\r');
        self.at += rest.len() - rest.trim_start_matches(blank).len();
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word);
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.blanks();
        if depth > DEPTH_MAX {
            return Err(self.wrong("nested too deep"));
        }
        match self.rest().bytes().next() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.takes("null") => Ok(Value::Null),
            _ if self.takes("true") => Ok(Value::Bool(true)),
            _ if self.takes("false") => Ok(Value::Bool(false)),
            None => Err(self.wrong("a value is missing")),
            Some(_) => Err(self.wrong("this is no value of JSON (texts are written in quotes)")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut fields: Vec<(Arc<str>, Value)> = Vec::new();
        self.blanks();
        if self.takes("}") {
            return Ok(Value::Struct(fields));
        }
        loop {
            self.blanks();
            if !self.rest().starts_with('"') {
                return Err(self.wrong("a name in quotes is missing"));
            }
            let name = self.string()?;
            self.blanks();
            if !self.takes(":") {
                return Err(self.wrong("a colon is missing"));
            }
            fields.push((name.into(), self.value(depth + 1)?));
            self.blanks();
            match (self.takes(","), self.takes("}")) {
                (true, _) => {}
                (false, true) => return Ok(Value::Struct(fields)),
                (false, false) => return Err(self.wrong("a comma or brace is missing")),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut list = Vec::new();
        self.blanks();
        if self.takes("]") {
            return Ok(Value::List(list));
        }
        loop {
            list.push(self.value(depth + 1)?);
            self.blanks();
            match (self.takes(","), self.takes("]")) {
                (true, _) => {}
                (false, true) => return Ok(Value::List(list)),
                (false, false) => return Err(self.wrong("a comma or bracket is missing")),
            }
        }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let rest = self.rest();
        let is_of_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        let end = rest.find(|c| !is_of_number(c)).unwrap_or(rest.len());
        let written = &rest[..end];
        let digits = written.trim_start_matches('-');
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let has_zero_first = digits.strip_prefix('0').is_some_and(is_digit);
        let point = digits.split_once('.');
        let has_end = point.is_none_or(|(before, after)| is_digit(before) && is_digit(after));
        let whole = is_whole.then(|| whole_text(written)).flatten();
        let float = || written.parse().ok().filter(|float: &f64| float.is_finite());
        let number = whole.or_else(|| float().map(Number::Float));
        match number.filter(|_| !has_zero_first && has_end) {
            Some(number) => {
                self.at += end;
                Ok(Value::Number(number))
            }
            None => Err(self.wrong("this is no number")),
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(['"', '\\']).unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.rest().bytes().next() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(_) => text.push(self.escaped()?),
                None => return Err(self.wrong("a quote is missing")),
            }
        }
    }

    /// What `\n` or `\u00e9` stands for.
    fn escaped(&mut self) -> Result<char, JsonError> {
        let wrong = self.wrong("this escape is not known");
        let sign = self.rest().chars().nth(1).ok_or(wrong.clone())?;
        self.at += 1 + sign.len_utf8();
        Ok(match sign {
            '"' | '\\' | '/' => sign,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.unit().ok_or(wrong.clone())?;
                let is_pair = (0xd800..0xdc00).contains(&high) && self.takes("\\u");
                let point = match is_pair {
                    true => {
                        let low = self.unit().ok_or(wrong.clone())?;
                        let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400);
                        0x10000 + ((high - 0xd800) << 10) + low.ok_or(wrong.clone())?
                    }
                    false => high,
                };
                char::from_u32(point).ok_or(wrong)?
            }
            _ => return Err(wrong),
        })
    }

    /// Four hex digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.at += 4;
        u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)
    }
}
