use super::*;

/// A folder with the given files, as (path, content).
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn digest_of(files: &[(&str, &str)], patterns: &[&str]) -> u64 {
    digest(folder(files).path(), patterns.iter().copied()).unwrap()
}

#[test]
fn a_digest_depends_on_names_and_contents_of_matching_files_only() {
    let files = [
        ("crates/a/Cargo.toml", "a"),
        ("crates/b/Cargo.toml", "b"),
        ("crates/b/x", "x"),
        ("crates/README.md", ""),
    ];
    let check = |same: bool, changed: &[(&str, &str)]| {
        let patterns = ["crates/*/Cargo.toml"];
        let equal = digest_of(&files, &patterns) == digest_of(changed, &patterns);
        assert_eq!(equal, same, "{changed:?}");
    };
    check(true, &files);
    // A file beside the pattern.
    check(true, &[files[0], files[1], ("crates/b/x", "changed")]);
    // A content, a name, a border between two files, one file more.
    check(false, &[("crates/a/Cargo.toml", "b"), files[1]]);
    check(false, &[("crates/c/Cargo.toml", "a"), files[1]]);
    check(
        false,
        &[("crates/a/Cargo.toml", "ab"), ("crates/b/Cargo.toml", "")],
    );
    check(false, &[files[0], files[1], ("crates/c/Cargo.toml", "")]);
}

#[test]
fn a_folder_stands_for_all_files_below_it() {
    let digest_with = |content| digest_of(&[("src/a/b/c.rs", content), ("src/d.rs", "")], &["src"]);
    assert_ne!(digest_with("1"), digest_with("2"));
}

#[test]
fn an_input_that_matches_nothing_is_an_error() {
    let folder = folder(&[("Cargo.toml", "")]);
    let error = digest(folder.path(), ["Cargo.toml", "gone.toml"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the input gone.toml matches no further file"
    );
}
