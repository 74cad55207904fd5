//! One question to the API server in the words of its faults, and the fault or refusal that its answer means.
//!
//! Never: the bare text of an error type; a page of HTML; a credential plugin's arguments.

use std::time::Duration;

use kube::core::Status;

use crate::domain::fault::Fault;
use crate::domain::text::{clean, clean_lines};
use crate::helm::api::{FieldConflict, Refused};

/// The reason that kube gives to a refusal whose body is no Kubernetes status.
pub(super) const NOT_KUBERNETES: &str = "Failed to parse error data";

/// What is asked: `list` + `pods in namespace prod`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// The verb as RBAC names it.
    pub verb: String,
    /// The resource, or the object, and where.
    pub what: String,
}

impl Asked {
    /// `list`, `pods`, `prod` -> "list pods in namespace prod".
    pub fn new(verb: &str, resource: &str, namespace: Option<&str>) -> Self {
        let what = namespace.map_or_else(|| resource.to_owned(), |ns| format!("{resource} in namespace {ns}"));
        Self { verb: verb.to_owned(), what: clean(&what) }
    }

    /// "list pods in namespace prod", to follow "Could not".
    pub fn words(&self) -> String {
        format!("{} {}", self.verb, self.what)
    }

    /// An answer that cannot be used.
    pub fn bad(&self, why: &str) -> Fault {
        Fault::Bad { what: format!("Could not {}: {}", self.words(), clean(why)) }
    }
}

/// What went wrong with one question.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trouble {
    /// The server answered with a status that is no success.
    Status(Box<Status>),
    /// There was no usable answer.
    Fault(Fault),
}

impl Trouble {
    /// The list or watch has to begin anew: 410.
    pub fn is_expired(&self) -> bool {
        matches!(self, Self::Status(s) if s.code == 410 || s.reason == "Expired" || s.reason == "Gone")
    }

    /// 404.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Status(s) if s.code == 404)
    }

    /// For a person.
    pub fn fault(self, asked: &Asked) -> Fault {
        match self {
            Self::Fault(fault) => fault,
            Self::Status(status) => status_fault(asked, &status),
        }
    }

    /// For the engine.
    pub fn refused(self, asked: &Asked) -> Refused {
        let status = match self {
            Self::Fault(fault) => return Refused::Fault { fault, message: String::new() },
            Self::Status(status) => status,
        };
        let message = whole(&status.message);
        match (status.code, status.reason.as_str()) {
            (404, _) => Refused::NotFound(message),
            (409, "AlreadyExists") => Refused::AlreadyExists(message),
            (409, _) => Refused::Conflict { message, fields: conflicts(&status) },
            (422, _) => Refused::Invalid(message),
            (429, _) => Refused::Busy { said: status_fault(asked, &status).sentence(), rest: rest(&status) },
            _ => Refused::Fault { fault: status_fault(asked, &status), message },
        }
    }
}

/// How long the server asks to be left alone.
fn rest(status: &Status) -> Option<Duration> {
    let seconds = u64::from(status.details.as_ref()?.retry_after_seconds);
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn status_fault(asked: &Asked, status: &Status) -> Fault {
    let said = short(&status.message);
    match status.code {
        401 => Fault::Unauthorized {
            what: format!("who stands before the API server does not accept these credentials (401): {said}"),
        },
        403 => Fault::Forbidden { verb: asked.verb.clone(), resource: asked.what.clone() },
        404 => Fault::Absent { what: format!("The server has no {}: {said}", asked.what) },
        429 => asked.bad(&format!("the API server is overloaded (429): {said}")),
        0 => asked.bad(&said),
        code => asked.bad(&format!("the API server answered {code}: {said}")),
    }
}

/// A server's message as helm would write it into a record: whole, with its lines; of a page of HTML only its title.
fn whole(message: &str) -> String {
    if message.trim_start().starts_with('<') { short(message) } else { clean_lines(message) }
}

/// A server's message in one line that fits a screen; of a page of HTML only its title.
pub(super) fn short(message: &str) -> String {
    const LONGEST: usize = 200;
    let trimmed = message.trim_start();
    if trimmed.starts_with('<') {
        let lower = trimmed.to_ascii_lowercase();
        let title = lower.find("<title>").and_then(|at| {
            let rest = trimmed.get(at + 7..)?;
            rest.split('<').next()
        });
        return title.map_or_else(
            || "a page of HTML, not JSON".to_owned(),
            |t| format!("a page of HTML (“{}”), not JSON", clean(t).trim()),
        );
    }
    let line = clean(trimmed.trim_end());
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}

/// The fields that others own, from a conflict's causes (apimachinery `NewApplyConflict`: `conflict with "NAME" [with
/// subresource "scale"] using apps/v1[ at TIME]`).
fn conflicts(status: &Status) -> Vec<FieldConflict> {
    let causes = status.details.iter().flat_map(|d| &d.causes);
    causes
        .filter(|c| c.reason == "FieldManagerConflict")
        .map(|c| {
            let named = c.message.strip_prefix("conflict with ").unwrap_or(&c.message);
            let manager = named.split(" using ").next().unwrap_or(named);
            let manager = manager.split(" at ").next().unwrap_or(manager);
            // Only the name's own quotes go; those of a subresource stay.
            let manager = match manager.strip_prefix('"').and_then(|m| m.split_once('"')) {
                Some((name, rest)) => format!("{name}{rest}"),
                None => manager.to_owned(),
            };
            FieldConflict { manager: clean(&manager), field: clean(&c.field) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(value: serde_json::Value) -> Trouble {
        Trouble::Status(Box::new(serde_json::from_value(value).unwrap()))
    }

    #[test]
    fn a_status_becomes_a_sentence() {
        let asked = Asked::new("list", "secrets", Some("prod"));
        let cases = [
            (
                401,
                "<title>Sign in</title>",
                "Not logged in: who stands before the API server does not accept these credentials (401): a page of HTML \
                 (“Sign in”), not JSON",
            ),
            (403, "secrets is forbidden: User …", "Forbidden: you may not list secrets in namespace prod"),
            (
                429,
                "slow down",
                "Could not list secrets in namespace prod: the API server is overloaded (429): slow down",
            ),
            (500, "boom\u{1b}[2J", "Could not list secrets in namespace prod: the API server answered 500: boom"),
            (
                502,
                "<html><head><TITLE>502 Bad Gateway</title>",
                "Could not list secrets in namespace prod: the API server answered 502: a page of HTML (“502 Bad Gateway”), not JSON",
            ),
        ];
        for (code, message, wanted) in cases {
            assert_eq!(status(json!({"code": code, "message": message})).fault(&asked).sentence(), wanted);
        }
    }

    #[test]
    fn a_conflict_names_its_fields_and_managers() {
        let cause =
            |message: &str, field: &str| json!({"reason": "FieldManagerConflict", "message": message, "field": field});
        let trouble = status(
            json!({"code": 409, "reason": "Conflict", "message": "Apply failed with 2 conflicts", "details": {"causes": [
                cause("conflict with \"kubectl-client-side-apply\" using apps/v1", ".spec.replicas"),
                cause("conflict with \"kubectl\" with subresource \"scale\" using apps/v1 at 2026-01-01T00:00:00Z", ".spec.x"),
            ]}}),
        );
        let field = |manager: &str, field: &str| FieldConflict { manager: manager.into(), field: field.into() };
        assert_eq!(
            trouble.refused(&Asked::new("patch", "deployments", None)),
            Refused::Conflict {
                message: "Apply failed with 2 conflicts".into(),
                fields: vec![
                    field("kubectl-client-side-apply", ".spec.replicas"),
                    field("kubectl with subresource \"scale\"", ".spec.x"),
                ],
            }
        );
    }

    #[test]
    fn a_refusal_keeps_the_kind_that_the_engine_decides_by() {
        let asked = Asked::new("create", "secrets", Some("prod"));
        let said = || "said".to_owned();
        let cases = [
            (json!({"code": 404, "message": "said"}), Refused::NotFound(said())),
            (json!({"code": 409, "reason": "AlreadyExists", "message": "said"}), Refused::AlreadyExists(said())),
            (json!({"code": 422, "reason": "Invalid", "message": "said"}), Refused::Invalid(said())),
            (
                json!({"code": 403, "reason": "Forbidden", "message": "said"}),
                Refused::Fault {
                    fault: Fault::Forbidden { verb: "create".into(), resource: "secrets in namespace prod".into() },
                    message: said(),
                },
            ),
        ];
        for (raw, wanted) in cases {
            assert_eq!(status(raw).refused(&asked), wanted);
        }
    }
}
