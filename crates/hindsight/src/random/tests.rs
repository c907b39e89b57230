use std::collections::HashSet;

use super::*;

#[test]
fn ids_of_many_threads_are_all_different() {
    let make = || (0..20_000).map(|_| span_id().bits).collect::<Vec<_>>();
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(make)).collect();
    let mut seen = HashSet::new();
    for thread in threads {
        seen.extend(thread.join().expect("no panic"));
    }
    assert_eq!(seen.len(), 8 * 20_000);
    assert!(!seen.contains(&0));
}

#[test]
fn a_generator_from_before_a_fork_is_not_used_after_it() {
    let mut parent = Generator::unseeded();
    parent.look_for_fork();
    let mut child = Generator { ..parent };
    // What the handler in the child does; the other generators of this process seed anew, too.
    FORKS.fetch_add(1, Ordering::Relaxed);
    child.look_for_fork();
    assert_ne!(child.next(), parent.next());
}

#[test]
fn numbers_are_those_of_xoshiro256_plus_plus() {
    let mut generator = Generator {
        state: [1, 2, 3, 4],
        forks: UNSEEDED,
    };
    let seed: Vec<u8> = generator
        .state
        .iter()
        .flat_map(|w| w.to_le_bytes())
        .collect();
    let seed: [u8; 32] = seed.try_into().expect("four words");
    let mut reference = SmallRng::from_seed(seed);
    for _ in 0..100 {
        assert_eq!(generator.next(), reference.random::<u64>());
    }
}

#[cfg(unix)]
#[test]
fn a_forked_process_has_other_ids() {
    use std::io::Read;
    use std::os::fd::FromRawFd;

    // The generator of this thread exists, and the handler is installed, before the fork.
    span_id();
    let mut ends = [0; 2];
    // SAFETY: the array has room for the two descriptors.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    // SAFETY: the child takes no lock that another thread may hold: it draws a number, writes it
    // and ends without running anything else.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let id = span_id().bits.to_ne_bytes();
        // SAFETY: `id` is as long as is said; the process ends without unwinding.
        unsafe {
            libc::write(ends[1], id.as_ptr().cast(), id.len());
            libc::_exit(0);
        }
    }
    // SAFETY: both descriptors are this process' own and used nowhere else.
    let (mut reading, writing) = unsafe {
        (
            std::fs::File::from_raw_fd(ends[0]),
            std::fs::File::from_raw_fd(ends[1]),
        )
    };
    drop(writing);
    let mut id = [0; 8];
    reading.read_exact(&mut id).expect("the child writes an id");
    assert_ne!(u64::from_ne_bytes(id), span_id().bits);
    // SAFETY: waits for the child made above.
    unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
}
