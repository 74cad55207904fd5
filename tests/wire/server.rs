//! HTTP over loopback, as little as kubeconfig's plain `http://` needs: one thread a connection, kept alive.
//!
//! Never: what is answered; that is [`super::api`].

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// One request.
#[derive(Debug, Default)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub content_type: String,
    pub accept: String,
    pub body: Vec<u8>,
}

/// One answer: status, content type, body.
pub type Reply = (u16, &'static str, Vec<u8>);

/// Answers every request by `script` for as long as the process lives; gives the address.
pub fn serve(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let script = Arc::new(script);
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let script = Arc::clone(&script);
            std::thread::spawn(move || answer(&socket, &*script));
        }
    });
    format!("http://{address}")
}

fn answer(socket: &TcpStream, script: &(impl Fn(&Asked) -> Reply + ?Sized)) -> std::io::Result<()> {
    // Nagle would cost 40 ms a request.
    socket.set_nodelay(true)?;
    let (mut from, mut to) = (BufReader::new(socket), socket);
    while let Some(asked) = read(&mut from)? {
        let (status, kind, body) = script(&asked);
        let head = format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut bytes = head.into_bytes();
        bytes.extend(body);
        to.write_all(&bytes)?;
    }
    Ok(())
}

fn read(from: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut asked = Asked { method: method.into(), path: path.into(), query: query.into(), ..Asked::default() };
    let mut length = 0;
    loop {
        let mut header = String::new();
        from.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "content-type" => value.clone_into(&mut asked.content_type),
            "accept" => value.clone_into(&mut asked.accept),
            _ => {}
        }
    }
    asked.body = vec![0; length];
    from.read_exact(&mut asked.body)?;
    Ok(Some(asked))
}
