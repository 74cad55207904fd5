//! What is filled into the commands of a runbook, so that each names its cluster, namespace, release and revision.
//!
//! Never: running them; a value that is not known stays visibly open (`<target>`), which a shell refuses to run.

use crate::domain::name::{Context, Namespace, ReleaseName, Revision};

/// The values known so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filled {
    /// `{release}`
    pub release: Option<ReleaseName>,
    /// `{namespace}`
    pub namespace: Option<Namespace>,
    /// `{context}`
    pub context: Option<Context>,
    /// `{target}`
    pub target: Option<Revision>,
    /// `{prometheus}`: its address.
    pub prometheus: Option<String>,
}

/// The placeholders of a runbook's commands.
pub(super) const PLACEHOLDERS: [&str; 5] = ["release", "namespace", "context", "target", "prometheus"];

impl Filled {
    /// Commands with every known value in place of its placeholder, quoted for the shell where it needs it, and every
    /// unknown one as `<release>`. `${release}` is a shell's own variable and stays.
    pub fn fill(&self, commands: &str) -> String {
        let mut out = String::with_capacity(commands.len());
        let mut rest = commands;
        while let Some((before, tail)) = rest.split_once('{') {
            out.push_str(before);
            let known = tail.split_once('}').filter(|(name, _)| PLACEHOLDERS.contains(name) && !before.ends_with('$'));
            rest = if let Some((name, after)) = known {
                out.push_str(&self.value(name).map_or_else(|| format!("<{name}>"), |value| shell(&value)));
                after
            } else {
                out.push('{');
                tail
            };
        }
        out.push_str(rest);
        out
    }

    fn value(&self, name: &str) -> Option<String> {
        match name {
            "release" => self.release.as_ref().map(ToString::to_string),
            "namespace" => self.namespace.as_ref().map(ToString::to_string),
            "context" => self.context.as_ref().map(ToString::to_string),
            "target" => self.target.map(|revision| revision.to_string()),
            "prometheus" => self.prometheus.clone(),
            _ => None,
        }
    }
}

/// What the values that are still open stand for, of those that cannot be guessed from their names.
pub fn open(commands: &str) -> Vec<&'static str> {
    const MEANINGS: [(&str, &str); 2] = [
        ("<target>", "<target> is the revision to go back to; v chooses it."),
        (
            "<prometheus>",
            "<prometheus> is its address, such as http://localhost:9090 while this runs beside: kubectl port-forward -n \
             monitoring svc/prometheus 9090 (namespace and name are your own; [prometheus] url in backout.toml is \
             filled in here).",
        ),
    ];
    MEANINGS.iter().filter(|(open, _)| commands.contains(open)).map(|(_, meaning)| *meaning).collect()
}

/// A word as a POSIX shell takes it literally.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "@%_+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_are_filled_in_and_unknown_ones_stay_open() {
        let filled = Filled {
            release: Some(ReleaseName::new("shop")),
            context: Some(Context::new("it's prod")),
            target: Some(Revision(2)),
            ..Filled::default()
        };
        let cases = [
            ("helm rollback {release} {target} -n {namespace}", "helm rollback shop 2 -n <namespace>"),
            ("--kube-context {context}", r"--kube-context 'it'\''s prod'"),
            ("x{namespace=\"{release}\"}", "x{namespace=\"shop\"}"),
            ("${release} {.items[*]} {", "${release} {.items[*]} {"),
            ("", ""),
        ];
        for (raw, wanted) in cases {
            assert_eq!(filled.fill(raw), wanted);
        }
    }

    #[test]
    fn what_stays_open_is_said_what_to_put_there() {
        let filled = Filled { target: Some(Revision(2)), ..Filled::default() };
        let said = open(&filled.fill("helm rollback x {target}; curl {prometheus}/api"));
        assert!(said.len() == 1 && said[0].starts_with("<prometheus> is its address"), "{said:?}");
        assert_eq!(open("helm history x"), Vec::<&str>::new());
    }
}
