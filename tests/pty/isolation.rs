//! A drill cannot reach the world: no internet socket, no program started, nothing read outside its own folders.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::process::Command;

use termlens::Key;

use super::seat::{BACKOUT, Seat};

/// A kubeconfig that would hang its reader: a pipe that nobody writes.
fn trap(home: &std::path::Path) -> String {
    let pipe = home.join("kubeconfig");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    pipe.to_str().unwrap().to_owned()
}

/// A server's door that nobody may knock at.
fn bait() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

/// The inodes of sockets in a table of /proc/net, by the column that has them.
#[cfg(target_os = "linux")]
fn inodes(pid: u32, table: &str, column: usize) -> BTreeSet<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
    text.lines().skip(1).filter_map(|l| l.split_whitespace().nth(column).map(str::to_owned)).collect()
}

/// The sockets that a process has open.
#[cfg(target_os = "linux")]
fn sockets(pid: u32) -> BTreeSet<String> {
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let links = open.filter_map(|f| std::fs::read_link(f.ok()?.path()).ok());
    links.filter_map(|l| Some(l.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_drill_opens_no_socket_but_its_own_pairs_and_reads_no_kubeconfig() {
    let home = tempfile::tempdir().unwrap();
    let kubeconfig = trap(home.path());
    // What the live cockpit would ask: whoever connects, however briefly, stays in its queue.
    let baits = [bait(), bait()];
    let [prometheus, alertmanager] = baits.each_ref().map(|b| format!("http://{}", b.local_addr().unwrap()));
    let around = [
        ("KUBECONFIG", kubeconfig.as_str()),
        ("PROMETHEUS_URL", prometheus.as_str()),
        ("ALERTMANAGER_URL", alertmanager.as_str()),
    ];
    let mut seat = Seat::open_in(home, &around, BACKOUT, &["drill"]);
    let pid = seat.pid();
    let looked = || {
        let (open, unix) = (sockets(pid), inodes(pid, "unix", 6));
        let others: Vec<_> = open.difference(&unix).collect();
        assert!(others.is_empty(), "sockets that are no unix pairs: {others:?}");
        for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] {
            assert!(open.is_disjoint(&inodes(pid, table, 9)), "{table}: {open:?}");
        }
    };
    seat.opened();
    looked();
    seat.press(Key::Char('a')).shows("a arms");
    seat.press(Key::Char('a')).shows("ARMED");
    seat.press(Key::Char('R')).shows("Type 2");
    looked();
    seat.write("2").press(Key::Enter).shows("Job 1");
    looked();
    seat.closes("Esc closes this view");
    seat.press(Key::Char('r'));
    seat.press(Key::Char('q')).shows("Leave");
    looked();
    for bait in baits {
        let came = bait.accept().map(|(_, from)| from);
        assert_eq!(came.map_err(|e| e.kind()), Err(std::io::ErrorKind::WouldBlock), "a drill asked a server");
    }
}

/// The quoted path of a traced call.
fn path(line: &str) -> Option<&str> {
    line.split('"').nth(1)
}

/// What any Rust program's start reads, and the terminal.
fn of_the_system(path: &str) -> bool {
    let loader = path.starts_with("/etc/ld.so") || path.contains("/lib/") || path.starts_with("/lib");
    let kernel = ["/proc/", "/sys/", "/dev/tty", "/dev/pts/", "/dev/null", "/dev/urandom"];
    let time = ["/etc/localtime", "/usr/share/zoneinfo", "/etc/timezone"];
    loader || kernel.iter().chain(&time).any(|known| path.starts_with(known))
}

#[cfg(target_os = "linux")]
#[test]
fn every_call_of_a_drill_stays_at_home() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().to_str().unwrap().to_owned();
    let trace = home.path().join("trace");
    let traced = trace.to_str().unwrap().to_owned();
    let can = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).output();
    if !can.is_ok_and(|o| o.status.success()) {
        let missing = "NOT SHOWN HERE: that a drill calls nothing outside; strace is missing, or may not trace";
        // Where it is promised (.ci/run promises it, once it has strace) this is a failure.
        assert!(std::env::var_os("BACKOUT_NEEDS_STRACE").is_none(), "{missing}");
        let _ = writeln!(std::io::stderr(), "{missing}");
        return;
    }
    let kubeconfig = trap(home.path());
    let calls = "trace=socket,connect,bind,sendto,open,openat,openat2,execve,execveat,unlink,rename";
    let arguments = ["-f", "-qq", "-o", traced.as_str(), "-e", calls, BACKOUT, "drill", "plan"];
    let mut seat = Seat::open_in(home, &[("KUBECONFIG", &kubeconfig)], "strace", &arguments);
    seat.opened();
    seat.press(Key::Char('a')).shows("a arms");
    seat.press(Key::Char('a')).shows("ARMED");
    seat.press(Key::Char('R')).shows("Type 2");
    seat.write("2").press(Key::Enter).shows("Job 1");
    while !seat.terminal.screen().contains("Seen: rev 2 as rev 4") {
        let before = seat.terminal.screen().text();
        seat.press(Key::Char('>')).see(|s| s.text() != before);
    }
    seat.closes("Seen: rev 2");
    seat.press(Key::Char('q')).ends();
    let text = std::fs::read_to_string(&trace).unwrap();
    let (mut opened, mut started) = (0, 0);
    for line in text.lines() {
        let call = line.split_whitespace().nth(1).unwrap_or_default();
        assert!(!line.contains("AF_INET") && !line.contains("AF_NETLINK"), "the internet: {line}");
        assert!(!call.starts_with("connect(") && !call.starts_with("bind("), "a connection: {line}");
        started += usize::from(call.starts_with("execve"));
        if call.starts_with("open") {
            opened += 1;
            let path = path(line).unwrap_or_default();
            let own = ["state/backout", "config/backout"].iter().any(|p| path.starts_with(&format!("{folder}/{p}")));
            assert!(own || of_the_system(path), "read or written outside its own folders: {line}");
        }
    }
    assert!(opened > 3, "nothing was traced:\n{text}");
    assert_eq!(started, 1, "a program was started:\n{text}");
    assert_eq!(seat.journals().len(), 1, "its journal is at home");
}
