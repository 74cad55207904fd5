//! Does what `update` asks: each effect becomes a future whose end is a message. The same executor serves the cockpit
//! (tokio) and drills in tests (a single thread): how a future is spawned is handed in.
//!
//! Order: an [`Effect::Append`] is queued at once; an [`Effect::Run`] behind it in the same batch starts when the
//! journal has it on disk, and never if it has not (invariant 3).

use std::sync::Arc;

use futures::FutureExt;
use futures::channel::mpsc::UnboundedSender;
use futures::future::BoxFuture;

use crate::act;
use crate::act::rollback::Terms;
use crate::domain::alert::Rung;
use crate::domain::event::{Act, Ending};
use crate::domain::fact::{Aside, Fact};
use crate::domain::fault::Fault;
use crate::domain::identity::Identity;
use crate::domain::name::{Container, JobId, Namespace, PodName, ReleaseName};
use crate::effect::{Effect, Wanted};
use crate::functional::results::Ran;
use crate::functional::test::Test;
use crate::helm;
use crate::helm::ask::Ask;
use crate::helm::plan::Refusal;
use crate::helm::progress::Outcome;
use crate::helm::recover::Begun;
use crate::kubectl;
use crate::maintenance;
use crate::model::feed::Generation;
use crate::msg::Msg;
use crate::permit::Permit;
use crate::plan::Plan;
use crate::ports::{Journal, Unwritten, World};
use crate::revert;

/// How a future is set going.
pub type Spawn = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// Asks the cluster who it is.
pub type Identify = Arc<dyn Fn() -> BoxFuture<'static, Result<Identity, Fault>> + Send + Sync>;

/// Asks that world who it is.
pub fn identify(world: &World) -> Identify {
    let cluster = world.cluster.clone();
    Arc::new(move || {
        let cluster = cluster.clone();
        async move { cluster.identity().await }.boxed()
    })
}

/// What only the loop itself can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Local {
    /// Put text on the clipboard.
    Copy(String),
    /// Move the drill on.
    SkipAhead,
    /// Stop until continued.
    Suspend,
    /// End.
    Quit,
}

/// Performs effects.
#[derive(Clone)]
pub struct Executor {
    /// The world.
    pub world: World,
    /// The journal.
    pub journal: Arc<dyn Journal>,
    /// Asks the cluster who it is.
    pub identify: Identify,
    /// The namespace at work.
    pub namespace: Namespace,
    /// The kube context, for command lines on show; empty in a drill.
    pub context: String,
    /// What a rollback waits for.
    pub terms: Terms,
    /// Where messages go.
    pub send: UnboundedSender<Msg>,
    /// How futures are set going.
    pub spawn: Spawn,
}

impl Executor {
    /// Performs a batch in order; what only the loop can do comes back.
    pub fn perform(&self, effects: Vec<Effect>) -> Vec<Local> {
        let mut locals = Vec::new();
        let mut effects = effects.into_iter();
        while let Some(effect) = effects.next() {
            match effect {
                Effect::Append(events) => {
                    let written = self.journal.append(events, self.world.clock.now().wall);
                    let (acts, others): (Vec<_>, Vec<_>) = effects.partition(|e| matches!(e, Effect::Run(..)));
                    let behind = self.clone();
                    self.go(async move {
                        match written.await {
                            Ok(entries) => {
                                behind.tell(Msg::Appended(entries));
                                for act in acts {
                                    behind.run(act);
                                }
                            }
                            Err(Unwritten::Disk(why)) => behind.tell(Msg::NotAppended(why)),
                            Err(Unwritten::Held(who, entries)) => behind.tell(Msg::Held(who, entries)),
                        }
                    });
                    locals.extend(self.perform(others));
                    return locals;
                }
                Effect::Copy(text) => locals.push(Local::Copy(text)),
                Effect::SkipAhead => locals.push(Local::SkipAhead),
                Effect::Suspend => locals.push(Local::Suspend),
                Effect::Quit => locals.push(Local::Quit),
                // Without an intent on disk before it nothing runs.
                Effect::Run(job, ..) => {
                    let why = "its intent was not journaled before it: this is a fault of backout".to_owned();
                    self.tell(Msg::Ended(job, Ending::Void { why }));
                }
                question => self.ask(question),
            }
        }
        locals
    }

    fn go(&self, future: impl Future<Output = ()> + Send + 'static) {
        (self.spawn)(future.boxed());
    }

    fn tell(&self, msg: Msg) {
        // The loop is gone only when the process ends.
        let _ = self.send.unbounded_send(msg);
    }

    fn rung(&self, generation: Generation, rung: Result<Rung, Fault>) {
        let lacking = rung.as_ref().ok().and_then(|r| r.lacking.clone());
        self.tell(Msg::Fact(Fact::Lacking(Aside::Alerts, lacking)));
        self.tell(Msg::AlertsRead(generation, rung.map(|r| r.alerts)));
    }

    async fn maintained(self, generation: Generation, release: Option<ReleaseName>) {
        let found = act::maintenance::found(&self.world, &self.namespace, release).await;
        self.tell(Msg::MaintenanceRead(generation, found));
    }

    /// Functional tests that only read.
    async fn tested(self, generation: Generation, tests: Vec<Test>) {
        act::functional::run(&self.world, &tests, |_, ran| self.tell(Msg::TestRan(generation, ran))).await;
    }

    async fn used(self, generation: Generation) {
        let usage = self.world.metrics.usage(self.namespace.clone()).await;
        self.tell(Msg::UsageRead(generation, usage));
    }

    async fn last_said(self, job: JobId, pod: PodName, container: Option<Container>) {
        let line = last_line(&self.world, pod.clone(), container).await;
        self.tell(Msg::LastLineRead(job, pod, line));
    }

    fn ask(&self, effect: Effect) {
        let here = self.clone();
        let world = self.world.clone();
        match effect {
            Effect::Identify => self.go(async move {
                here.tell(Msg::Identified((here.identify)().await));
            }),
            Effect::Measure(generation, request) => self.go(async move {
                let what = (request.signal, request.scope);
                let curves = world.metrics.fetch(request).await;
                here.tell(Msg::Measured(what, generation, curves));
            }),
            Effect::ReadAlerts(generation) => self.go(async move {
                here.rung(generation, world.alerts.alerts().await);
            }),
            Effect::ReadChanges(generation, since) => self.go(async move {
                here.tell(Msg::ChangesRead(generation, world.cluster.changes(since).await));
            }),
            Effect::ReadHealth(generation, asks) => self.go(async move {
                here.tell(Msg::HealthRead(generation, world.cluster.health(asks).await));
            }),
            Effect::RunTests(generation, tests) => self.go(here.tested(generation, tests)),
            Effect::ReadUsage(generation) => self.go(here.used(generation)),
            Effect::ReadLogs(generation, asks, rule) => self.go(async move {
                here.tell(Msg::LogsRead(generation, world.cluster.logs(asks, rule).await));
            }),
            Effect::ReadMaintenance(generation, release) => self.go(here.maintained(generation, release)),
            Effect::ReadLived(release, services, lives) => self.go(async move {
                let lived = act::lived::read(&world, &here.namespace, &services, &lives).await;
                here.tell(Msg::LivedRead(release, lived));
            }),
            Effect::ReadLastLine(job, pod, container) => self.go(here.last_said(job, pod, container)),
            Effect::ReadPod(generation, pod) => self.go(async move {
                here.tell(Msg::PodRead(generation, world.cluster.pod_detail(pod).await));
            }),
            Effect::ReadRevision(generation, release, revision) => self.go(async move {
                let lines = act::revision::against_current(&world, release, revision).await;
                here.tell(Msg::RevisionRead(generation, lines));
            }),
            Effect::Prepare(generation, wanted) => self.go(async move {
                here.tell(Msg::Prepared(generation, Box::new(here.planned(wanted).await)));
            }),
            Effect::ReadStanding(job, act) => self.go(async move {
                here.tell(Msg::StandingRead(job, standing(&world, act).await));
            }),
            Effect::Look(generation, target, known) => {
                let looked = self.journal.look(target, known);
                self.go(async move { here.tell(Msg::Looked(generation, looked.await)) });
            }
            Effect::ReadHistory(generation, workload) => self.go(async move {
                let history = act::workload::history(&world, workload, &here.namespace).await;
                here.tell(Msg::HistoryRead(generation, history));
            }),
            Effect::Append(_)
            | Effect::Run(..)
            | Effect::Copy(_)
            | Effect::SkipAhead
            | Effect::Suspend
            | Effect::Quit => {}
        }
    }

    /// What that act would do, by the world as it is now.
    async fn planned(&self, wanted: Wanted) -> Result<Plan, Refusal> {
        let (namespace, context) = (self.namespace.clone(), self.context.clone());
        match wanted {
            Wanted::RollBack(release, to, choices, cut_off) => {
                let Terms { timeout, wait, holder } = self.terms.clone();
                let ask = Ask { release, namespace, to, context, timeout, wait, choices, holder, cut_off };
                act::rollback::planned(&self.world, ask).await.map(|plan| Plan::RollBack(Arc::new(plan)))
            }
            Wanted::Workload(workload, errand) => {
                let ask = kubectl::ask::Ask { workload, namespace, context, errand };
                act::workload::planned(&self.world, ask).await.map(|plan| Plan::Workload(Arc::new(plan)))
            }
            Wanted::Revert(release, object, to) => {
                let ask = revert::ask::Ask { release, namespace, context, object, to };
                act::revert::planned(&self.world, ask).await.map(|plan| Plan::Revert(Arc::new(plan)))
            }
            Wanted::Silence(ask) => {
                act::silence::planned(&self.world, ask).await.map(|plan| Plan::Silence(Arc::new(plan)))
            }
            Wanted::Maintenance(release, errand) => {
                let holder = self.terms.holder.clone();
                let ask = maintenance::ask::Ask { release, namespace, context, errand, holder };
                act::maintenance::planned(&self.world, ask).await.map(|plan| Plan::Maintenance(Arc::new(plan)))
            }
        }
    }

    fn run(&self, effect: Effect) {
        let Effect::Run(job, plan, permit) = effect else { return };
        let here = self.clone();
        self.go(async move {
            let ending = here.acted(job, plan, &permit).await;
            here.tell(Msg::Ended(job, ending));
        });
    }

    async fn acted(&self, job: JobId, plan: Plan, permit: &Permit) -> Ending {
        if !permit.is_for(&plan) {
            return Ending::Void { why: "the permit is for another plan".into() };
        }
        let tell = |progress| self.tell(Msg::Progressed(job, progress));
        match plan {
            Plan::RollBack(plan) => {
                let outcome = act::rollback::run(&self.world, &plan, &self.context, self.terms.clone(), tell).await;
                ending(&plan, outcome)
            }
            Plan::Workload(plan) => act::workload::run(&self.world, &plan, self.terms.clone(), tell).await,
            Plan::Maintenance(plan) => act::maintenance::run(&self.world, &plan, self.terms.clone(), tell).await,
            Plan::Revert(plan) => act::revert::run(&self.world, &plan, self.terms.clone(), tell).await,
            Plan::Silence(plan) => act::silence::run(&self.world, &plan, tell).await,
            Plan::Tests(plan) => {
                let ran = |place, ran: &Ran| self.tell(Msg::Tested(job, place, ran.clone()));
                act::functional::act(&self.world, &plan, ran).await
            }
        }
    }
}

async fn last_line(world: &World, pod: PodName, container: Option<Container>) -> Option<String> {
    let detail = world.cluster.pod_detail(pod).await.ok()?;
    detail.last_line(container.as_ref()).map(str::to_owned)
}

async fn standing(world: &World, act: Act) -> String {
    match act {
        Act::RollBack { release, to, writes, .. } => {
            act::rollback::standing(world, &Begun { release, to, writes }).await
        }
        Act::Undo { workload, namespace, to, keeper } => {
            let begun = kubectl::standing::Begun::Undo { to, keeper };
            act::workload::standing(world, &workload, &namespace, &begun).await
        }
        Act::Restart { workload, namespace, mark } => {
            let begun = kubectl::standing::Begun::Restart { at: mark };
            act::workload::standing(world, &workload, &namespace, &begun).await
        }
        Act::Stop { release, namespace } | Act::BringBack { release, namespace } => {
            act::maintenance::standing(world, &release, &namespace).await
        }
        Act::Test { creates, .. } => act::functional::standing(&creates),
        Act::Silence { alert, labels, .. } => act::silence::standing(world, &alert, &labels).await,
        Act::PutBack { object, release, namespace, to } => {
            let ask = revert::ask::Ask { release, namespace, context: String::new(), object, to: Some(to) };
            act::revert::standing(world, ask).await
        }
    }
}

/// The outcome of a rollback as the journal records it.
pub fn ending(plan: &helm::plan::Plan, outcome: Outcome) -> Ending {
    match outcome {
        Outcome::SeenReady { revision } => {
            let seen = plan.program.as_ref().map_or_else(
                || "every workload ready".into(),
                |p| {
                    format!("deployed by {}, which ended with exit code 0 and says every workload is ready", p.called())
                },
            );
            Ending::Seen { what: format!("rev {} as rev {revision}, {seen}", plan.to) }
        }
        Outcome::Applied { revision, unready } => {
            let unready = if unready.is_empty() { "nobody waited for its pods" } else { &unready };
            Ending::Unseen { what: format!("rev {} as rev {revision} is live; {unready}", plan.to) }
        }
        Outcome::Failed { why, .. } => Ending::Failed { why },
        Outcome::Void { why } => Ending::Void { why },
        Outcome::Unknown { why } => Ending::Unknown { why },
    }
}
