//! One table of settings for the hub and its clients, each value with its origin.
//!
//! In: flags, the environment, `./hindsight.toml`, `$XDG_CONFIG_HOME/hindsight/config.toml`. Out:
//! [`Settings`]: for every key the text that counts and where it stands. The first of flag,
//! environment, project file, user file and default wins. What is wrong with a value is reported
//! with that place.

mod file;
mod key;
mod typed;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use super::arguments::Flags;

pub(crate) use file::ConfigFile;
pub(crate) use key::Key;
pub(crate) use typed::{Format, TcpPort};

/// The project's file, looked for in the current directory.
const PROJECT_FILE: &str = "hindsight.toml";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A flag of this command.
    Flag(&'static str),
    /// A variable.
    Environment(&'static str),
    /// A line of a file.
    File {
        /// As shown to people.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// The program.
    Default,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Environment(name) => f.write_str(name),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting's text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    /// As written.
    pub(crate) text: String,
    /// Where.
    pub(crate) source: Source,
}

/// What is wrong with the settings. The user's fault.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SettingsError {
    /// A value that cannot be meant.
    #[error("{place}: {why}")]
    Value {
        /// The flag, variable or line.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// A file that cannot be read or understood.
    #[error("{}{}: {why}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
    File {
        /// Which file.
        path: PathBuf,
        /// Where in it, from 1.
        line: Option<usize>,
        /// What is wrong.
        why: String,
    },
}

/// The value of every key.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    values: Vec<Value>,
    token: Option<Value>,
}

impl Settings {
    /// Reads environment and files of this process.
    pub(crate) fn load(flags: &Flags) -> Result<Self, SettingsError> {
        let environment = |name: &str| std::env::var(name).ok();
        let files = [Some(PathBuf::from(PROJECT_FILE)), user_file(&environment)];
        let mut read = Vec::new();
        for path in files.into_iter().flatten() {
            read.extend(ConfigFile::read(&path)?);
        }
        Ok(Self::resolve(flags, &environment, &read))
    }

    /// Chooses among sources; of `files` the first that has a key wins.
    pub(crate) fn resolve(
        flags: &Flags,
        environment: &dyn Fn(&str) -> Option<String>,
        files: &[ConfigFile],
    ) -> Self {
        let choose = |key: &Key| {
            from_flags(*key, flags)
                .or_else(|| from_environment(key.variable(), environment))
                .or_else(|| files.iter().find_map(|file| file.value(*key)))
                .unwrap_or_else(|| key.default_value())
        };
        Self {
            values: Key::ALL.iter().map(choose).collect(),
            token: from_environment("HINDSIGHT_TOKEN", environment),
        }
    }

    /// The value of `key`.
    pub(crate) fn value(&self, key: Key) -> &Value {
        &self.values[key as usize]
    }

    /// The token of the environment, if there is one.
    pub(crate) fn token_value(&self) -> Option<&Value> {
        self.token.as_ref()
    }
}

fn from_flags(key: Key, flags: &Flags) -> Option<Value> {
    let (_, text) = flags.iter().find(|(given, _)| *given == key)?;
    Some(Value {
        text: text.clone(),
        source: Source::Flag(key.flag()),
    })
}

/// An empty variable counts as absent.
fn from_environment(
    name: &'static str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Option<Value> {
    let text = environment(name).filter(|text| !text.trim().is_empty())?;
    Some(Value {
        text,
        source: Source::Environment(name),
    })
}

fn user_file(environment: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let absolute = |text: String| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
    let config = environment("XDG_CONFIG_HOME").and_then(absolute);
    let home = || Some(environment("HOME").and_then(absolute)?.join(".config"));
    let directory = config.or_else(home)?;
    Some(directory.join(Path::new("hindsight/config.toml")))
}
