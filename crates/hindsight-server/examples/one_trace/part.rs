//! Starting parts and serving their lanes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use vox::PendingLane;

use super::Error;

/// Runs a part until it is done.
pub fn run(part: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    on(runtime, part)
}

/// Runs a part on this thread alone.
pub fn run_on_one_thread<F: Future<Output = Result<(), Error>>>(
    part: impl FnOnce() -> F,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread();
    on(runtime, part())
}

fn on(
    mut runtime: tokio::runtime::Builder,
    part: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    runtime.enable_all().build()?.block_on(part)
}

/// A part in a process of its own. It ends when this is dropped.
pub struct Started {
    child: Child,
    /// Where it listens.
    pub address: String,
}

/// Starts this program as another part and waits until it listens.
pub fn start(part: &str) -> Result<Started, Error> {
    let mut command = Command::new(std::env::current_exe()?);
    // A part ends when its standard input does.
    let command = command
        .arg(part)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let output = child.stdout.take().ok_or("no output of a part")?;
    let mut address = String::new();
    BufReader::new(output).read_line(&mut address)?;
    Ok(Started {
        child,
        address: address.trim().to_owned(),
    })
}

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may have ended by itself.
        self.child.wait().ok();
    }
}

/// Serves lanes on a port of its own until the standard input ends.
pub async fn serve(
    accept: impl Fn(PendingLane) + Clone + Send + Sync + 'static,
) -> Result<(), Error> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let listening = async move {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let accept = accept.clone();
            let acceptor = vox::lane_acceptor_fn(move |_request, lane: PendingLane| {
                accept(lane);
                Ok(())
            });
            let link = vox::transport::tcp::StreamLink::tcp(stream);
            tokio::spawn(async move {
                let accepted = vox::acceptor_on(link).on_lane(acceptor);
                if let Ok(connection) = accepted.establish_connection().await {
                    connection.closed().await;
                }
            });
        }
    };
    tokio::select! {
        ended = listening => ended,
        () = input_ended() => Ok(()),
    }
}

/// A thread of its own reads, because reading cannot be cancelled.
pub async fn input_ended() {
    let (told, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        // Whatever came, it is over.
        std::io::stdin().read_line(&mut line).ok();
        told.send(()).ok();
    });
    ended.await.ok();
}
