//! Config files: TOML, one key a setting, no sections.
//!
//! In: a path. Out: the texts of its keys with their lines. An unknown key is an error, because a
//! misspelt one would be ignored otherwise. Bounded: files of at most [`FILE_BYTES_MAX`].

use std::io::Read;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Key, SettingsError, Source, Value};

/// Larger files are not meant for us.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What one file says.
#[derive(Clone, Debug)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    values: Vec<(Key, String, usize)>,
}

impl ConfigFile {
    /// Reads the file; none if there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, SettingsError> {
        let opened = match std::fs::File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened,
        };
        let mut text = String::new();
        let read = opened.and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text));
        match read {
            Ok(_) => Self::parse(path, &text).map(Some),
            Err(error) => Err(at(path, None, format!("cannot read it: {error}"))),
        }
    }

    /// Reads the text of the file `path`.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map(|span| line_of(text, span.start));
            at(path, line, error.message().to_owned())
        })?;
        let mut values = Vec::new();
        for (name, value) in table.get_ref().iter() {
            let line = line_of(text, name.span().start);
            let fault = |why| at(path, Some(line), why);
            if value.get_ref().is_table() {
                let why = format!(
                    "there are no sections: write the keys without [{}]",
                    name.get_ref()
                );
                return Err(fault(why));
            }
            let key = Key::of_name(name.get_ref()).ok_or_else(|| fault(unknown(name.get_ref())))?;
            let value = text_of(key, value).map_err(fault)?;
            values.push((key, value, line));
        }
        Ok(Self {
            path: path.to_owned(),
            values,
        })
    }

    /// What the file says about `key`.
    pub(super) fn value(&self, key: Key) -> Option<Value> {
        let (_, text, line) = self.values.iter().find(|(given, ..)| *given == key)?;
        Some(Value {
            text: text.clone(),
            source: Source::File {
                path: self.path.clone(),
                line: *line,
            },
        })
    }
}

fn at(path: &Path, line: Option<usize>, why: String) -> SettingsError {
    SettingsError::File {
        path: path.to_owned(),
        line,
        why,
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

fn unknown(name: &str) -> String {
    let dashed = name.replace('_', "-");
    if let Some(key) = Key::of_name(&dashed) {
        return format!("unknown setting {name:?}: it is written {:?}", key.name());
    }
    if matches!(name, "token") {
        return "a token does not belong into this file: name a file with \"token-file\", or set \
                HINDSIGHT_TOKEN"
            .into();
    }
    let names: Vec<_> = Key::ALL.iter().map(|key| key.name()).collect();
    format!("unknown setting {name:?}: there are {}", names.join(", "))
}

/// The value as it would stand in a flag.
fn text_of(key: Key, value: &Spanned<DeValue<'_>>) -> Result<String, String> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Integer(number) => Ok(number.to_string()),
        DeValue::Boolean(false) if matches!(key, Key::Socket | Key::TcpPort) => Ok("off".into()),
        DeValue::Array(items) if key == Key::AllowHost => {
            let texts: Option<Vec<_>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            let joined = texts.map(|texts| texts.join(","));
            joined.ok_or_else(|| format!("{} must be a list of texts", key.name()))
        }
        other => {
            let kind = other.type_str();
            Err(format!(
                "{} must be a text or a number, not a {kind}",
                key.name()
            ))
        }
    }
}
