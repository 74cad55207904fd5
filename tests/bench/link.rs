//! A link of some length to the API server: TCP passes through it, each direction half a round trip late, and its bytes
//! are counted.
//!
//! Never: a look into what passes; a limit of how much does.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Instant, sleep_until};

/// An open link; it goes on until the process ends.
pub struct Link {
    /// Where it begins.
    pub port: u16,
    passed: Arc<AtomicU64>,
}

impl Link {
    /// To that server.
    pub async fn open(server: SocketAddr, round_trip: Duration) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let passed = Arc::new(AtomicU64::new(0));
        let counted = passed.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let counted = counted.clone();
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(server).await else { return };
                    let _ = (near.set_nodelay(true), far.set_nodelay(true));
                    let ((from, back), (answers, to)) = (near.into_split(), far.into_split());
                    // The handshake of TCP has taken a round trip on a real link; here it ended at once.
                    let ready = Instant::now() + round_trip;
                    let out = carry(from, to, (round_trip / 2, ready), &counted);
                    tokio::join!(out, carry(answers, back, (round_trip / 2, ready), &counted));
                });
            }
        });
        Ok(Self { port, passed })
    }

    /// Bytes that have passed, both ways.
    pub fn bytes(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}

/// One direction, until it is closed.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    (late, ready): (Duration, Instant),
    passed: &AtomicU64,
) {
    let (send, mut under_way) = unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length) = from.read(&mut buffer).await {
            if length == 0 {
                break;
            }
            passed.fetch_add(length as u64, Ordering::Relaxed);
            let due = Instant::now().max(ready) + late;
            if send.send((due, buffer[..length].to_vec())).is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((due, bytes)) = under_way.recv().await {
            if !late.is_zero() {
                sleep_until(due).await;
            }
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
        // The other end may be gone already.
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}
