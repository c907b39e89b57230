//! The service of the acceptor.

// What the macro generates is `pub`.
#![allow(unreachable_pub)]

#[vox::service]
pub trait Probe {
    /// Answers with what it gets.
    async fn echo(&self, text: String) -> String;
    /// Answers after so many milliseconds.
    async fn sleep(&self, millis: u64) -> u64;
    /// Reads all numbers, after so many milliseconds.
    async fn sum(&self, delay_millis: u64, numbers: vox::Rx<u32>) -> u64;
    /// Reads nothing and does not answer.
    async fn hold(&self, numbers: vox::Rx<u32>) -> u64;
    /// Sends numbers.
    async fn count(&self, up_to: u32, out: vox::Tx<u32>) -> u32;
    /// Panics.
    async fn panic(&self) -> u32;
}
