//! The shared secret, kept out of logs and compared in constant time.

use subtle::ConstantTimeEq;

use super::ConfigError;

/// A secret that peers present as `Bearer` token. Never printed.
#[derive(Clone)]
pub struct Token(Box<str>);

/// Longest token, in bytes; a peer's claim above it is not even compared.
const TOKEN_BYTES_MAX: usize = 4_096;

impl Token {
    /// A token; white space around it (the end of a token file) is not part of it. Empty, longer
    /// than 4 KiB or with control characters inside is an error.
    pub fn new(text: &str) -> Result<Self, ConfigError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ConfigError::TokenEmpty);
        }
        if text.len() > TOKEN_BYTES_MAX || text.chars().any(char::is_control) {
            return Err(ConfigError::TokenMalformed {
                bytes: text.len(),
                bytes_max: TOKEN_BYTES_MAX,
            });
        }
        Ok(Self(text.into()))
    }

    /// Whether `claim` is this token. Takes as long for a near miss as for a wild guess.
    pub fn matches(&self, claim: &str) -> bool {
        self.0.as_bytes().ct_eq(claim.as_bytes()).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}
