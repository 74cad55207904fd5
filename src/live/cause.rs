//! Why nobody answered, from the deepest cause of an error: `connection refused`, not `client error (Connect)`.
//!
//! Never: a source's own debug output.

use std::error::Error;
use std::io;

use crate::domain::fault::Fault;
use crate::domain::text::clean;

/// Whose word on a server's certificate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trusted {
    /// The CA of the kubeconfig.
    ByKubeconfig,
    /// The CAs of this machine.
    ByMachine,
}

impl Trusted {
    const fn whom(self) -> &'static str {
        match self {
            Self::ByKubeconfig => "the CA that the kubeconfig names",
            Self::ByMachine => "a CA that this machine trusts",
        }
    }
}

/// The fault behind a failed exchange. `doing` completes "Could not …"; `server` is who was asked: `10.0.0.1:6443`.
pub(super) fn fault(doing: &str, server: &str, trusted: Trusted, error: &(dyn Error + 'static)) -> Fault {
    let unreachable = |why: &str| Fault::Unreachable { what: format!("{why} ({server})") };
    let bad = |why: &str| Fault::Bad { what: format!("Could not {doing}: {server} {why}") };
    let mut deepest = String::new();
    for cause in causes(error) {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return unreachable(&tls_words(trusted, tls));
        }
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && let Some(words) = io_words(io.kind())
        {
            return unreachable(words);
        }
        deepest = cause.to_string();
        for (mark, why) in BROKEN {
            if deepest.contains(mark) {
                return bad(why);
            }
        }
    }
    unreachable(&clean(&deepest))
}

/// Words of hyper's errors (their types are not public) and what they mean.
const BROKEN: [(&str, &str); 7] = [
    ("end of file before message length reached", "broke off in the middle of its answer"),
    ("unexpected EOF during chunk", "broke off in the middle of its answer"),
    ("error reading a body from connection", "broke off in the middle of its answer"),
    ("connection closed before message completed", "closed the connection without an answer"),
    ("invalid HTTP", "does not speak HTTP; is the port right?"),
    ("invalid content-length parsed", "does not speak HTTP properly"),
    ("corrupt deflate stream", "sent an answer that cannot be unpacked"),
];

/// The chain of causes, looking into the errors that an I/O error wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&e: &&'a (dyn Error + 'static)| {
        if let Some(inner) = e.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            return Some(inner as &(dyn Error + 'static));
        }
        e.source()
    })
}

fn io_words(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            "the connection was cut"
        }
        io::ErrorKind::HostUnreachable => "no route to host",
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => "the network is unreachable",
        io::ErrorKind::TimedOut => "no answer in time",
        _ => return None,
    })
}

fn tls_words(trusted: Trusted, error: &rustls::Error) -> String {
    use rustls::CertificateError as C;
    match error {
        rustls::Error::InvalidMessage(_) => {
            "TLS failed: the server does not speak TLS on this port; is it plain http?".into()
        }
        rustls::Error::InvalidCertificate(certificate) => {
            let why = match certificate {
                C::UnknownIssuer => format!("it is not signed by {}", trusted.whom()),
                C::Expired | C::ExpiredContext { .. } => "it has expired".into(),
                C::NotValidYet | C::NotValidYetContext { .. } => {
                    "it is not valid yet; is this machine's clock right?".into()
                }
                C::NotValidForName | C::NotValidForNameContext { .. } => "it is made out to another name".into(),
                C::Revoked => "it was revoked".into(),
                other => clean(&other.to_string()),
            };
            format!("TLS failed: the server's certificate is not trusted, {why}")
        }
        other => format!("TLS failed: {}", clean(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("client error (Connect)")]
    struct Outer(#[source] io::Error);

    #[test]
    fn the_deepest_cause_is_what_is_said() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let cases = [
            (io::Error::from(io::ErrorKind::ConnectionRefused), "Unreachable: connection refused (h:1)"),
            (
                io::Error::other(tls),
                "Unreachable: TLS failed: the server's certificate is not trusted, it is not signed by the CA that the \
                 kubeconfig names (h:1)",
            ),
            (
                io::Error::other("end of file before message length reached"),
                "Could not list pods: h:1 broke off in the middle of its answer",
            ),
            (io::Error::other("no such\u{1b}[2J thing"), "Unreachable: no such thing (h:1)"),
        ];
        for (error, wanted) in cases {
            assert_eq!(fault("list pods", "h:1", Trusted::ByKubeconfig, &Outer(error)).sentence(), wanted);
        }
    }
}
