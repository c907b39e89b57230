//! picante, with spans for its queries and answers about them.
