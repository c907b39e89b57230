//! `hindsight demo`: lively, varied traffic of several real processes, for looking at the product.
//!
//! ```text
//! web -> catalog (lists, 300-fold price fan-out, slow searches, a hang)
//!     -> orders  -> payments (fails at times: orders retries; killed and restarted at times)
//!     -> docs    (incremental: edits, early cutoffs, a query that nobody computes)
//! ```
//!
//! The demo starts a hub if none answers, then itself once for each part, with a pipe to each part's
//! standard input: a part ends when the pipe does, so nothing is left behind even when the demo is
//! killed. Parts talk roam over loopback TCP. Everything that names a framework or a made-up service
//! is in here.

mod catalog;
mod docs;
mod orders;
mod part;
mod payments;
mod services;
mod stock;
mod supervisor;
mod web;

use std::net::SocketAddr;

pub(crate) use supervisor::{Options, run};

/// The parts, each a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// Makes the requests.
    Web,
    /// Answers lists and searches.
    Catalog,
    /// Places orders.
    Orders,
    /// Takes payments, at times.
    Payments,
    /// Makes pages of documentation.
    Docs,
}

/// How a part is started; a hidden subcommand.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PartArguments {
    /// Which part.
    #[arg(value_enum)]
    pub(crate) part: Part,
    /// Where the hub is.
    #[arg(long)]
    pub(crate) hub: String,
    /// Where this part listens.
    #[arg(long)]
    pub(crate) listen: SocketAddr,
    /// Where the parts listen that this one calls, in the order of `Part`.
    #[arg(long)]
    pub(crate) call: Vec<SocketAddr>,
    /// Requests a second, for the web part.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) rate: f64,
}

/// Runs one part until its standard input ends.
pub(crate) async fn run_part(arguments: PartArguments) -> anyhow::Result<()> {
    let work = async {
        match arguments.part {
            Part::Web => web::run(&arguments).await,
            Part::Catalog => catalog::run(&arguments).await,
            Part::Orders => orders::run(&arguments).await,
            Part::Payments => payments::run(&arguments).await,
            Part::Docs => docs::run(&arguments).await,
        }
    };
    tokio::select! {
        result = work => result,
        () = part::parent_gone() => Ok(()),
    }
}
