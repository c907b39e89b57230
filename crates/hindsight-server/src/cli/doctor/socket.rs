//! The local socket.

use std::path::Path;

use hindsight_connect::{DialOptions, Endpoint, dial};

use super::Check;
use crate::cli::settings::Settings;

const NAME: &str = "socket";

/// Whether the socket exists in a place that can be trusted. Does not connect.
#[cfg(unix)]
pub(super) fn place(path: &Path) -> Check {
    let shown = path.display();
    if !path.exists() {
        let found = format!("{shown} does not exist");
        return Check::fail(NAME, found, "start `hindsight serve`, or see its --socket");
    }
    match hindsight_connect::check_local_dir(path) {
        Ok(()) => Check::ok(NAME, format!("{shown} is there, in a private directory")),
        Err(error) => {
            let advice = "use a directory that is yours alone (mode 0700)";
            Check::warn(NAME, error.to_string(), advice)
        }
    }
}

/// Not on this platform.
#[cfg(not(unix))]
pub(super) fn place(path: &Path) -> Check {
    let found = format!("{}: no Unix sockets here", path.display());
    Check::fail(NAME, found, "use host:port")
}

/// Whether a hub answers on the socket that apps of this user would try; none of it is needed for
/// the endpoint that was asked for.
pub(super) async fn beside(path: &Path, settings: &Settings) -> Check {
    let shown = path.display();
    if !path.exists() {
        let found = format!("{shown} does not exist");
        return Check::warn(NAME, found, "only apps that use connect_local need it");
    }
    let endpoint = Endpoint::Local {
        path: path.to_owned(),
    };
    let options = DialOptions {
        token: settings.token().unwrap_or_default(),
        ..DialOptions::default()
    };
    match dial(&endpoint, options).await {
        Ok(_hub) => Check::ok(NAME, format!("a hub answers at {shown}")),
        Err(error) => {
            let advice = "only apps that use connect_local need it; `hindsight serve` replaces a \
                          socket that was left over";
            Check::warn(NAME, error.to_string(), advice)
        }
    }
}
