//! Calls whose arguments are made before and used again, so that a load generator costs little besides the calls.

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hindsight_connect::SharedMethod;
use hindsight_protocol::HubError;
use parking_lot::Mutex;
use vox::facet::Facet;
use vox::{Caller, ServiceDescriptor, VoxError};

/// Arguments of calls of one method, used again when a call is over.
pub(super) struct Pool<A> {
    free: Mutex<Vec<Arc<A>>>,
    method: SharedMethod<A>,
}

impl<A: for<'a> Facet<'a> + Send + Sync> Pool<A> {
    pub(super) fn new(
        service: &ServiceDescriptor,
        method: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            free: Mutex::new(arguments.into_iter().map(Arc::new).collect()),
            method: SharedMethod::new(service, method).context("no such method")?,
        }))
    }

    /// A call with the next arguments, changed before; again as long as the hub has no room.
    pub(super) async fn call<T, E>(
        &self,
        caller: &Caller,
        change: impl FnOnce(&mut A),
    ) -> anyhow::Result<()>
    where
        T: Facet<'static>,
        E: Facet<'static> + Debug + RetryAfter,
    {
        let mut arguments = {
            let mut free = self.free.lock();
            anyhow::ensure!(!free.is_empty(), "more calls than arguments");
            free.remove(0)
        };
        change(Arc::get_mut(&mut arguments).context("arguments in use")?);
        loop {
            let answer = self.method.call::<T, E>(caller, arguments.clone()).await;
            match answer {
                Ok(_) => break,
                Err(VoxError::User(error)) if error.retry_after().is_some() => {
                    tokio::time::sleep(error.retry_after().unwrap_or_default()).await;
                }
                Err(error) => anyhow::bail!("{error:?}"),
            }
        }
        self.free.lock().push(arguments);
        Ok(())
    }
}

/// An error that may say when to try again.
pub(super) trait RetryAfter {
    fn retry_after(&self) -> Option<Duration>;
}

impl RetryAfter for HubError {
    fn retry_after(&self) -> Option<Duration> {
        (self.retry_after_ms > 0).then(|| Duration::from_millis(u64::from(self.retry_after_ms)))
    }
}

impl RetryAfter for Infallible {
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}
