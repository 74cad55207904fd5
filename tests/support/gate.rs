//! A way to the API server on which one request can be held: before it arrives, or when it has been answered and its
//! answer is on the way back. So a cockpit can be killed at an exact step, with no failpoint in it.
//!
//! It speaks plain HTTP/1.1 to the cockpit and TLS, as the administrator, to the API server; one connection a request.
//! While one request is held, no other that changes anything passes.
//!
//! Never: a change of what is asked or answered, but for the connection's own headers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    dead_code,
    reason = "a test fails by panicking, its fixtures too"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use tempfile::NamedTempFile;

use crate::floor::lab;

/// Where a request is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It has not reached the API server.
    Asked,
    /// The API server has done it; nobody knows yet.
    Answered,
}

/// What becomes of a held request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes on where it was held.
    GoesOn,
    /// Its connection breaks.
    Lost,
}

/// Which request is held: the first of that method whose path contains the words. One that only reads can be held, too;
/// a dry run cannot.
#[derive(Debug, Clone, Copy)]
pub struct Hold {
    pub method: &'static str,
    pub path: &'static str,
    pub side: Side,
}

#[derive(Default)]
struct State {
    hold: Option<Hold>,
    /// So many requests like it pass first.
    first: usize,
    /// One is taken: no other change passes.
    closed: bool,
    /// The one that was taken is where it is to be held.
    held: Option<String>,
    /// How often was let go, and with which fate the last time.
    opened: u64,
    fate: Option<Fate>,
    changes: Vec<String>,
}

struct Inside {
    state: Mutex<State>,
    moved: Condvar,
    tls: Arc<ClientConfig>,
}

/// An open gate; its thread ends with the process.
pub struct Gate {
    inside: Arc<Inside>,
    kubeconfig: NamedTempFile,
}

impl Gate {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inside = Arc::new(Inside { state: Mutex::default(), moved: Condvar::new(), tls: administrator() });
        let here = inside.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let inside = here.clone();
                // A connection that breaks is the cockpit's to notice.
                std::thread::spawn(move || inside.carry(&stream).ok());
            }
        });
        let mut kubeconfig = NamedTempFile::new().unwrap();
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: gate\n\
             clusters: [{{name: gate, cluster: {{server: \"http://{address}\"}}}}]\n\
             users: [{{name: gate, user: {{}}}}]\n\
             contexts: [{{name: gate, context: {{cluster: gate, user: gate}}}}]\n"
        );
        kubeconfig.write_all(text.as_bytes()).unwrap();
        Self { inside, kubeconfig }
    }

    /// The kubeconfig that leads through it.
    pub fn kubeconfig(&self) -> &Path {
        self.kubeconfig.path()
    }

    /// Holds the first request like this from now on.
    pub fn hold(&self, hold: Hold) {
        self.hold_after(0, hold);
    }

    /// The same, but so many requests like this pass first.
    pub fn hold_after(&self, first: usize, hold: Hold) {
        let mut state = self.inside.state();
        (state.hold, state.first) = (Some(hold), first);
    }

    /// Waits until it is held; method and path.
    pub fn held(&self, seconds: u64) -> String {
        let state = self.inside.state();
        let waited = self.inside.moved.wait_timeout_while(state, Duration::from_secs(seconds), |s| s.held.is_none());
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.held.clone().unwrap_or_else(|| panic!("never asked: {:?}; asked: {:#?}", state.hold, state.changes))
    }

    /// What was held, and what waited behind it, meets its fate; nothing is held any more.
    pub fn let_go(&self, fate: Fate) {
        let mut state = self.inside.state();
        (state.hold, state.closed, state.held, state.fate) = (None, false, None, Some(fate));
        state.opened += 1;
        self.inside.moved.notify_all();
    }

    /// Requests that change something and were let through or held, since the last time.
    pub fn changes(&self) -> Vec<String> {
        std::mem::take(&mut self.inside.state().changes)
    }
}

impl Inside {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request there and its answer back.
    fn carry(&self, mut client: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(client.try_clone()?);
        let (mut head, mut length, mut line) = (String::new(), 0, String::new());
        while reader.read_line(&mut line)? > 0 && line != "\r\n" {
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if !lower.starts_with("connection:") {
                head.push_str(&line);
            }
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let mut words = head.split(' ').map(str::to_owned);
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(()) };
        let (side, opened) = self.met(&method, &path);
        if side == Some(Side::Asked) && self.fate(opened) == Fate::Lost {
            return Ok(());
        }
        let tcp = TcpStream::connect("127.0.0.1:6443")?;
        let name = ServerName::try_from("127.0.0.1").map_err(std::io::Error::other)?;
        let session = ClientConnection::new(self.tls.clone(), name).map_err(std::io::Error::other)?;
        let mut server = StreamOwned::new(session, tcp);
        server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
        server.write_all(&body)?;
        server.flush()?;
        if side == Some(Side::Answered) {
            let mut answer = Vec::new();
            // The API server ends a connection without ceremony.
            let _ = server.read_to_end(&mut answer);
            self.state().held = Some(format!("{method} {path}"));
            self.moved.notify_all();
            return match self.fate(opened) {
                Fate::GoesOn => client.write_all(&answer),
                Fate::Lost => Ok(()),
            };
        }
        pass_on(&mut server, client)
    }

    /// Where this request is held, if it is, and until which opening; what changes something is written down.
    fn met(&self, method: &str, path: &str) -> (Option<Side>, u64) {
        let mut state = self.state();
        let opened = state.opened;
        if path.contains("dryRun=") || path.contains("/authorization.k8s.io/") {
            return (None, opened);
        }
        if method != "GET" {
            state.changes.push(format!("{method} {path}"));
            if state.closed {
                return (Some(Side::Asked), opened);
            }
        }
        let is_like = state.hold.is_some_and(|hold| hold.method == method && path.contains(hold.path));
        if !is_like || state.first > 0 {
            state.first -= usize::from(is_like);
            return (None, opened);
        }
        let Some(hold) = state.hold.take() else { return (None, opened) };
        state.closed = true;
        if hold.side == Side::Asked {
            state.held = Some(format!("{method} {path}"));
            self.moved.notify_all();
        }
        (Some(hold.side), opened)
    }

    /// Waits for the next opening.
    fn fate(&self, opened: u64) -> Fate {
        let waited = self.moved.wait_while(self.state(), |s| s.opened == opened);
        waited.unwrap_or_else(PoisonError::into_inner).fate.unwrap_or(Fate::Lost)
    }
}

fn pass_on(server: &mut impl Read, mut client: &TcpStream) -> std::io::Result<()> {
    let mut buffer = [0; 16_384];
    loop {
        match server.read(&mut buffer) {
            Ok(0) | Err(_) => return client.shutdown(std::net::Shutdown::Both),
            Ok(n) => client.write_all(buffer.get(..n).unwrap_or_default())?,
        }
    }
}

fn administrator() -> Arc<ClientConfig> {
    let pki = lab().join("pki");
    let certificates = |name: &str| -> Vec<_> {
        let read = CertificateDer::pem_file_iter(pki.join(name)).expect("the lab's certificates");
        read.flatten().collect()
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates("ca.crt"));
    let key = PrivateKeyDer::from_pem_file(pki.join("admin.key")).expect("the lab's key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_client_auth_cert(certificates("admin.crt"), key).unwrap())
}
