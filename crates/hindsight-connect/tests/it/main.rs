//! A guarded acceptor, those who dial it, and those who attack it.

mod acceptor;
mod attacks;
mod calls;
mod dialing;
mod encoded;
mod probe;
