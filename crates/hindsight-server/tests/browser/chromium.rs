//! A Chromium and one tab in it, spoken to in its own protocol (Chrome DevTools Protocol 1.3).
//!
//! Only what these journeys need: open, evaluate, keys, pointer, colours, pictures. What the page
//! throws or logs as an error fails the test at the end.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::process::PATIENCE;

/// Names of the program, in order of preference; `CHROME` is tried before.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A tab. The browser ends with it.
pub(crate) struct Tab {
    browser: Child,
    socket: WebSocketStream<TcpStream>,
    session: String,
    calls: u64,
    complaints: Vec<String>,
    /// Sessions of the page's workers, once they are watched.
    workers: Vec<String>,
    /// Documents that were loaded to their end.
    loads: u64,
    _profile: tempfile::TempDir,
}

impl Tab {
    /// Starts a browser with an empty profile.
    pub(crate) async fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let mut browser = launch(profile.path());
        let address = told_address(&mut browser);
        let host = address.trim_start_matches("ws://").split('/').next();
        let stream = TcpStream::connect(host.expect("a host")).await;
        let stream = stream.expect("the browser listens");
        let (socket, _) = client_async(address, stream).await.expect("a WebSocket");
        let mut tab = Self {
            browser,
            socket,
            session: String::new(),
            calls: 0,
            complaints: Vec::new(),
            workers: Vec::new(),
            loads: 0,
            _profile: profile,
        };
        let target = tab
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = tab.call("Target.attachToTarget", attach).await;
        tab.session = attached["sessionId"].as_str().expect("an id").to_owned();
        for domain in ["Runtime.enable", "Page.enable", "Log.enable"] {
            tab.call(domain, json!({})).await;
        }
        tab.go(url).await;
        tab
    }

    /// Goes to a URL as if it had been typed.
    pub(crate) async fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url })).await;
    }

    /// Loads the page anew, as the reader's key does. `location.reload()` would take the answer of
    /// its own evaluation away with the old document; here the new one is there at the end.
    pub(crate) async fn reload(&mut self) {
        let before = self.loads;
        self.call("Page.reload", json!({})).await;
        while self.loads == before {
            let message = self.message().await;
            self.note(&message);
        }
    }

    /// The value of a JavaScript expression.
    pub(crate) async fn evaluate(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", parameters).await;
        let exception = &answer["exceptionDetails"];
        assert!(exception.is_null(), "{expression}: {exception:#}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub(crate) async fn until(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        let tried = format!(
            "(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()"
        );
        while self.evaluate(&tried).await != json!(true) {
            if Instant::now() > deadline {
                let text = self.evaluate("document.body.innerText").await;
                panic!(
                    "never true: {expression}\n{:?}\n{}",
                    self.complaints,
                    text.as_str().unwrap_or_default()
                );
            }
            // One frame, and a turn of the page's tasks.
            self.evaluate("new Promise(done => setTimeout(done, 20))")
                .await;
        }
    }

    /// Presses and releases a key that types `text`.
    pub(crate) async fn press(&mut self, key: &str) {
        self.press_code(key, if key == "Enter" { 13 } else { 0 })
            .await;
    }

    /// The same with the key's number, for what the browser itself does with it.
    pub(crate) async fn press_code(&mut self, key: &str, code: u32) {
        let text = match key {
            "Enter" => "\r",
            key if key.chars().count() == 1 => key,
            _ => "",
        };
        let down =
            json!({ "type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code });
        self.call("Input.dispatchKeyEvent", down).await;
        self.call(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyUp", "key": key }),
        )
        .await;
    }

    /// Types into the field that has the focus.
    pub(crate) async fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Moves the pointer to the middle of an element; clicks it if asked.
    pub(crate) async fn point(&mut self, selector: &str, click: bool) {
        self.until(&format!(
            "document.querySelector({selector:?}).getBoundingClientRect().width > 0"
        ))
        .await;
        let place = format!(
            "(() => {{ const r = document.querySelector({selector:?}).getBoundingClientRect(); \
             return [r.x + r.width / 2, r.y + r.height / 2] }})()"
        );
        let place = self.evaluate(&place).await;
        let (x, y) = (place[0].as_f64(), place[1].as_f64());
        let place = x.zip(y).expect("an element that is shown");
        self.pointer(place, click).await;
    }

    /// Clicks at a place, in pixels of the page.
    pub(crate) async fn click_at(&mut self, x: f64, y: f64) {
        self.pointer((x, y), true).await;
    }

    async fn pointer(&mut self, (x, y): (f64, f64), click: bool) {
        let events: &[&str] = match click {
            true => &["mouseMoved", "mousePressed", "mouseReleased"],
            false => &["mouseMoved"],
        };
        for event in events {
            let button = if *event == "mouseMoved" {
                "none"
            } else {
                "left"
            };
            let parameters = json!({
                "type": event, "x": x, "y": y, "button": button, "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", parameters).await;
        }
    }

    /// Turns the wheel at a point of the page by so many pixels; with `zooms` as if Control were
    /// held.
    pub(crate) async fn wheel(&mut self, (x, y): (f64, f64), (dx, dy): (f64, f64), zooms: bool) {
        let control = if zooms { 2 } else { 0 };
        let parameters = json!({
            "type": "mouseWheel", "x": x, "y": y, "deltaX": dx, "deltaY": dy, "modifiers": control,
        });
        self.call("Input.dispatchMouseEvent", parameters).await;
    }

    /// Presses, moves or releases (`mousePressed`, `mouseMoved`, `mouseReleased`) the left button.
    pub(crate) async fn mouse(&mut self, event: &str, (x, y): (f64, f64)) {
        let parameters = json!({ "type": event, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", parameters).await;
    }

    /// Runs a script in every page from now on, before its own.
    pub(crate) async fn run_first(&mut self, script: &str) {
        self.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": script }),
        )
        .await;
    }

    /// From now on what is at these addresses cannot be loaded; `*` is for anything.
    pub(crate) async fn block(&mut self, addresses: &[&str]) {
        self.call("Network.enable", json!({})).await;
        self.call("Network.setBlockedURLs", json!({ "urls": addresses }))
            .await;
    }

    /// From now on workers can be asked ([`Self::evaluate_in_worker`]).
    pub(crate) async fn watch_workers(&mut self) {
        let how = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        self.call("Target.setAutoAttach", how).await;
    }

    /// The value of a JavaScript expression in the newest worker; null while there is none.
    pub(crate) async fn evaluate_in_worker(&mut self, expression: &str) -> Value {
        let Some(worker) = self.workers.last().cloned() else {
            return Value::Null;
        };
        let page = std::mem::replace(&mut self.session, worker);
        let value = self.evaluate(expression).await;
        self.session = page;
        value
    }

    /// Pretends that the system prefers `dark` or `light`.
    pub(crate) async fn prefer(&mut self, scheme: &str) {
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": feature }))
            .await;
    }

    /// Pretends that the page is printed, or no longer.
    pub(crate) async fn print(&mut self, prints: bool) {
        let media = if prints { "print" } else { "" };
        self.call("Emulation.setEmulatedMedia", json!({ "media": media }))
            .await;
    }

    /// Makes the window so large, in pixels of the page.
    pub(crate) async fn resize(&mut self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// A picture, where pictures are wanted.
    pub(crate) async fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("HINDSIGHT_SCREENSHOTS").map(PathBuf::from) else {
            return;
        };
        let answer = self
            .call("Page.captureScreenshot", json!({ "format": "png" }))
            .await;
        let bytes = from_base64(answer["data"].as_str().expect("a picture"));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("written");
    }

    /// What the page complained about so far, except `expected`.
    pub(crate) fn complaints(&self, expected: &[&str]) -> Vec<&String> {
        let is_expected = |text: &&String| expected.iter().any(|part| text.contains(part));
        self.complaints
            .iter()
            .filter(|text| !is_expected(text))
            .collect()
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let mut request = json!({ "id": id, "method": method, "params": parameters });
        if !self.session.is_empty() {
            request["sessionId"] = json!(self.session);
        }
        let request = Message::text(request.to_string());
        self.socket.send(request).await.expect("the browser reads");
        loop {
            let message = self.message().await;
            if message["id"] == json!(id) {
                assert!(message["error"].is_null(), "{method}: {message:#}");
                return message["result"].clone();
            }
            self.note(&message);
        }
    }

    /// What the browser says next: an answer or an event.
    async fn message(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await;
            let message = message.expect("an answer in time").expect("no end");
            if let Message::Text(text) = message.expect("a message") {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    fn note(&mut self, event: &Value) {
        let parameters = &event["params"];
        let complaint = match event["method"].as_str() {
            Some("Page.loadEventFired") => {
                self.loads += 1;
                return;
            }
            Some("Target.attachedToTarget") if parameters["targetInfo"]["type"] == "worker" => {
                let session = parameters["sessionId"].as_str();
                self.workers.extend(session.map(str::to_owned));
                return;
            }
            Some("Runtime.exceptionThrown") => parameters["exceptionDetails"].to_string(),
            Some("Log.entryAdded") if parameters["entry"]["level"] == "error" => {
                parameters["entry"]["text"].to_string()
            }
            Some("Runtime.consoleAPICalled") if parameters["type"] == "error" => {
                parameters["args"].to_string()
            }
            _ => return,
        };
        self.complaints.push(complaint);
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        // It may have crashed; then there is nothing to end.
        self.browser.kill().ok();
        self.browser.wait().ok();
    }
}

fn launch(profile: &std::path::Path) -> Child {
    let named = std::env::var_os("CHROME").into_iter();
    let names = named.chain(NAMES.into_iter().map(Into::into));
    let started = names.filter_map(|name| {
        let mut command = Command::new(name);
        command
            .arg(format!("--user-data-dir={}", profile.display()))
            .args([
                "--headless=new",
                "--remote-debugging-port=0",
                "--window-size=1440,900",
            ])
            .args(["--no-first-run", "--disable-gpu", "--disable-extensions"])
            .args(["--disable-background-networking", "--disable-dev-shm-usage"])
            // The sandbox cannot be had as root; the pages are our own.
            .args(["--no-sandbox", "about:blank"]);
        let command = command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped()).spawn().ok()
    });
    let mut started = started;
    started
        .next()
        .expect("a Chromium on PATH, or named by CHROME")
}

/// `DevTools listening on ws://…` on stderr. What follows is read too, so that the browser never
/// waits for us.
fn told_address(browser: &mut Child) -> String {
    let output = browser.stderr.take().expect("piped");
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("DevTools listening on ") {
                tell.send(address.to_owned()).ok();
            }
        }
    });
    told.recv_timeout(Duration::from_secs(60))
        .expect("the browser tells its address")
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let text = text.trim_end_matches('=').as_bytes();
    let group = |digits: &[u8]| {
        let bits = digits
            .iter()
            .fold(0_u32, |bits, byte| bits << 6 | u32::from(digit(*byte)));
        let bits = bits << (6 * (4 - digits.len()));
        bits.to_be_bytes()[1..digits.len()].to_vec()
    };
    text.chunks(4).flat_map(group).collect()
}
