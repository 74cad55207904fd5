//! From a kubeconfig to what a client is made of. It is read once; a file that changes later cannot redirect anything.
//!
//! Never: contact with the cluster, nor a credential plugin; and never a line of the file in a message, for it may hold
//! a token.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use kube::Config;
use kube::config::{ExecInteractiveMode, KubeConfigOptions, Kubeconfig, KubeconfigError};

use crate::domain::fault::Fault;
use crate::domain::name::{Context, Namespace};
use crate::domain::text::clean;

use super::Options;
use super::process::LivePrograms;

const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(3);

/// What was chosen.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    /// Server, CA, credentials.
    pub config: Config,
    /// The context's name.
    pub context: Context,
    /// The namespace at work.
    pub namespace: Namespace,
    /// The files that it comes from; none in a pod.
    pub files: Vec<PathBuf>,
}

impl Chosen {
    /// The programs of this machine, kept at what was chosen.
    pub fn programs(&self) -> LivePrograms {
        let server = self.config.cluster_url.to_string().trim_end_matches('/').to_owned();
        LivePrograms { kubeconfig: self.files.clone(), server }
    }
}

/// Reads and chooses.
///
/// # Errors
/// A sentence for each way it fails: no kubeconfig, unreadable, malformed (with line), no such context.
pub(super) async fn choose(options: &Options) -> Result<Chosen, Fault> {
    let files = files(options.kubeconfig.as_deref(), env::var_os("KUBECONFIG").as_deref(), env::home_dir());
    let (kubeconfig, from) = match (read(&files, options.kubeconfig.is_some())?, options.context.as_ref()) {
        (Some(read), _) => read,
        (None, None) if env::var_os("KUBERNETES_SERVICE_HOST").is_some() => return in_cluster(options),
        (None, _) => return Err(nowhere(&files)),
    };
    let context = context(&kubeconfig, options.context.as_ref(), &from)?;
    let named = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(kubeconfig, &named).await;
    let config = config.map_err(|e| bad(&from, &format!("context {context}: {}", words(&e))))?;
    Ok(Chosen { files, ..chosen(config, Context::new(&context), options) })
}

fn chosen(mut config: Config, context: Context, options: &Options) -> Chosen {
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    if config.cluster_url.scheme() == Some(&http::uri::Scheme::HTTP) {
        // Without TLS no CA is needed, also on a machine that has none.
        config.root_cert.get_or_insert_default();
    }
    if let Some(exec) = config.auth_info.exec.as_mut() {
        exec.interactive_mode = Some(ExecInteractiveMode::Never);
    }
    let namespace = options.namespace.clone().unwrap_or_else(|| Namespace::new(&config.default_namespace));
    Chosen { config, context, namespace, files: Vec::new() }
}

fn in_cluster(options: &Options) -> Result<Chosen, Fault> {
    let config = Config::incluster().map_err(|e| Fault::Bad {
        what: format!(
            "There is no kubeconfig, and the service account of this pod cannot be used: {}",
            clean(&e.to_string())
        ),
    })?;
    Ok(chosen(config, Context::new("in-cluster"), options))
}

/// The files in question: the one named, else those of $KUBECONFIG, else the one at home.
fn files(named: Option<&Path>, list: Option<&OsStr>, home: Option<PathBuf>) -> Vec<PathBuf> {
    if let Some(path) = named {
        return vec![path.to_owned()];
    }
    let listed: Vec<PathBuf> =
        list.into_iter().flat_map(env::split_paths).filter(|p| !p.as_os_str().is_empty()).collect();
    if listed.is_empty() { home.map(|h| h.join(".kube").join("config")).into_iter().collect() } else { listed }
}

/// All files merged, the first to say something wins (kubectl's rule); one that is not there is passed over, as kubectl
/// does, unless it was named. `None`: none is there.
fn read(files: &[PathBuf], named: bool) -> Result<Option<(Kubeconfig, String)>, Fault> {
    let mut merged: Option<Kubeconfig> = None;
    let mut from = Vec::new();
    for path in files {
        let shown = path.display().to_string();
        let next = match Kubeconfig::read_from(path) {
            Ok(next) => next,
            Err(KubeconfigError::ReadConfig(e, _)) if e.kind() == io::ErrorKind::NotFound && !named => continue,
            Err(e) => return Err(bad(&shown, &words(&e))),
        };
        merged = Some(match merged {
            Some(before) => before.merge(next).map_err(|e| bad(&shown, &words(&e)))?,
            None => next,
        });
        from.push(shown);
    }
    Ok(merged.map(|m| (m, from.join(", "))))
}

fn nowhere(files: &[PathBuf]) -> Fault {
    let looked: Vec<String> = files.iter().map(|p| p.display().to_string()).collect();
    let looked =
        if looked.is_empty() { "there is no home folder".into() } else { format!("looked for {}", looked.join(", ")) };
    Fault::Absent {
        what: clean(&format!(
            "There is no kubeconfig, so no cluster to open ({looked}). Name one with --kubeconfig or KUBECONFIG, or \
             rehearse without a cluster: backout drill"
        )),
    }
}

/// The name of the context to use.
fn context(kubeconfig: &Kubeconfig, wanted: Option<&Context>, from: &str) -> Result<String, Fault> {
    let names: Vec<&str> = kubeconfig.contexts.iter().map(|c| c.name.as_str()).collect();
    let there = if names.is_empty() { "it has none".to_owned() } else { format!("there are: {}", names.join(", ")) };
    let current = kubeconfig.current_context.as_deref().filter(|c| !c.is_empty());
    match wanted.map(Context::as_str).or(current) {
        Some(name) if names.contains(&name) => Ok(name.to_owned()),
        Some(name) => Err(absent(&format!("There is no context {name} in {from}; {there}"))),
        None => Err(absent(&format!("No context is current in {from}; choose one with --context, {there}"))),
    }
}

fn absent(what: &str) -> Fault {
    Fault::Absent { what: clean(what) }
}

fn bad(from: &str, why: &str) -> Fault {
    Fault::Bad {
        what: clean(&format!(
            "The kubeconfig {from} cannot be used: {why}. No cluster was opened; mend it, or name another with \
             --kubeconfig or KUBECONFIG"
        )),
    }
}

fn words(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::Parse(e) => {
            // A quoted part of a YAML error is the file's own text.
            let said = e.without_snippet().to_string();
            let said = said.split(['"', '`', '\n']).next().unwrap_or_default().trim_end_matches([' ', ':']).to_owned();
            match e.location() {
                Some(at) if !said.contains("line") => format!("line {}, column {}: {said}", at.line(), at.column()),
                Some(_) | None => said,
            }
        }
        KubeconfigError::ReadConfig(e, _) => match e.kind() {
            io::ErrorKind::NotFound => "there is no such file".into(),
            io::ErrorKind::PermissionDenied => "it may not be read".into(),
            _ => e.to_string(),
        },
        KubeconfigError::LoadClusterOfContext(cluster) => format!("its cluster {cluster} is not defined"),
        KubeconfigError::MissingClusterUrl => "its cluster has no server".into(),
        KubeconfigError::ParseClusterUrl(e) => format!("the server's address is malformed: {e}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_file_beats_the_list_and_the_list_beats_home() {
        let home = || Some(PathBuf::from("/home/ana"));
        let list = || Some(OsStr::new("a::b"));
        let paths = |p: &[&str]| p.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(files(Some(Path::new("x")), list(), home()), paths(&["x"]));
        assert_eq!(files(None, list(), home()), paths(&["a", "b"]));
        assert_eq!(files(None, Some(OsStr::new("")), home()), paths(&["/home/ana/.kube/config"]));
        assert_eq!(files(None, None, None), paths(&[]));
    }

    #[test]
    fn without_any_file_the_drill_is_offered() {
        assert_eq!(
            nowhere(&[PathBuf::from("/home/ana/.kube/config")]).sentence(),
            "There is no kubeconfig, so no cluster to open (looked for /home/ana/.kube/config). Name one with \
             --kubeconfig or KUBECONFIG, or rehearse without a cluster: backout drill"
        );
    }
}
