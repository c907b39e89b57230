//! A program with the queries, spans and events of a dodeca build.
