use super::*;

#[test]
fn only_what_a_reader_must_know_is_said() {
    let offline = Status::Offline {
        reason: "cannot connect".into(),
        pause: Duration::from_millis(1_987),
    };
    for (status, word, trouble) in [
        (Status::Connecting, "connecting", None),
        (Status::Online, "online", None),
        (
            offline,
            "offline",
            Some("cannot connect. Trying again in 1.90 s"),
        ),
        (
            Status::OtherVersion { theirs: 9 },
            "other version",
            Some("version 9"),
        ),
        (
            Status::TokenNeeded { was_rejected: true },
            "token needed",
            Some("does not know this token"),
        ),
    ] {
        assert_eq!(status.word(), word);
        match (status.trouble(), trouble) {
            (None, None) => {}
            (Some(said), Some(part)) => assert!(said.contains(part), "{said}"),
            (said, part) => panic!("{said:?} instead of {part:?}"),
        }
    }
}

#[test]
fn a_hub_of_another_version_is_told_and_the_same_is_not() {
    assert_eq!(other_program(""), None);
    assert_eq!(other_program(env!("CARGO_PKG_VERSION")), None);
    let told = other_program("99.0\n").expect("words");
    assert!(told.starts_with("The hub is version 99.0"), "{told}");
    assert!(!told.contains('\n'), "{told}");
}
