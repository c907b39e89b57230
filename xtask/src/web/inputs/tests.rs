use super::*;

/// A workspace with a web crate that uses a library, which uses a crate of a registry.
fn workspace(folder: &Path) -> Workspace {
    let files = [
        (
            "Cargo.toml",
            "[workspace.dependencies]\nleptos = \"=1.0\"\nhyper = \"1\"\n[profile.wasm-release]\nopt-level = \"s\"\n",
        ),
        (
            "Cargo.lock",
            r#"
package = [
    { name = "hindsight-web", version = "0.1.0", dependencies = ["lib", "leptos", "proptest"] },
    { name = "lib", version = "0.1.0", dependencies = ["leptos", "hyper"] },
    { name = "leptos", version = "1.0.0", source = "r", dependencies = ["quote 2.0.0"] },
    { name = "hyper", version = "1.0.0", source = "r" },
    { name = "proptest", version = "1.0.0", source = "r" },
    { name = "quote", version = "1.0.0", source = "r" },
    { name = "quote", version = "2.0.0", source = "r" },
    { name = "web-bundle", version = "0.1.0", dependencies = ["splitter"] },
    { name = "splitter", version = "3.0.0", source = "r", dependencies = ["quote 1.0.0", "reader"] },
    { name = "reader", version = "1.0.0", source = "r" },
]
"#,
        ),
        (
            "crates/hindsight-web/Cargo.toml",
            "[dependencies]\nlib = {}\n[target.'cfg(target_arch = \"wasm32\")'.dependencies]\nleptos = {}\n[dev-dependencies]\nproptest = {}\n",
        ),
        (
            "crates/lib/Cargo.toml",
            "[target.'cfg(not(target_arch = \"wasm32\"))'.dependencies]\nhyper = {}\n",
        ),
        ("crates/hindsight-web/src/lib.rs", "1"),
        ("crates/hindsight-web/src/route/tests.rs", "1"),
        ("crates/hindsight-web/assets/style/page.css", "1"),
        ("crates/lib/src/lib.rs", "1"),
        ("crates/other/src/lib.rs", "1"),
        ("xtask/web-bundle/src/main.rs", "1"),
    ];
    for (name, content) in files {
        write(folder, name, content);
    }
    Workspace::at(folder.to_owned(), None)
}

fn write(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn of(workspace: &Workspace) -> String {
    compute(workspace, RELEASE, "rustc 1.2.3").unwrap()
}

#[test]
fn inputs_are_the_crates_and_files_of_the_module_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = of(&workspace(folder.path()));
    let named: Vec<_> = inputs
        .lines()
        .filter(|line| line.starts_with("crate ") || line.starts_with("file "))
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(start, end)| match start.strip_prefix("crate ") {
            Some(name) => format!("{name} {end}"),
            None => end.to_owned(),
        })
        .collect();
    assert_eq!(
        named,
        [
            "leptos 1.0.0",
            "quote 1.0.0",
            "quote 2.0.0",
            "reader 1.0.0",
            "splitter 3.0.0",
            "crates/hindsight-web/assets/style/page.css",
            "crates/hindsight-web/src/lib.rs",
            "crates/lib/src/lib.rs",
            "xtask/web-bundle/src/main.rs",
        ]
    );
}

#[test]
fn a_change_that_the_module_sees_is_seen_and_another_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path());
    let before = of(&workspace);
    let manifest = workspace.read("Cargo.toml").unwrap();
    for (name, content, is_seen) in [
        ("crates/lib/src/lib.rs", "2".to_owned(), true),
        ("crates/lib/src/new.rs", "1".to_owned(), true),
        (
            "crates/hindsight-web/assets/style/page.css",
            "2".to_owned(),
            true,
        ),
        ("Cargo.toml", manifest.replace("\"s\"", "3"), true),
        ("Cargo.toml", manifest.replace("=1.0", "=1.1"), true),
        (
            "crates/hindsight-web/src/route/tests.rs",
            "2".to_owned(),
            false,
        ),
        ("crates/other/src/lib.rs", "2".to_owned(), false),
        (
            "Cargo.toml",
            manifest.replace("hyper = \"1\"", "hyper = \"2\""),
            false,
        ),
    ] {
        let old = workspace.read(name).ok();
        write(folder.path(), name, &content);
        assert_eq!(of(&workspace) != before, is_seen, "{name}: {content}");
        match old {
            Some(old) => write(folder.path(), name, &old),
            None => fs::remove_file(folder.path().join(name)).unwrap(),
        }
    }
    assert_eq!(of(&workspace), before);
}

#[test]
fn a_bundle_of_the_development_profile_is_not_taken_for_the_real_one() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path());
    let file = folder.path().join("inputs.txt");
    for (purpose, is_good) in [(RELEASE, true), ("trying out", false)] {
        fs::write(&file, compute(&workspace, purpose, "rustc 1").unwrap()).unwrap();
        assert_eq!(check(&workspace, &file).is_ok(), is_good, "{purpose}");
    }
    assert_eq!(recorded_compiler(&file).unwrap(), "rustc 1");
}

#[test]
fn the_committed_bundle_is_of_these_sources() {
    let workspace = Workspace::from_env();
    let file = workspace
        .root()
        .join("crates/hindsight-web/dist/inputs.txt");
    check(&workspace, &file).unwrap_or_else(|error| panic!("{error:#}"));
}
