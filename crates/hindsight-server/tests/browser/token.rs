//! A hub that wants a token, from a page that has none.

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

fn hub_with_token(token: &str) -> Hub {
    let mut command = hindsight();
    command.env("HINDSIGHT_TOKEN", token);
    command.args([
        "serve",
        "--http-port",
        "0",
        "--tcp-port",
        "off",
        "--no-socket",
    ]);
    let mut process = Process::start(command);
    let lines = std::iter::repeat_with(|| process.line()).take(5);
    let url = lines
        .into_iter()
        .find_map(|line| Some(line.strip_prefix("http://")?.to_owned()));
    let endpoint = url.expect("an http url");
    Hub { process, endpoint }
}

#[tokio::test]
async fn a_page_without_the_token_asks_for_it_and_shows_nothing_until_it_is_right() {
    let hub = hub_with_token("s3cret");
    let mut tab = Tab::open(&format!("http://{}/", hub.endpoint)).await;
    let alert = "document.querySelector('.interruption').innerText";
    tab.until(&format!("{alert}.includes('wants the token')"))
        .await;
    for (token, answer) in [
        (
            "wrong",
            format!("{alert}.includes('does not know this token')"),
        ),
        ("s3cret", "document.querySelector('.welcome')".to_owned()),
    ] {
        tab.point(".interruption input", true).await;
        tab.evaluate("document.querySelector('.interruption input').select()")
            .await;
        tab.write(token).await;
        tab.press("Enter").await;
        tab.until(&answer).await;
    }
    tab.reload().await;
    tab.until("/live/.test(document.querySelector('[role=status]').innerText)")
        .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
