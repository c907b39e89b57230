//! The crate as its users see it: the documented examples, and inputs that once were interesting.

mod allocation;
mod corpus;
mod documentation;
mod spans;
