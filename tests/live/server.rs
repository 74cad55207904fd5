//! A tiny HTTP server whose every answer a test decides: well-formed, late, cut off, or no HTTP at all.

use std::io::Write;
use std::sync::Arc;

use backout::domain::identity::Identity;
use backout::live::{Options, open};
use backout::ports::World;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request: `/api/v1/…?…`, and all its head.
pub struct Asked {
    pub path: String,
    pub head: String,
}

/// One answer.
pub enum Reply {
    /// Status and JSON.
    Json(u16, Value),
    /// Status and any text.
    Text(u16, String),
    /// These bytes, then the connection is closed.
    Bytes(Vec<u8>),
    /// JSON lines; the connection stays open after them.
    Stream(Vec<Value>),
    /// JSON lines; the connection is cut after them, in the middle of the body.
    CutStream(Vec<Value>),
    /// 200, and of a long body one byte a second.
    Trickle,
    /// Nothing, for ever.
    Silence,
}

/// Answers every request by `script`; gives the address.
pub async fn serve(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let script = Arc::new(script);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let script = Arc::clone(&script);
            tokio::spawn(async move {
                let _ = answer(socket, &*script).await;
            });
        }
    });
    address
}

async fn answer(mut socket: TcpStream, script: &(impl Fn(&Asked) -> Reply + Send + Sync)) -> std::io::Result<()> {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    while !read.windows(4).any(|w| w == b"\r\n\r\n") {
        let n = socket.read(&mut chunk).await?;
        if n == 0 {
            return Ok(());
        }
        read.extend_from_slice(&chunk[..n]);
        // Not HTTP (a TLS greeting): answered as a plain server does.
        if !read[0].is_ascii_uppercase() {
            return socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    }
    let head = String::from_utf8_lossy(&read).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    match script(&Asked { path, head }) {
        Reply::Json(code, body) => whole(&mut socket, code, "application/json", &body.to_string()).await,
        Reply::Text(code, body) => whole(&mut socket, code, "text/html", &body).await,
        Reply::Bytes(bytes) => socket.write_all(&bytes).await,
        Reply::Stream(lines) => {
            stream(&mut socket, &lines).await?;
            std::future::pending().await
        }
        Reply::CutStream(lines) => stream(&mut socket, &lines).await,
        Reply::Trickle => trickle(&mut socket).await,
        Reply::Silence => std::future::pending().await,
    }
}

async fn whole(socket: &mut TcpStream, code: u16, kind: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n");
    socket.write_all(format!("{head}\r\n{body}").as_bytes()).await
}

async fn stream(socket: &mut TcpStream, lines: &[Value]) -> std::io::Result<()> {
    socket
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await?;
    for line in lines {
        let line = format!("{line}\n");
        socket.write_all(format!("{:x}\r\n{line}\r\n", line.len()).as_bytes()).await?;
    }
    socket.flush().await
}

async fn trickle(socket: &mut TcpStream) -> std::io::Result<()> {
    socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{").await?;
    loop {
        socket.write_all(b" ").await?;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

/// A kubeconfig for a server, with this user.
pub fn kubeconfig(server: &str, user: &Value) -> NamedTempFile {
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "shop-prod",
        "clusters": [{"name": "shop", "cluster": {"server": server}}],
        "users": [{"name": "ana", "user": user}],
        "contexts": [{"name": "shop-prod", "context": {"cluster": "shop", "user": "ana", "namespace": "prod"}}],
    });
    file(&config.to_string())
}

/// A file with this text.
pub fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// The live world at a server.
pub async fn world_at(server: &str) -> (Identity, World) {
    let config = kubeconfig(server, &json!({"token": "t"}));
    let limit = Some(std::time::Duration::from_secs(1));
    let options = Options { kubeconfig: Some(config.path().to_owned()), limit, ..Options::default() };
    open(options).await.expect("it opens without asking the server")
}

/// The live world at a scripted server.
pub async fn world(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> World {
    let address = serve(script).await;
    world_at(&format!("http://{address}")).await.1
}

/// A list as the API server gives it.
pub fn list(version: &str, more: &str, items: &[Value]) -> Value {
    json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": version, "continue": more}, "items": items})
}

/// A Kubernetes status.
pub fn status(code: u16, reason: &str, message: &str) -> Reply {
    let status = json!({"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message});
    Reply::Json(code, status)
}
