//! The helm of a drill: the same records, the same objects and the same troubles, and no process.
//!
//! Never: starting anything.

use super::field;
use super::production::Production;
use super::store::Key;
use crate::domain::name::Revision;
use crate::domain::release::Status;
use crate::helm::external::{Exit, Helm, Program};
use crate::helm::manifest;
use crate::helm::plan::Method;
use crate::helm::record::Record;
use crate::ports::Output;

impl Production {
    /// The helm that stands for a real one.
    pub(super) fn helm() -> Helm {
        Helm { path: "helm".into(), version: "v4.3.1".into(), server: String::new(), environment: Vec::new() }
    }

    /// What `helm rollback RELEASE REVISION` says and does.
    pub(super) fn run_program(&mut self, program: &Program) -> Vec<Output> {
        let ended = match program.arguments.as_slice() {
            [verb, release, to, ..] if verb == "rollback" => self.helm_rolls_back(release, to),
            other => Err(format!("unknown command {:?} for \"helm\"", other.first())),
        };
        self.settle();
        match ended {
            Ok(()) => vec![Output::Line("Rollback was a success! Happy Helming!".into()), Output::Ended(Exit::Code(0))],
            Err(why) => vec![Output::Line(format!("Error: {why}")), Output::Ended(Exit::Code(1))],
        }
    }

    fn helm_rolls_back(&mut self, release: &str, to: &str) -> Result<(), String> {
        self.readable("create", "secrets").map_err(|fault| fault.sentence())?;
        let mut history: Vec<Record> =
            self.records(Some(release)).iter().filter_map(|object| Record::decode(object).ok()).collect();
        history.sort_by_key(|r| r.revision);
        let wanted = Revision(to.parse().map_err(|_| format!("could not convert revision to a number: {to}"))?);
        let target = history.iter().find(|r| r.revision == wanted).cloned();
        let (Some(last), Some(target)) = (history.last().cloned(), target) else {
            return Err(format!("release has no {to} version"));
        };
        let mut next = Record::rollback(&last, &target, target.method.unwrap_or(Method::Csa), self.now)?;
        // Helm takes these for the ends of lines.
        let read = |text: &str| manifest::parse(&text.replace(['\u{85}', '\u{2028}', '\u{2029}'], " "));
        let (old, new) = (read(&last.manifest)?, read(&target.manifest)?);
        for object in &new {
            self.helm_applies(object);
        }
        let named = |o: &serde_json::Value| (manifest::gvk(o).kind, field::name(o).to_owned());
        for gone in old.iter().filter(|o| !new.iter().any(|n| named(n) == named(o))) {
            let gvk = manifest::gvk(gone);
            self.store.remove(&Key::new(&gvk.group, &gvk.kind, &self.drill.namespace, field::name(gone)));
        }
        for object in self.records(Some(release)) {
            self.supersede(&object);
        }
        let description = next.description.clone();
        next.set_status(Status::Deployed, &description)?;
        let object = next.encode(None)?;
        let key = self.record_key(next.revision);
        self.store.put(&key, object, self.now);
        Ok(())
    }
}
