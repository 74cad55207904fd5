//! A wire to a server which can go dead without a word: what is sent stays where it is, nothing is closed, also for who
//! comes later. So a network is lost.
//!
//! Never: a byte changed or dropped; what was held arrives when the wire lives again.
#![allow(clippy::unwrap_used, dead_code, reason = "a test fails by panicking, its fixtures too")]

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub struct Wire {
    /// Where it begins: `127.0.0.1:40001`
    pub address: String,
    dead: watch::Sender<bool>,
}

impl Wire {
    pub async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (dead, state) = watch::channel(false);
        let server = server.to_owned();
        tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                let (server, state) = (server.clone(), state.clone());
                tokio::spawn(async move {
                    let Ok(there) = TcpStream::connect(server).await else { return };
                    let ((read_here, write_here), (read_there, write_there)) = (here.into_split(), there.into_split());
                    tokio::join!(carry(read_here, write_there, state.clone()), carry(read_there, write_here, state));
                });
            }
        });
        Self { address, dead }
    }

    pub fn die(&self) {
        self.dead.send_replace(true);
    }

    pub fn live(&self) {
        self.dead.send_replace(false);
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut dead: watch::Receiver<bool>) {
    let mut buffer = [0; 16_384];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        if dead.wait_for(|dead| !dead).await.is_err() || to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
    let _ = dead.wait_for(|dead| !dead).await;
}
