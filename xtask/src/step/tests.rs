use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::bail;

use super::*;

fn workspace_with_inputs() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("xtask/src")).unwrap();
    std::fs::write(folder.path().join("xtask/src/main.rs"), "").unwrap();
    std::fs::write(folder.path().join("input"), "1").unwrap();
    let workspace = Workspace::at(folder.path().to_owned(), None);
    (folder, workspace)
}

#[test]
fn the_first_failure_ends_the_run_and_names_its_step() {
    static LATER_RUNS: AtomicU32 = AtomicU32::new(0);
    let fails = Step {
        name: "fails",
        purpose: "",
        inputs: None,
        run: |_| bail!("the tool said no"),
    };
    let later = Step {
        name: "later",
        purpose: "",
        inputs: None,
        run: |_| {
            LATER_RUNS.fetch_add(1, Ordering::Relaxed);
            Ok(())
        },
    };
    let (_folder, workspace) = workspace_with_inputs();

    let error = run_all(&workspace, &[&fails, &later], false).unwrap_err();

    let message = format!("{error:#}");
    assert!(
        message.starts_with("step `fails` failed after "),
        "{message}"
    );
    assert!(
        message.ends_with("(alone: `cargo xtask test fails`): the tool said no"),
        "{message}"
    );
    assert_eq!(LATER_RUNS.load(Ordering::Relaxed), 0);
}

#[test]
fn a_step_with_inputs_runs_when_they_change_or_when_forced() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let step = Step {
        name: "counted",
        purpose: "",
        inputs: Some(&["input"]),
        run: |_| {
            RUNS.fetch_add(1, Ordering::Relaxed);
            Ok(())
        },
    };
    let (folder, workspace) = workspace_with_inputs();
    let runs_after = |force| {
        run_all(&workspace, &[&step], force).unwrap();
        RUNS.load(Ordering::Relaxed)
    };

    assert_eq!(runs_after(false), 1);
    assert_eq!(runs_after(false), 1);
    assert_eq!(runs_after(true), 2);
    std::fs::write(folder.path().join("input"), "2").unwrap();
    assert_eq!(runs_after(false), 3);
}

#[test]
fn a_step_that_failed_runs_again_with_the_same_inputs() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let step = Step {
        name: "recovers",
        purpose: "",
        inputs: Some(&["input"]),
        run: |_| match RUNS.fetch_add(1, Ordering::Relaxed) {
            1 => bail!("only the second time"),
            _ => Ok(()),
        },
    };
    let (_folder, workspace) = workspace_with_inputs();

    run_all(&workspace, &[&step], true).unwrap();
    run_all(&workspace, &[&step], true).unwrap_err();
    run_all(&workspace, &[&step], false).unwrap();

    assert_eq!(RUNS.load(Ordering::Relaxed), 3);
}

#[test]
fn times_are_readable_at_any_length() {
    let check = |millis, expected: &str| {
        assert_eq!(Elapsed(Duration::from_millis(millis)).to_string(), expected);
    };
    check(0, "0.0 s");
    check(12_340, "12.3 s");
    check(60_000, "1 min 0 s");
    check(3_675_000, "61 min 15 s");
}
