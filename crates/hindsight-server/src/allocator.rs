//! What the process's allocator keeps of what was freed.
//!
//! glibc gives each thread that finds its arena busy another one, up to eight a core, and memory
//! freed in one arena does not serve another. A hub frees whole segments on one thread that were
//! filled on others, so with many arenas it holds half as much again as it stores.

/// Threads rarely wait for each other with two, and little is kept.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS_MAX: libc::c_int = 2;

/// Lets the allocator keep two arenas. To be called by a program that is a hub, before it starts
/// threads; does nothing where the allocator is not glibc's.
pub fn use_few_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: `mallopt` may be called at any time, from any thread; it takes two numbers, and
        // answers 0 for those it does not like, which changes nothing.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, ARENAS_MAX) };
    }
}
