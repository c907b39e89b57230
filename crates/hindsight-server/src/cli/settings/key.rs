//! The table of settings.

use super::{Source, Value};

macro_rules! keys {
    ($($(#[$doc:meta])* $variant:ident {
        name: $name:literal, flag: $flag:literal, variable: $variable:literal, default: $default:expr
    },)+) => {
        /// A setting.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Key {
            $($(#[$doc])* $variant,)+
        }

        impl Key {
            /// All settings, in the order of the enum.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in files and in the output of `config`.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The flag, without its dashes.
            pub(crate) const fn flag(self) -> &'static str {
                match self { $(Self::$variant => $flag,)+ }
            }

            /// The variable.
            pub(crate) const fn variable(self) -> &'static str {
                match self { $(Self::$variant => $variable,)+ }
            }

            fn default_text(self) -> String {
                match self { $(Self::$variant => $default.into(),)+ }
            }
        }
    };
}

keys! {
    /// Hub: the HTTP port.
    HttpPort {
        name: "http-port", flag: "http-port", variable: "HINDSIGHT_HTTP_PORT", default: "1990"
    },
    /// Hub: the raw port.
    TcpPort {
        name: "tcp-port", flag: "tcp-port", variable: "HINDSIGHT_TCP_PORT", default: "1991"
    },
    /// Hub: the address of both.
    Bind { name: "bind", flag: "bind", variable: "HINDSIGHT_BIND", default: "127.0.0.1" },
    /// Hub: age at which spans are removed.
    Ttl { name: "ttl", flag: "ttl", variable: "HINDSIGHT_TTL", default: "1h" },
    /// Hub: most bytes of stored spans.
    MemoryLimit {
        name: "memory-limit", flag: "memory-limit", variable: "HINDSIGHT_MEMORY_LIMIT",
        default: "512MB"
    },
    /// Hub: longest time of a query.
    QueryDeadline {
        name: "query-deadline", flag: "query-deadline", variable: "HINDSIGHT_QUERY_DEADLINE",
        default: "5s"
    },
    /// Hub: further host names for browsers.
    AllowHost {
        name: "allow-host", flag: "allow-host", variable: "HINDSIGHT_ALLOW_HOST", default: ""
    },
    /// Hub: path of the local socket, or `off`.
    Socket {
        name: "socket", flag: "socket", variable: "HINDSIGHT_SOCKET", default: default_socket()
    },
    /// Hub and clients: file with the token.
    TokenFile {
        name: "token-file", flag: "token-file", variable: "HINDSIGHT_TOKEN_FILE", default: ""
    },
    /// Clients: the hub.
    Endpoint {
        name: "endpoint", flag: "connect", variable: "HINDSIGHT_ENDPOINT",
        default: "localhost:1990"
    },
    /// Clients: how to print.
    Format { name: "format", flag: "format", variable: "HINDSIGHT_FORMAT", default: "table" },
    /// Clients: most traces of a list.
    Limit { name: "limit", flag: "limit", variable: "HINDSIGHT_LIMIT", default: "100" },
}

impl Key {
    /// The setting of this name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    /// The value without any source.
    pub(super) fn default_value(self) -> Value {
        Value {
            text: self.default_text(),
            source: Source::Default,
        }
    }
}

#[cfg(unix)]
fn default_socket() -> String {
    hindsight_connect::default_local_path()
        .display()
        .to_string()
}

#[cfg(not(unix))]
fn default_socket() -> String {
    "off".into()
}
