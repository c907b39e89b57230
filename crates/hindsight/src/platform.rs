//! What a process of an operating system and a page in a browser do differently: time, where the
//! exporter runs, what there is to tell about oneself, and the end.
//!
//! The two modules below have the same functions; nothing else of this crate asks where it runs.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod page;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::{
    CAN_WAIT, Monotonic, TIMERS_ARE_HELD_BACK, age, attributes, default_service_name, executable,
    flush_before_end, host_name, id, revision, run_exporter, unix_now_ns, warn,
};
#[cfg(target_arch = "wasm32")]
pub(crate) use page::{
    CAN_WAIT, Monotonic, TIMERS_ARE_HELD_BACK, age, attributes, default_service_name, executable,
    flush_before_end, host_name, id, revision, run_exporter, unix_now_ns, warn,
};
