//! Certificates that are not to be trusted, at the API server and at Prometheus: each has its sentence, and nothing was
//! sent to who showed one.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backout::live::{Options, open};
use backout::ports::World;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::server::file;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// A TLS server with that certificate, which knows kube-system; its address, and how many requests reached it.
fn serve(certificate: &str) -> (String, Arc<AtomicUsize>) {
    let chain = vec![CertificateDer::from_pem_file(fixture(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let reached = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reached);
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), socket);
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok_and(|n| n > 0) {
                counted.fetch_add(1, Ordering::SeqCst);
                let body = r#"{"metadata":{"uid":"u-1"}}"#;
                let length = body.len();
                let _ =
                    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
                let _ = stream.flush();
            }
        }
    });
    (address, reached)
}

/// The world at an API server and at a Prometheus, of which the kubeconfig's CA knows the first.
async fn world(api: &str, prometheus: &str) -> World {
    let config = file(
        &json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "shop-prod",
            "clusters": [{"name": "shop", "cluster": {"server": api, "certificate-authority": fixture("ca.pem")}}],
            "users": [{"name": "ana", "user": {"token": "t0ken"}}],
            "contexts": [{"name": "shop-prod", "context": {"cluster": "shop", "user": "ana", "namespace": "prod"}}],
        })
        .to_string(),
    );
    let options = Options {
        kubeconfig: Some(config.path().to_owned()),
        prometheus: Some(prometheus.to_owned()),
        ..Options::default()
    };
    open(options).await.unwrap().1
}

async fn said(world: &World) -> String {
    match world.cluster.identity().await {
        Ok(identity) => format!("{:?}", identity.pin),
        Err(fault) => fault.sentence(),
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_to_be_trusted_says_what_is_wrong_with_it() {
    let cases = [
        ("stranger.pem", "it is not signed by the CA that the kubeconfig names"),
        ("expired.pem", "it has expired"),
        ("elsewhere.pem", "it is made out to another name"),
    ];
    for (certificate, why) in cases {
        let (address, reached) = serve(certificate);
        let world = world(&format!("https://{address}"), "").await;
        let wanted = format!("Unreachable: TLS failed: the server's certificate is not trusted, {why} ({address})");
        assert_eq!((said(&world).await, reached.load(Ordering::SeqCst)), (wanted, 0), "{certificate}");
    }
    let (address, reached) = serve("good.pem");
    let world = world(&format!("https://{address}"), "").await;
    assert_eq!((said(&world).await.as_str(), reached.load(Ordering::SeqCst)), ("Uid(\"u-1\")", 1));
}

#[tokio::test]
async fn a_prometheus_with_a_strange_certificate_is_told_by_whom_it_would_have_to_be_signed() {
    let (address, reached) = serve("good.pem");
    let world = world("http://127.0.0.1:1", &format!("https://ana:secret@{address}/prom")).await;
    let told = world.metrics.fetch(super::metrics::request()).await.map_err(|fault| fault.sentence());
    let wanted = format!(
        "Unreachable: TLS failed: the server's certificate is not trusted, it is not signed by a CA that this machine \
         trusts ({address})"
    );
    assert_eq!((told, reached.load(Ordering::SeqCst)), (Err(wanted), 0));
}
