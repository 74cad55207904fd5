//! A hook of a release as its record holds it (helm `pkg/release/v1/hook.go`).
//!
//! Never: running it; that is [`super::rollback`].

use serde::Deserialize;
use serde_json::json;

use super::raw::RawObject;
use super::record::Dialect;
use crate::domain::moment::Moment;

/// One hook; members that are not understood stay as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    raw: RawObject,
    /// Its object's name.
    pub name: String,
    /// `Job`
    pub kind: String,
    /// The template that made it.
    pub path: String,
    /// One YAML document.
    pub manifest: String,
    /// `pre-rollback`, `post-upgrade`, `test` …
    pub events: Vec<String>,
    /// The lighter runs first.
    pub weight: i64,
    /// When its object is deleted; Helm's default where none is written.
    pub delete: Vec<DeletePolicy>,
}

/// When a hook's object is deleted (annotation `helm.sh/hook-delete-policy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletePolicy {
    /// Before it is created anew; Helm's default.
    BeforeHookCreation,
    /// When it ended well.
    HookSucceeded,
    /// When it ended badly.
    HookFailed,
}

impl DeletePolicy {
    const fn word(self) -> &'static str {
        match self {
            Self::BeforeHookCreation => "before-hook-creation",
            Self::HookSucceeded => "hook-succeeded",
            Self::HookFailed => "hook-failed",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::BeforeHookCreation, Self::HookSucceeded, Self::HookFailed].into_iter().find(|p| p.word() == word)
    }
}

/// How a hook's last run stands (`last_run.phase`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Started.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
}

impl Phase {
    const fn word(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    name: String,
    kind: String,
    path: String,
    manifest: String,
    events: Option<Vec<String>>,
    weight: i64,
    delete_policies: Option<Vec<String>>,
}

impl Hook {
    /// From one member of the record's `hooks`.
    ///
    /// # Errors
    /// In words, where a member is not of its type.
    pub fn read(raw: RawObject) -> Result<Self, String> {
        let text = serde_json::to_string(&raw).map_err(|e| format!("a hook cannot be read: {e}"))?;
        let wire: Wire = serde_json::from_str(&text).map_err(|e| format!("a hook cannot be read: {e}"))?;
        let mut delete: Vec<_> =
            wire.delete_policies.unwrap_or_default().iter().filter_map(|w| DeletePolicy::from_word(w)).collect();
        if delete.is_empty() {
            delete.push(DeletePolicy::BeforeHookCreation);
        }
        Ok(Self {
            raw,
            name: wire.name,
            kind: wire.kind,
            path: wire.path,
            manifest: wire.manifest,
            events: wire.events.unwrap_or_default(),
            weight: wire.weight,
            delete,
        })
    }

    /// Whether it runs at an event.
    pub fn runs_at(&self, event: &str) -> bool {
        self.events.iter().any(|e| e == event)
    }

    /// Whether its object is deleted by a policy.
    pub fn deletes(&self, policy: DeletePolicy) -> bool {
        self.delete.contains(&policy)
    }

    /// Notes how its run stands; Helm writes the default delete policy down when it runs a hook. Of a time that is none
    /// helm 3 writes an empty text, helm 4 nothing.
    ///
    /// # Errors
    /// In words; writing JSON to memory fails only for lack of it.
    pub fn note(
        &mut self,
        phase: Phase,
        started: Moment,
        completed: Option<Moment>,
        dialect: Dialect,
    ) -> Result<(), String> {
        let stamp = |m: Moment| m.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        let mut run = json!({"started_at": stamp(started)});
        match (completed, dialect) {
            (Some(at), _) => run["completed_at"] = stamp(at).into(),
            (None, Dialect::Helm3) => run["completed_at"] = "".into(),
            (None, Dialect::Helm4) => {}
        }
        run["phase"] = phase.word().into();
        let policies: Vec<_> = self.delete.iter().map(|p| p.word()).collect();
        self.raw
            .set("last_run", &run)
            .and_then(|()| self.raw.set("delete_policies", &policies))
            .map_err(|e| format!("hook {} cannot be written: {e}", self.name))
    }

    /// As the record holds it.
    pub const fn raw(&self) -> &RawObject {
        &self.raw
    }
}

/// The hooks of an event in the order in which they run: by weight, then name; equals as stored (helm `action/hooks.go`).
pub fn at<'a>(hooks: &'a [Hook], event: &str) -> Vec<(usize, &'a Hook)> {
    let mut run: Vec<_> = hooks.iter().enumerate().filter(|(_, h)| h.runs_at(event)).collect();
    run.sort_by(|(_, a), (_, b)| (a.weight, &a.name).cmp(&(b.weight, &b.name)));
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(text: &str) -> Hook {
        Hook::read(serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn hooks_run_by_weight_then_name() {
        let all = [
            hook(r#"{"name":"c","weight":1,"events":["pre-rollback"]}"#),
            hook(r#"{"name":"b","weight":-1,"events":["pre-rollback","pre-upgrade"]}"#),
            hook(r#"{"name":"a","weight":1,"events":["pre-rollback"]}"#),
            hook(r#"{"name":"m","weight":-9,"events":["pre-upgrade"]}"#),
        ];
        let names: Vec<_> = at(&all, "pre-rollback").iter().map(|(i, h)| (*i, h.name.as_str())).collect();
        assert_eq!(names, [(1, "b"), (2, "a"), (0, "c")]);
    }

    #[test]
    fn a_run_is_noted_and_the_rest_kept() {
        let mut hook = hook(r#"{"name":"m","future":{"x":1},"last_run":{"phase":""},"events":null}"#);
        let at = chrono::DateTime::from_timestamp(0, 0).unwrap();
        for (dialect, completed) in [(Dialect::Helm3, r#""completed_at":"","#), (Dialect::Helm4, "")] {
            hook.note(Phase::Running, at, None, dialect).unwrap();
            let run = format!(r#"{{"started_at":"1970-01-01T00:00:00Z",{completed}"phase":"Running"}}"#);
            let rest = r#""events":null,"delete_policies":["before-hook-creation"]"#;
            let wanted = format!(r#"{{"name":"m","future":{{"x":1}},"last_run":{run},{rest}}}"#);
            assert_eq!(serde_json::to_string(hook.raw()).unwrap(), wanted);
        }
    }
}
