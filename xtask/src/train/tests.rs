use super::*;

const WORKSPACE: &str = r#"
    [workspace.dependencies]
    vox = { version = "=0.10.0-rc.5", default-features = false }
    vox-websocket = "=0.10.0-rc.5"
    vox-core = "=0.10.0-rc.5"
    serde = "1"
"#;

const PINNING: &str = r#"
    [dependencies]
    vox.workspace = true
    facet = "=0.50.0-rc.5"
    weavy = "0.2"
    phon = { version = ">=0.2.0-rc.4, <=0.2.0-rc.5" }
"#;

/// One line per package: its name, its version, and the packages that use it, of which those
/// called `our-*` are members of the workspace.
fn lock(packages: &[(&str, &str, &[&str])]) -> String {
    let registry = r#"source = "registry+index""#;
    let mut lock = String::new();
    for (name, version, users) in packages {
        lock += &format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{registry}\n");
        for user in *users {
            let source = if user.starts_with("our-") {
                ""
            } else {
                registry
            };
            lock += &format!(
                "[[package]]\nname = \"{user}\"\nversion = \"1.0.0\"\n{source}\n\
                 dependencies = [\"{name} {version}\"]\n"
            );
        }
    }
    lock
}

#[track_caller]
fn check(packages: &[(&str, &str, &[&str])], expected: &[&str]) {
    let found = violations(&lock(packages), WORKSPACE, &[PINNING]).unwrap();
    let found: Vec<String> = found.iter().map(Violation::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn crates_at_their_pins_pass() {
    check(
        &[
            ("vox", "0.10.0-rc.5", &["our-server"]),
            ("facet", "0.50.0-rc.5", &["stranger"]),
        ],
        &[],
    );
}

#[test]
fn another_version_than_the_pinned_one_is_named() {
    check(
        &[("vox", "0.10.0-rc.7", &[]), ("facet", "0.50.0-rc.6", &[])],
        &[
            "vox is locked at 0.10.0-rc.7, pinned at 0.10.0-rc.5",
            "facet is locked at 0.50.0-rc.6, pinned at 0.50.0-rc.5",
        ],
    );
}

#[test]
fn a_crate_of_the_train_needs_an_exact_pin() {
    let check_unpinned = |name: &str, version: &str| {
        let expected = format!(
            "{name} {version} has no pin in crates/hindsight-protocol/Cargo.toml or crates/hindsight-picante/Cargo.toml"
        );
        check(&[(name, version, &["stranger"])], &[&expected]);
    };
    // Not named at all; named with a range; a pre-release of no family.
    check_unpinned("phon-ir", "0.2.0-rc.5");
    check_unpinned("weavy", "0.2.2");
    check_unpinned("copypatch", "0.2.0-rc.5");
}

#[test]
fn the_workspace_pin_is_enough_for_a_crate_that_only_members_use() {
    check(
        &[(
            "vox-websocket",
            "0.10.0-rc.5",
            &["our-connect", "our-server"],
        )],
        &[],
    );
    check(
        &[("vox-core", "0.10.0-rc.5", &["our-connect", "stranger"])],
        &[
            "vox-core 0.10.0-rc.5 has no pin in crates/hindsight-protocol/Cargo.toml or crates/hindsight-picante/Cargo.toml",
        ],
    );
}

#[test]
fn a_range_pins_at_its_end() {
    check(&[("phon", "0.2.0-rc.5", &[])], &[]);
    check(
        &[("phon", "0.2.0-rc.4", &[])],
        &["phon is locked at 0.2.0-rc.4, pinned at 0.2.0-rc.5"],
    );
}

#[test]
fn other_crates_need_no_pin() {
    let vox = ("vox", "0.10.0-rc.5", &[] as &[&str]);
    // Similar names, and build metadata, which is no pre-release.
    check(
        &[
            vox,
            ("phonetic", "1.0.0", &[]),
            ("toml", "0.9.12+spec-1.1.0", &[]),
        ],
        &[],
    );
}

#[test]
fn a_lock_file_without_the_train_is_no_success() {
    check(
        &[("serde", "1.0.0", &[])],
        &["Cargo.lock has no crate of the train at all"],
    );
}
