//! Reading logs of many pods at once, each from where it was read last: line by line, so that no log is ever held whole.
//!
//! Never: following a log; what is not read now is read the next time.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use futures::{AsyncBufRead, AsyncBufReadExt, StreamExt, stream};
use http::Request;
use tokio::time::timeout;

use crate::domain::fault::Fault;
use crate::domain::logs::{Excerpt, Heard, LogAsk, LogRule};
use crate::domain::moment::Moment;
use crate::domain::text::clean;

use super::address;
use super::asked::Asked;
use super::connect::Connection;

/// How long one log may take; it comes through the kubelet, which may be gone with its node.
const LIMIT: Duration = Duration::from_secs(5);
/// Of one log at most so many bytes are read at once.
const BYTES: usize = 1_048_576;
/// Logs that are read at the same time.
const AT_ONCE: usize = 8;

/// Reads all of them; the answers in the order of the questions.
pub(super) async fn of_all(connection: &Connection, asks: Vec<LogAsk>, rule: LogRule) -> Vec<Heard> {
    let read = |ask: LogAsk| {
        let rule = &rule;
        async move {
            let excerpt = one(connection, &ask, rule).await;
            Heard { ask, excerpt }
        }
    };
    stream::iter(asks).map(read).buffered(AT_ONCE).collect().await
}

async fn one(connection: &Connection, ask: &LogAsk, rule: &LogRule) -> Result<Excerpt, Fault> {
    let namespace = connection.namespace.as_str();
    let asked = Asked::new("get", "pods/log", Some(namespace));
    let pods = address::of_parts("", "v1", "pods", Some(namespace));
    // Whole seconds are all that the server knows; what is older is left out here.
    let since = ask.from.to_rfc3339_opts(SecondsFormat::Secs, true);
    let bytes = BYTES.to_string();
    let query = address::query(&[
        ("container", ask.writer.container.as_str()),
        ("sinceTime", &since),
        ("limitBytes", &bytes),
        ("timestamps", "true"),
    ]);
    let uri = format!("{pods}/{}/log?{query}", address::escaped(ask.writer.pod.as_str()));
    let request = Request::get(uri).body(Vec::new()).map_err(|e| asked.bad(&format!("it cannot be asked: {e}")))?;
    let mut excerpt = Excerpt::default();
    let limit = LIMIT.min(connection.limit);
    let client = connection.client();
    let reading = async {
        let log = client.request_stream(request).await?;
        Ok(into(&mut excerpt, std::pin::pin!(log), ask, rule).await)
    };
    match timeout(limit, reading).await {
        Ok(Ok(Ok(()))) => {
            connection.pulse.beat();
            Ok(excerpt)
        }
        Ok(Ok(Err(e))) if excerpt.lines == 0 => Err(asked.bad(&format!("the log broke off: {e}"))),
        Ok(Err(error)) => Err(connection.trouble(&asked, error).await.fault(&asked)),
        Err(_) if excerpt.lines == 0 => Err(connection.silent(&asked, limit)),
        // What came in time is known; the rest is read the next time.
        Ok(Ok(Err(_))) | Err(_) => Ok(Excerpt { cut: true, ..excerpt }),
    }
}

/// Reads line by line to the end, or to where the question ends.
async fn into(
    excerpt: &mut Excerpt,
    mut log: impl AsyncBufRead + Unpin,
    ask: &LogAsk,
    rule: &LogRule,
) -> std::io::Result<()> {
    let (mut line, mut read) = (Vec::new(), 0);
    loop {
        line.clear();
        let length = log.read_until(b'\n', &mut line).await?;
        if length == 0 {
            return Ok(());
        }
        read += length;
        if read >= BYTES {
            // The server stops here, most likely in the middle of a line: it comes again.
            excerpt.cut = true;
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line);
        let Some((at, text)) = stamped(text.trim_end_matches(['\n', '\r'])) else { continue };
        if ask.until.is_some_and(|until| at >= until) {
            return Ok(());
        }
        if at > ask.from {
            excerpt.take(at, &clean(text), rule);
        }
    }
}

/// `2026-01-02T03:04:05.000000000Z text`
fn stamped(line: &str) -> Option<(Moment, &str)> {
    let (stamp, text) = line.split_once(' ').unwrap_or((line, ""));
    Some((DateTime::parse_from_rfc3339(stamp).ok()?.with_timezone(&Utc), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::logs::Writer;

    fn at(second: i64) -> Moment {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn read(log: &str, from: i64, until: Option<i64>) -> Excerpt {
        let writer = Writer { pod: "p".into(), container: "c".into() };
        let ask = LogAsk { writer, from: at(from), until: until.map(at) };
        let mut excerpt = Excerpt::default();
        let rule = LogRule::default();
        let reading = into(&mut excerpt, futures::io::Cursor::new(log.as_bytes()), &ask, &rule);
        futures::executor::block_on(reading).unwrap();
        excerpt
    }

    #[test]
    fn lines_are_taken_by_their_time_without_control_sequences_and_what_has_none_is_left_out() {
        let log = "1970-01-01T00:00:10.5Z INFO old\n1970-01-01T00:00:11.000000001Z \u{1b}[31mERROR\u{1b}[0m \u{1b}[2Jboom\r\n\
                   no stamp: error\n1970-01-01T02:00:12+02:00 fine\n1970-01-01T00:00:20Z\n1970-01-01T00:00:30Z error";
        let all = read(log, 11, None);
        let texts: Vec<&str> = all.tail.iter().map(|l| l.text.as_str()).collect();
        assert_eq!(texts, ["ERROR boom", "fine", "", "error"]);
        assert_eq!((all.newest.len(), all.lines, all.last, all.cut), (2, 4, Some(at(30)), false));
        let before = read(log, 0, Some(12));
        assert_eq!((before.lines, before.errors.values().sum::<u32>()), (2, 1));
    }

    #[test]
    fn a_log_that_was_cut_says_so_and_its_half_line_is_left_for_the_next_time() {
        let line = format!("1970-01-01T00:00:10Z error {}\n", "x".repeat(970));
        let log = line.repeat(BYTES / line.len() + 1);
        let cut = read(&log[..BYTES], 0, None);
        let wanted = (BYTES / line.len()) as u64;
        assert_eq!((cut.cut, cut.lines), (true, wanted));
        assert!(!read(&line.repeat(10), 0, None).cut);
    }
}
