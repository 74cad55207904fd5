//! A drill cannot reach the world: no internet socket, no program started, nothing read outside its own folders.

use std::collections::BTreeSet;
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
    let around = [("KUBECONFIG", kubeconfig.as_str()), ("BACKOUT_PROMETHEUS_URL", "http://127.0.0.1:9")];
    let mut seat = Seat::open_in(home, &around, BACKOUT, &["drill"]);
    seat.opened();
    seat.press(Key::Char('a')).shows("a arms");
    seat.press(Key::Char('a')).shows("ARMED");
    seat.press(Key::Char('R')).shows("Type 2");
    seat.write("2").press(Key::Enter).shows("Job 1");
    let pid = seat.pid();
    let (open, unix) = (sockets(pid), inodes(pid, "unix", 6));
    assert!(open.is_subset(&unix), "sockets that are no unix pairs: {:?}", open.difference(&unix).collect::<Vec<_>>());
    for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] {
        assert!(open.is_disjoint(&inodes(pid, table, 9)), "{table}: {open:?}");
    }
    seat.closes("Esc closes this view");
    seat.press(Key::Char('q')).shows("Leave");
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
        println!("not shown here: strace is missing or may not trace");
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
