//! stdout: lines with or without colour, or JSON.
//!
//! In: [`Line`]s, values to serialize. Out: text. Colour only on a terminal, and not where
//! `NO_COLOR` or `TERM=dumb` asks to do without. Bounded: one line or one value is held at a time.

pub(crate) mod ansi;
pub(crate) mod json_text;

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use hindsight_view::format::Zone;
use hindsight_view::{Glyphs, Line, Table};
use serde::Serialize;

use super::clock;
use super::error::CliError;
use super::settings::{Format, Settings, SettingsError};

/// Narrower is not to be believed.
const COLUMNS_MIN: usize = 20;
/// Wider is not to be believed.
const COLUMNS_MAX: usize = 10_000;

/// How to print, and where.
pub(crate) struct Output {
    out: BufWriter<Stdout>,
    /// `--format`.
    pub(crate) format: Format,
    /// `COLUMNS`, else the terminal's width; none where there is neither.
    pub(crate) width: Option<usize>,
    /// Characters that the terminal can show.
    pub(crate) glyphs: Glyphs,
    /// For times that people read.
    pub(crate) zone: Zone,
    color: bool,
}

impl Output {
    /// The process's stdout.
    pub(crate) fn to_stdout(settings: &Settings) -> Result<Self, SettingsError> {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let variable = |name: &str| std::env::var(name).ok();
        Ok(Self {
            format: settings.format()?,
            width: columns(&variable).or_else(|| terminal.then(terminal_width).flatten()),
            glyphs: glyphs(&variable),
            zone: clock::local_zone(),
            color: terminal && wants_color(&variable),
            out: BufWriter::new(stdout),
        })
    }

    /// Prints one line of text.
    pub(crate) fn line(&mut self, line: &Line) -> Result<(), CliError> {
        let text = match self.color {
            true => ansi::colored(line),
            false => line.to_plain(),
        };
        writeln!(self.out, "{text}").map_err(CliError::Output)
    }

    /// Prints a table, fitted to the terminal.
    pub(crate) fn table(&mut self, table: Table) -> Result<(), CliError> {
        let lines = table.lines(self.width);
        lines.iter().try_for_each(|line| self.line(line))
    }

    /// Prints a list as JSON: an array, or one element a line.
    pub(crate) fn json_list<T: Serialize>(&mut self, items: &[T]) -> Result<(), CliError> {
        match self.format {
            Format::JsonLines => items.iter().try_for_each(|item| self.json_line(item)),
            _ => self.json_pretty(&items),
        }
    }

    /// Prints one value as JSON.
    pub(crate) fn json<T: Serialize>(&mut self, value: &T) -> Result<(), CliError> {
        match self.format {
            Format::JsonLines => self.json_line(value),
            _ => self.json_pretty(value),
        }
    }

    /// Prints one value on one line.
    pub(crate) fn json_line<T: Serialize>(&mut self, value: &T) -> Result<(), CliError> {
        let text = json_text::compact(value).map_err(CliError::Output)?;
        writeln!(self.out, "{text}").map_err(CliError::Output)
    }

    fn json_pretty<T: Serialize>(&mut self, value: &T) -> Result<(), CliError> {
        let text = json_text::pretty(value).map_err(CliError::Output)?;
        writeln!(self.out, "{text}").map_err(CliError::Output)
    }

    /// Rows of the terminal; none where there is no terminal that takes commands.
    pub(crate) fn screen_rows(&self) -> Option<usize> {
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let (_, rows) = crossterm::terminal::size().ok()?;
        (io::stdout().is_terminal() && !dumb && rows > 0).then_some(rows.into())
    }

    /// Prints lines from the top of the terminal on, over what was there.
    pub(crate) fn screen(&mut self, lines: &[Line]) -> Result<(), CliError> {
        write!(self.out, "\x1b[H").map_err(CliError::Output)?;
        for line in lines {
            write!(self.out, "\x1b[K").map_err(CliError::Output)?;
            self.line(line)?;
        }
        write!(self.out, "\x1b[J").map_err(CliError::Output)
    }

    /// A remark that is not part of the answer: on stderr.
    pub(crate) fn remark(&mut self, text: &str) -> Result<(), CliError> {
        self.finish()?;
        let line = Line::new()
            .with(hindsight_view::Role::Plain, text)
            .to_plain();
        // Remarks may get lost where nobody reads stderr.
        writeln!(io::stderr(), "{line}").ok();
        Ok(())
    }

    /// Whether stdout is a pipe whose other end was closed.
    #[cfg(unix)]
    pub(crate) fn is_reader_gone(&self) -> bool {
        let mut stdout = libc::pollfd {
            fd: libc::STDOUT_FILENO,
            events: 0,
            revents: 0,
        };
        // SAFETY: the pointer is to one live `pollfd`, as the count says; a timeout of 0 returns at once.
        let ready = unsafe { libc::poll(&raw mut stdout, 1, 0) };
        ready > 0 && stdout.revents & (libc::POLLERR | libc::POLLNVAL) != 0
    }

    /// Known at the next write.
    #[cfg(not(unix))]
    pub(crate) fn is_reader_gone(&self) -> bool {
        false
    }

    /// Hands everything to the system.
    pub(crate) fn finish(&mut self) -> Result<(), CliError> {
        self.out.flush().map_err(CliError::Output)
    }
}

/// What `COLUMNS` says, where it says something sensible: shells keep it to themselves, so whoever
/// exports it means it.
fn columns(variable: &dyn Fn(&str) -> Option<String>) -> Option<usize> {
    let columns = variable("COLUMNS")?.parse().ok();
    columns.filter(|columns| (COLUMNS_MIN..=COLUMNS_MAX).contains(columns))
}

fn terminal_width() -> Option<usize> {
    let (columns, _rows) = crossterm::terminal::size().ok()?;
    // A width of 0 means that the terminal does not know.
    Some(columns.into()).filter(|columns| *columns >= COLUMNS_MIN)
}

/// <https://no-color.org>: set and not empty means no.
pub(crate) fn wants_color(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = variable("TERM").is_some_and(|term| term == "dumb");
    !refused && !dumb
}

/// ASCII only where the locale says so; an unset locale is no statement (containers).
fn glyphs(variable: &dyn Fn(&str) -> Option<String>) -> Glyphs {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    match locale.as_deref() {
        Some("C" | "POSIX") => Glyphs::ASCII,
        _ => Glyphs::UNICODE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_is_refused_by_no_color_and_by_dumb_terminals() {
        let with = |name: &'static str, value: &'static str| {
            wants_color(&|asked: &str| (asked == name).then(|| value.to_owned()))
        };
        assert!(with("TERM", "xterm-256color"));
        assert!(with("NO_COLOR", ""));
        assert!(!with("NO_COLOR", "1"));
        assert!(!with("TERM", "dumb"));
    }

    #[test]
    fn columns_are_taken_from_the_environment_if_they_are_sensible() {
        let with = |value: &'static str| columns(&|name| (name == "COLUMNS").then(|| value.into()));
        assert_eq!(with("80"), Some(80));
        assert_eq!(
            [with("0"), with(""), with("eighty"), with("9999999")],
            [None; 4]
        );
        assert_eq!(columns(&|_| None), None);
    }

    #[test]
    fn an_ascii_locale_gets_ascii() {
        let with = |name: &'static str, value: &'static str| {
            glyphs(&|asked: &str| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(with("LC_ALL", "C"), Glyphs::ASCII);
        assert_eq!(with("LANG", "C.UTF-8"), Glyphs::UNICODE);
        assert_eq!(with("OTHER", "C"), Glyphs::UNICODE);
    }
}
