//! Whatever happens, the store answers as the naive model does.
//!
//! Each case is made of a seed: limits, and a random sequence of calls with jumps in time, on few
//! traces, spans and tracers, so that they meet. After each step counters, changes and bounds are
//! compared, after some everything that can be read.
//!
//! `HINDSIGHT_SIMULATION_CASES` says how many cases are run instead of [`CASES`], and
//! `HINDSIGHT_SIMULATION_SEED` which is the first; a failing seed is printed. All is the same in
//! each run but one thing: the hash by which the index of spans is spread is random, and so in rare
//! cases the moment at which the byte budget is used up. The model is told that moment.

mod bench;
mod compare;
pub(crate) mod operations;
mod scenario;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use rand::SeedableRng;
use rand::rngs::SmallRng;

use self::bench::Bench;
use self::compare::Answers;
use self::scenario::Scenario;

const CASES: u64 = 3_000;

/// From the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}

fn run(seed: u64, answers: &mut Answers) {
    let mut random = SmallRng::seed_from_u64(seed);
    let scenario = Scenario::new(&mut random);
    let operations = scenario.operations(&mut random);
    let mut bench = Bench::new(&scenario);
    for (step, operation) in operations.iter().enumerate() {
        let step = || {
            format!(
                "step {step} of {}, {scenario:?}: {operation:?}",
                operations.len()
            )
        };
        let result = catch_unwind(AssertUnwindSafe(|| {
            bench.run(operation);
            bench.compare_counters();
        }));
        if let Err(panic) = result {
            eprintln!("{}", step());
            resume_unwind(panic);
        }
    }
    bench.compare(answers);
    answers.count_evictions(&bench);
}

#[test]
fn the_store_answers_as_the_naive_model() {
    let first = number("HINDSIGHT_SIMULATION_SEED");
    let cases = number("HINDSIGHT_SIMULATION_CASES").unwrap_or(match first {
        Some(_) => 1,
        None => CASES,
    });
    let first = first.unwrap_or(0);
    let mut answers = Answers::default();
    for seed in first..first + cases {
        let result = catch_unwind(AssertUnwindSafe(|| run(seed, &mut answers)));
        if let Err(panic) = result {
            eprintln!(
                "seed {seed}; HINDSIGHT_SIMULATION_SEED={seed} cargo test -p hindsight-store \
                 --test it simulation runs it again"
            );
            resume_unwind(panic);
        }
    }
    if cases >= CASES {
        answers.assert_that_all_was_met();
    }
}
