//! Journeys through several real processes: hub, apps, and the command line that reads back.

mod demo;
mod examples;
mod process;
mod restart;
