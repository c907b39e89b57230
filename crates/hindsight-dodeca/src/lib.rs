//! Builds of dodeca sites as traces, and answers about them.
