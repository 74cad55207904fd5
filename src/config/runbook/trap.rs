//! Commands that a runbook must not print, because they do something else than the hand expects.
//!
//! Never: judging a shell script; each line is read word by word, and what is not understood is let through.

use super::super::section::{nearest, quote};
use super::filled::PLACEHOLDERS;

/// One trap: what was found and what to write instead.
pub(super) struct Trap {
    pub(super) found: String,
    pub(super) cure: String,
}

/// Every trap in the commands.
pub(super) fn traps(commands: &str) -> Vec<Trap> {
    commands.lines().flat_map(|line| bare_rollback(line).into_iter().chain(misspelt(line))).collect()
}

/// `helm rollback NAME` without a revision: Helm takes N-1 by number, even if that one failed (`action/rollback.go`).
fn bare_rollback(line: &str) -> Option<Trap> {
    let mut words = line.split_whitespace().skip_while(|word| *word != "helm");
    words.next()?;
    let mut named = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "|" | "||" | "&&" | ";" | "#" | "\\" => break,
            flag if flag.starts_with('-') => {
                if !flag.contains('=') && !SWITCHES.contains(&flag) {
                    words.next();
                }
            }
            name => named.push(name),
        }
    }
    (named.first() == Some(&"rollback") && named.len() < 3).then(|| Trap {
        found: format!("holds {}, which names no revision", quote(line.trim())),
        cure: "Helm would take the revision just before, even a failed one: write {target} after the release".into(),
    })
}

/// The flags of `helm rollback` that take no value (helm 3.21 and 4.2).
const SWITCHES: [&str; 13] = [
    "--cleanup-on-fail",
    "--debug",
    "--dry-run",
    "--force",
    "--force-conflicts",
    "--force-replace",
    "--help",
    "-h",
    "--no-hooks",
    "--recreate-pods",
    "--wait",
    "--wait-for-jobs",
    "--kube-insecure-skip-tls-verify",
];

/// `{relase}`: a bare word in braces that is nearly a placeholder.
fn misspelt(line: &str) -> Option<Trap> {
    line.split('{')
        .skip(1)
        .filter_map(|tail| tail.split_once('}').map(|(word, _)| word))
        .filter(|word| !PLACEHOLDERS.contains(word))
        .find_map(|word| nearest(word, &PLACEHOLDERS).map(|near| (word, near)))
        .map(|(word, near)| Trap { found: format!("holds {{{word}}}"), cure: format!("{{{near}}} is filled in") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_without_a_revision_is_a_trap() {
        let cases = [
            ("helm rollback shop -n prod", true),
            ("helm -n prod rollback shop --wait", true),
            ("helm rollback --wait --timeout 10m shop", true),
            ("helm rollback shop && echo done", true),
            ("sudo helm rollback shop -n prod # then look", true),
            ("helm rollback shop 2 -n prod", false),
            ("helm rollback shop {target} --kube-context {context} -n {namespace} --wait --timeout 10m", false),
            ("helm rollback --wait shop 2", false),
            ("helm rollback --namespace=prod shop <revision>", false),
            ("helm history shop -n prod", false),
            ("kubectl rollout undo deployment/a", false),
            ("helm", false),
            ("", false),
        ];
        for (line, wanted) in cases {
            assert_eq!(traps(line).len() == 1, wanted, "{line}");
        }
    }

    #[test]
    fn a_misspelt_placeholder_is_a_trap_and_a_shells_own_braces_are_none() {
        let cases =
            [("-n {namespce}", true), ("awk '{print}'", false), ("-o jsonpath='{.items[*]}'", false), ("{a,b}", false)];
        for (line, wanted) in cases {
            assert_eq!(!traps(line).is_empty(), wanted, "{line}");
        }
    }
}
