//! The fuzz targets on a stable toolchain: all seeds, all of the corpus, and changes of them.

use std::path::Path;

use hindsight_fuzz::{TARGETS, seeds};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Changed inputs of each target.
const CHANGED: usize = 3_000;
/// Most bytes of a changed input.
const BYTES_MAX: usize = 16 << 10;

/// What fuzzing has found so far; nothing where there is none.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let files = std::fs::read_dir(folder.join(target)).into_iter().flatten();
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    let read = |path| std::fs::read(path).expect("the corpus can be read");
    paths.into_iter().map(read).collect()
}

/// A few bytes changed, put in, taken out or repeated, or a part of another input put in.
fn change(random: &mut SmallRng, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut changed = input.to_vec();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=changed.len());
        let len = random.random_range(0..=(changed.len() - at).min(16));
        match random.random_range(0..6) {
            0 => changed.insert(at, random.random()),
            1 => drop(changed.drain(at..at + len)),
            2 => {
                let part = changed[at..at + len].to_vec();
                changed.splice(at..at, part);
            }
            3 => {
                let extreme = [0, 1, 0x7f, 0x80, 0xff, b'(', b'"', b'-'];
                let byte = extreme[random.random_range(0..extreme.len())];
                changed.splice(at..at + len, std::iter::repeat_n(byte, len));
            }
            4 => {
                let from = random.random_range(0..=other.len());
                let until = (from + len + 8).min(other.len());
                changed.splice(at..at, other[from..until].iter().copied());
            }
            _ => {
                if let Some(byte) = changed.get_mut(at) {
                    *byte ^= 1 << random.random_range(0..8);
                }
            }
        }
    }
    changed.truncate(BYTES_MAX);
    changed
}

fn replay(name: &str) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, run) = target.expect("a target");
    let mut inputs = seeds::of(name);
    assert!(!inputs.is_empty(), "{name} has no seeds");
    inputs.extend(corpus(name));
    inputs.push(Vec::new());
    inputs.iter().for_each(|input| run(input));
    let mut random = SmallRng::seed_from_u64(1);
    for _ in 0..CHANGED {
        let pick = |random: &mut SmallRng| random.random_range(0..inputs.len());
        let (first, second) = (pick(&mut random), pick(&mut random));
        let input = change(&mut random, &inputs[first], &inputs[second]);
        // What a failure is about; the tests show output of those that fail.
        println!("{name} {input:02x?}");
        run(&input);
    }
}

#[test]
fn batches_in_any_state_are_refused_or_sound() {
    replay("batch");
}

#[test]
fn messages_in_any_state_are_refused_or_read_the_same_again() {
    replay("message");
}

#[test]
fn queries_in_any_state_are_refused_or_mean_what_they_print() {
    replay("query");
}

#[test]
fn shapes_in_any_state_are_refused_or_what_fits_them_is_written() {
    replay("schema");
}

#[test]
fn ids_that_are_found_stand_in_the_text() {
    replay("trace_id");
}

#[test]
fn headers_in_any_state_are_refused_or_read_the_same_again() {
    replay("w3c");
}

#[test]
fn every_target_is_replayed_and_has_a_fuzzer() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).expect("fuzz/Cargo.toml");
    let this = include_str!("replay.rs");
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(this.contains(&format!("replay(\"{name}\")")), "{name}");
    }
}
