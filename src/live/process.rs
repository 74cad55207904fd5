//! The programs of this machine: which helm is here, and its run, line by line.
//!
//! A program has no terminal and a process group of its own, so that a dropped connection or Ctrl-C ends the screen and
//! not the program; it is kept at the cluster that was opened.
//!
//! Never: a shell, or a program that the plan does not name.

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::future::{BoxFuture, FutureExt, join3};
use futures::stream::BoxStream;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

use crate::domain::text::clean;
use crate::helm::external::{Exit, Helm, Program};
use crate::ports::{Output, Programs};

/// How helm is asked for its version.
const VERSION: &str = "helm version --short";

/// A program says its version within this long.
const VERSION_LIMIT: Duration = Duration::from_secs(10);

/// The programs, and the cluster that they are kept at.
#[derive(Debug, Clone)]
pub struct LivePrograms {
    /// The files of the kubeconfig; none in a pod.
    pub kubeconfig: Vec<PathBuf>,
    /// The API server.
    pub server: String,
}

impl Programs for LivePrograms {
    fn helm(&self) -> BoxFuture<'_, Result<Helm, String>> {
        async move {
            let path = on_path("helm").ok_or("there is no helm on the PATH of this machine")?;
            let files = self.kubeconfig.iter().filter(|f| f.exists()).map(std::path::absolute);
            let files =
                files.collect::<Result<Vec<_>, _>>().and_then(|f| env::join_paths(f).map_err(std::io::Error::other));
            let files = files.map_err(|e| format!("the kubeconfig cannot be named to helm: {e}"))?;
            if files.is_empty() {
                return Err("there is no kubeconfig that helm could be kept at".into());
            }
            let environment = vec![("KUBECONFIG".to_owned(), files.to_string_lossy().into_owned())];
            let version = version(&path).await?;
            Ok(Helm { path: path.display().to_string(), version, server: self.server.clone(), environment })
        }
        .boxed()
    }

    fn run(&self, program: Program) -> BoxStream<'static, Output> {
        let (send, lines) = unbounded();
        // The task goes on when nobody listens any more: a rollback is not left in its middle.
        tokio::spawn(async move {
            let exit = followed(&program, &send).await;
            let _ = send.unbounded_send(Output::Ended(exit));
        });
        lines.boxed()
    }
}

/// The first file of that name on the PATH that may be run.
fn on_path(name: &str) -> Option<PathBuf> {
    let runs = |path: &PathBuf| path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
    env::split_paths(&env::var_os("PATH")?).filter(|f| f.is_absolute()).map(|folder| folder.join(name)).find(runs)
}

#[expect(clippy::disallowed_methods, reason = "programs are started here")]
fn command(path: &Path) -> Command {
    let mut command = Command::new(path);
    // Each of these would send helm elsewhere, or as somebody else.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("HELM_KUBE") || ["HELM_NAMESPACE", "HELM_DEBUG"].contains(&&*text) {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    command
}

async fn version(helm: &Path) -> Result<String, String> {
    let mut asked = command(helm);
    asked.args(VERSION.split(' ').skip(1)).kill_on_drop(true);
    let shown = helm.display();
    let said = tokio::time::timeout(VERSION_LIMIT, asked.output()).await;
    let said = said.map_err(|_| format!("{shown} does not say its version within {} s", VERSION_LIMIT.as_secs()))?;
    let said = said.map_err(|e| format!("{shown} cannot be started: {e}"))?;
    let version = clean(String::from_utf8_lossy(&said.stdout).trim());
    if said.status.success() && version.starts_with('v') { Ok(version) } else { Err(format!("{shown} is no helm")) }
}

/// Starts it and tells its lines as they come; how it ended.
async fn followed(program: &Program, send: &UnboundedSender<Output>) -> Exit {
    let mut started = command(Path::new(&program.path));
    started.args(&program.arguments).envs(program.environment.iter().cloned());
    let mut child = match started.spawn() {
        Ok(child) => child,
        Err(e) => return Exit::NotStarted(e.to_string()),
    };
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let ((), (), ended) = join3(told(out, send), told(err, send), child.wait()).await;
    ended.map_or_else(|e| Exit::Lost(e.to_string()), exit)
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Lost("the system names neither code nor signal".into()),
    }
}

async fn told(pipe: Option<impl AsyncRead + Unpin>, send: &UnboundedSender<Output>) {
    let Some(pipe) = pipe else { return };
    let mut lines = BufReader::new(pipe).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        // Where nobody listens any more it is read all the same: a full pipe would stop the program.
        let _ = send.unbounded_send(Output::Line(line));
    }
}
