//! What can be typed.

use clap::{Args, Parser, Subcommand};

mod call;
mod diff;
mod explain;
mod search;
mod services;
mod trace;
mod waits;

use super::settings::Key;
use crate::demo::PartArguments;

pub(crate) use call::CallArguments;
pub(crate) use diff::DiffArguments;
pub(crate) use explain::ExplainArguments;
pub(crate) use search::{
    HeatmapArguments, MapArguments, QueryArguments, StatsArguments, WindowArguments,
};
pub(crate) use services::ServicesArguments;
pub(crate) use trace::TraceArguments;
pub(crate) use waits::WaitsArguments;

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 wrong arguments, query or configuration.
Settings are taken from the flag, else the environment (HINDSIGHT_*), else ./hindsight.toml,
else $XDG_CONFIG_HOME/hindsight/config.toml; `hindsight config` shows each with its origin.";

const SERVE_EXIT_CODES: &str = "\
Exit codes: 0 stopped by a signal, 1 failed, 2 wrong arguments or configuration, 3 another hindsight
answers on the HTTP port already.
Environment: each setting as HINDSIGHT_ and its name (HINDSIGHT_HTTP_PORT, HINDSIGHT_TTL, ...),
HINDSIGHT_TOKEN for the token itself, RUST_LOG for the log on stderr.";

/// Distributed tracing and live introspection over roam: the hub and its command line.
#[derive(Debug, Parser)]
#[command(name = "hindsight", version, after_help = EXIT_CODES)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the hub until a signal stops it.
    Serve(ServeFlags),
    /// List the newest traces.
    Traces(TracesArguments),
    /// Show one trace as a tree with times and bars.
    Trace(TraceArguments),
    /// Compare two traces: what came, went, became more or slower, changed attributes.
    Diff(DiffArguments),
    /// Show what is open right now and who waits for whom, oldest first.
    Waits(WaitsArguments),
    /// Ask for spans, aggregates or a heatmap in the query language.
    Query(QueryArguments),
    /// Draw the durations of spans over time.
    Heatmap(HeatmapArguments),
    /// Show which services call which.
    Map(MapArguments),
    /// Print spans as they are stored, until Ctrl-C.
    Tail(TailArguments),
    /// List connected apps and those that were.
    Apps(AppsArguments),
    /// List the services of an app and what of them may be called.
    Services(ServicesArguments),
    /// Say why a query of an incremental program was computed.
    Explain(ExplainArguments),
    /// Call a method of an app, and print the answer or the stream of items.
    Call(CallArguments),
    /// Show what the hub holds, its counters and its limits; with --by, rates, errors and durations.
    Stats(StatsArguments),
    /// Keep a trace, whatever --ttl and --memory-limit would remove.
    Pin(PinArguments),
    /// Keep a trace no longer than others.
    Unpin(PinArguments),
    /// Remove all stored spans, also those of pinned traces.
    Clear(ReadFlags),
    /// Find out why nothing arrives.
    Doctor(ReadFlags),
    /// Run four processes that call each other, for looking at the product, until Ctrl-C.
    Demo(DemoArguments),
    /// One process of the demo.
    #[command(hide = true)]
    DemoPart(PartArguments),
    /// Show each setting and where it came from.
    Config(ConfigArguments),
    /// Print a completion script for a shell.
    Completions(CompletionsArguments),
}

/// Settings of the hub.
#[derive(Debug, Default, Args)]
#[command(after_help = SERVE_EXIT_CODES)]
pub(crate) struct ServeFlags {
    /// Port of the page, the health probe and the upgrades; 0 or auto lets the system choose
    /// [default: 1990]
    #[arg(long, value_name = "PORT")]
    http_port: Option<String>,
    /// Port for roam without an HTTP head; 0 or off turns it off, auto lets the system choose
    /// [default: 1991]
    #[arg(long, value_name = "PORT")]
    tcp_port: Option<String>,
    /// Address to listen on; anything but a loopback address needs a token [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<String>,
    /// Age at which spans are removed, such as 30m or 1h [default: 1h]
    #[arg(long, value_name = "DURATION")]
    ttl: Option<String>,
    /// Most bytes of stored spans, such as 512MB or 2GiB [default: 512MB]
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<String>,
    /// Longest time a query may take; the answer is what it has found by then [default: 5s]
    #[arg(long, value_name = "DURATION")]
    query_deadline: Option<String>,
    /// File with the token that every client must present (or HINDSIGHT_TOKEN)
    #[arg(long, value_name = "FILE")]
    token_file: Option<String>,
    /// Further host name under which browsers may reach the hub; may be repeated
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Path of the local socket [default: $XDG_RUNTIME_DIR/hindsight.sock]
    #[arg(long, value_name = "PATH", conflicts_with = "no_socket")]
    socket: Option<String>,
    /// Do without a local socket
    #[arg(long)]
    no_socket: bool,
}

/// Settings of every command that reads from a hub.
#[derive(Debug, Default, Args)]
pub(crate) struct ReadFlags {
    /// Hub to ask: host:port, http://, tcp://, ws:// or local:///path [default: localhost:1990]
    #[arg(long, value_name = "ENDPOINT")]
    connect: Option<String>,
    /// File with the hub's token (or HINDSIGHT_TOKEN)
    #[arg(long, value_name = "FILE")]
    token_file: Option<String>,
    /// How to print: table, json or jsonl (one object a line) [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "json", "jsonl"])]
    #[arg(hide_possible_values = true)]
    format: Option<String>,
}

/// `traces`.
#[derive(Debug, Args)]
pub(crate) struct TracesArguments {
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    /// Most traces to list [default: 100]
    #[arg(long, value_name = "N")]
    limit: Option<String>,
    /// Only traces with a span of this service
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) service: String,
    /// Only traces of which a span matches this query
    #[arg(
        long,
        value_name = "QUERY",
        default_value = "",
        hide_default_value = true
    )]
    #[arg(allow_hyphen_values = true)]
    pub(crate) query: String,
    /// Also tell, on stderr, how the list was found
    #[arg(long)]
    pub(crate) explain: bool,
}

/// `pin ID`, `unpin ID`.
#[derive(Debug, Args)]
pub(crate) struct PinArguments {
    /// Trace id as you find it: hex, with dashes, a traceparent, or a URL with one in it
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) read: ReadFlags,
}

/// `tail`.
#[derive(Debug, Args)]
pub(crate) struct TailArguments {
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    /// End after this many spans
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Only spans of this service
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) service: String,
    /// Only spans of this trace
    #[arg(long, value_name = "ID")]
    pub(crate) trace: Option<String>,
    /// Only spans that match this query
    #[arg(
        long,
        value_name = "QUERY",
        default_value = "",
        hide_default_value = true
    )]
    #[arg(allow_hyphen_values = true)]
    pub(crate) query: String,
}

/// `apps`.
#[derive(Debug, Args)]
pub(crate) struct AppsArguments {
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    /// Most apps to list
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Leave out apps that are gone
    #[arg(long)]
    pub(crate) connected: bool,
}

/// `config`.
#[derive(Debug, Default, Args)]
pub(crate) struct ConfigArguments {
    #[command(flatten)]
    serve: ConfigServeFlags,
}

/// The flags of all commands, to see what they would do.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings to try out")]
struct ConfigServeFlags {
    #[command(flatten)]
    serve: ServeFlags,
    /// As for the commands that read
    #[arg(long, value_name = "ENDPOINT")]
    connect: Option<String>,
    /// How to print: table, json or jsonl [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "json", "jsonl"])]
    #[arg(hide_possible_values = true)]
    format: Option<String>,
    /// As for `traces`
    #[arg(long, value_name = "N")]
    limit: Option<String>,
}

/// `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Hub to use; without it, the one on the HTTP port, which is started if none answers
    #[arg(long, value_name = "ENDPOINT")]
    pub(crate) connect: Option<String>,
    /// Requests a second
    #[arg(long, value_name = "N", default_value_t = 5.0)]
    pub(crate) rate: f64,
    /// Stop by itself after this time, such as 30s
    #[arg(long = "for", value_name = "DURATION")]
    pub(crate) run_for: Option<String>,
    #[command(flatten)]
    serve: ServeFlags,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// bash, elvish, fish, powershell or zsh
    pub(crate) shell: clap_complete::Shell,
}

/// Settings given as flags.
pub(crate) type Flags = Vec<(Key, String)>;

impl Command {
    /// The settings that this command's flags give.
    pub(crate) fn flags(&self) -> Flags {
        match self {
            Self::Serve(flags) => flags.flags(),
            Self::Traces(arguments) => {
                let limit = given(Key::Limit, &arguments.limit);
                arguments.read.flags().into_iter().chain(limit).collect()
            }
            Self::Trace(arguments) => arguments.read.flags(),
            Self::Diff(arguments) => arguments.read.flags(),
            Self::Waits(arguments) => arguments.read.flags(),
            Self::Tail(arguments) => arguments.read.flags(),
            Self::Apps(arguments) => arguments.read.flags(),
            Self::Services(arguments) => arguments.read.flags(),
            Self::Explain(arguments) => arguments.read.flags(),
            Self::Call(arguments) => arguments.read.flags(),
            Self::Query(arguments) => arguments.read.flags(),
            Self::Heatmap(arguments) => arguments.read.flags(),
            Self::Map(arguments) => arguments.read.flags(),
            Self::Stats(arguments) => arguments.read.flags(),
            Self::Pin(arguments) | Self::Unpin(arguments) => arguments.read.flags(),
            Self::Clear(flags) | Self::Doctor(flags) => flags.flags(),
            Self::Demo(arguments) => {
                let endpoint = given(Key::Endpoint, &arguments.connect);
                arguments
                    .serve
                    .flags()
                    .into_iter()
                    .chain(endpoint)
                    .collect()
            }
            Self::Config(arguments) => arguments.serve.flags(),
            Self::Completions(_) | Self::DemoPart(_) => Flags::new(),
        }
    }
}

impl ServeFlags {
    fn flags(&self) -> Flags {
        let hosts = (!self.allow_host.is_empty()).then(|| self.allow_host.join(","));
        let socket = match self.no_socket {
            true => Some("off".to_owned()),
            false => self.socket.clone(),
        };
        let all = [
            given(Key::HttpPort, &self.http_port),
            given(Key::TcpPort, &self.tcp_port),
            given(Key::Bind, &self.bind),
            given(Key::Ttl, &self.ttl),
            given(Key::MemoryLimit, &self.memory_limit),
            given(Key::QueryDeadline, &self.query_deadline),
            given(Key::TokenFile, &self.token_file),
            given(Key::AllowHost, &hosts),
            given(Key::Socket, &socket),
        ];
        all.into_iter().flatten().collect()
    }
}

impl ReadFlags {
    fn flags(&self) -> Flags {
        let all = [
            given(Key::Endpoint, &self.connect),
            given(Key::TokenFile, &self.token_file),
            given(Key::Format, &self.format),
        ];
        all.into_iter().flatten().collect()
    }
}

impl ConfigServeFlags {
    fn flags(&self) -> Flags {
        let read = [
            given(Key::Endpoint, &self.connect),
            given(Key::Format, &self.format),
            given(Key::Limit, &self.limit),
        ];
        let serve = self.serve.flags();
        serve
            .into_iter()
            .chain(read.into_iter().flatten())
            .collect()
    }
}

fn given(key: Key, value: &Option<String>) -> Option<(Key, String)> {
    value.clone().map(|value| (key, value))
}
