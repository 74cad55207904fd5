//! Other cockpits of this machine: the incident that one of them opened is followed here, and taken up when it is gone.
//!
//! Never: a second writer. Who may write is the journal's lock to say; this only hears whose it is.

use std::time::Duration;

use crate::domain::earlier::{Earlier, LEFT};
use crate::domain::event::{Entry, Event};
use crate::domain::incident::Incident;
use crate::domain::writer::Writer;
use crate::effect::Effect;
use crate::model::arm::Arm;
use crate::model::feed::Generation;
use crate::model::journal::JournalState;
use crate::model::{Holds, Model, Notice, Tone};

use super::derive::derive;
use super::journal::{self, notice, notice_while};

/// How often this machine's journals are looked at.
pub const EVERY: Duration = Duration::from_secs(2);

/// The look that is due: while no incident is ours there may be somebody's.
pub fn due(model: &mut Model) -> Vec<Effect> {
    let wanted = match model.journal {
        JournalState::HeldBy { .. } | JournalState::Left | JournalState::Edited { .. } => true,
        JournalState::Ready | JournalState::Broken { .. } => model.open_incident().is_none(),
        JournalState::Writing(_) => false,
    };
    let Some(target) = model.identity.known().cloned().filter(|_| wanted && model.others.is_due(model.now)) else {
        return Vec::new();
    };
    let known = model.open_incident().map(|i| i.id.clone());
    vec![Effect::Look(model.others.ask(model.now), target, known)]
}

/// What a look found.
pub fn looked(model: &mut Model, generation: Generation, earlier: Earlier) -> Vec<Effect> {
    if let Earlier::Ours { entries, aside } = earlier {
        // Whatever was asked since: the lock is held here now.
        model.others.put(None, model.now);
        return ours(model, &entries, aside);
    }
    if !model.others.is_current(generation) {
        return Vec::new();
    }
    let complaint = match &earlier {
        Earlier::Edited { why, .. } | Earlier::Unusable(why) | Earlier::Unreadable(why) => Some(why.clone()),
        Earlier::Nothing | Earlier::Ours { .. } | Earlier::Held(..) | Earlier::Left(_) | Earlier::Over(_) => None,
    };
    let news = complaint.is_some() && model.others.known() != Some(&complaint);
    model.others.put(complaint, model.now);
    // What is on its way to the disk will say whose the incident is.
    if let JournalState::Writing(_) = model.journal {
        return Vec::new();
    }
    match earlier {
        Earlier::Held(who, entries) => held(model, who, &entries),
        Earlier::Left(entries) => left(model, &entries),
        Earlier::Over(entries) => over(model, &entries),
        Earlier::Nothing => nothing(model),
        Earlier::Edited { why, entries } if news => edited(model, &why, &entries),
        Earlier::Unusable(why) if news => {
            notice(model, Tone::Alarm, format!("the journal cannot be used, so nothing is run: {why}"));
            model.journal = JournalState::Broken { why };
            Vec::new()
        }
        Earlier::Unreadable(why) if news => {
            notice(model, Tone::Alarm, why);
            Vec::new()
        }
        Earlier::Ours { .. } | Earlier::Edited { .. } | Earlier::Unusable(_) | Earlier::Unreadable(_) => Vec::new(),
    }
}

/// The incident is ours: the place is kept, and who held it before is told.
fn ours(model: &mut Model, entries: &[Entry], aside: Option<String>) -> Vec<Effect> {
    let before = match &model.journal {
        JournalState::HeldBy { who } => Some(who.clone()),
        JournalState::Ready
        | JournalState::Writing(_)
        | JournalState::Broken { .. }
        | JournalState::Left
        | JournalState::Edited { .. } => None,
    };
    let_go(model);
    let alarm = model.notice.take().filter(|n| n.tone == Tone::Alarm);
    let mut effects = journal::found(model, entries, before.as_ref());
    if let (Some(line), Some(alarm)) = (&mut model.notice, alarm.filter(|_| before.is_none())) {
        // What the cockpit opened with has not been read yet.
        *line = Notice { text: format!("{}. {}", alarm.text, line.text), ..alarm };
    }
    if let Some(file) = aside {
        let what = format!("The journal's last line had been cut off by a crash; it was moved to {file}");
        if let Some(line) = &mut model.notice {
            line.text = format!("{}. {what}", line.text);
        }
        effects.extend(journal::append(model, vec![Event::Seen { when: model.now.wall, what }]));
    }
    effects
}

/// Another cockpit holds the incident: look, but do not touch.
pub fn held(model: &mut Model, who: Writer, entries: &[Entry]) -> Vec<Effect> {
    let same = matches!(&model.journal, JournalState::HeldBy { who: before } if *before == who);
    if !same {
        model.arm = Arm::ReadOnly;
        let holds = who.holds();
        let told = format!("{holds} this incident: this cockpit is read-only");
        notice_while(model, Holds::Foreign, Tone::Alarm, told);
        let way_out = who.way_out();
        journal::not_run(model, format!("{holds} an incident of this target: nothing was run. {way_out}"));
        model.journal = JournalState::HeldBy { who };
    }
    shown(model, entries)
}

/// An incident was left open, and this cockpit was opened to change nothing: it is shown, and free for who can act.
fn left(model: &mut Model, entries: &[Entry]) -> Vec<Effect> {
    if model.journal != JournalState::Left {
        let id = Incident::fold(entries).map(|i| i.id.to_string()).unwrap_or_default();
        notice_while(model, Holds::Foreign, Tone::Alarm, format!("{id} is open and nobody holds it: {LEFT}"));
        model.journal = JournalState::Left;
    }
    shown(model, entries)
}

/// The incident as far as it is on disk now.
fn shown(model: &mut Model, entries: &[Entry]) -> Vec<Effect> {
    if model.incident.as_ref().is_some_and(|i| i.entries == entries) {
        return Vec::new();
    }
    model.incident = Incident::fold(entries);
    derive(model)
}

/// Who held the incident has closed it.
fn over(model: &mut Model, entries: &[Entry]) -> Vec<Effect> {
    if let Some(last) = entries.last() {
        notice(model, Tone::Info, format!("{} closed this incident", last.by));
    }
    let_go(model);
    shown(model, entries)
}

/// Nothing of this target is open any more: what was shown of somebody's is gone from this machine.
fn nothing(model: &mut Model) -> Vec<Effect> {
    match model.journal {
        JournalState::HeldBy { .. } | JournalState::Left | JournalState::Edited { .. } => {
            let_go(model);
            shown(model, &[])
        }
        JournalState::Ready | JournalState::Writing(_) | JournalState::Broken { .. } => Vec::new(),
    }
}

/// A line was edited: what stands before it is shown, and nothing is written behind it.
fn edited(model: &mut Model, why: &str, entries: &[Entry]) -> Vec<Effect> {
    model.journal = JournalState::Edited { why: why.into() };
    let effects = shown(model, entries);
    let in_flight = model.incident.as_ref().and_then(|i| {
        let job = i.in_flight().into_iter().next_back()?;
        i.jobs.get(&job).map(|j| format!("outcome UNKNOWN: {}. Look at Helm first; ", j.act.sentence()))
    });
    notice(model, Tone::Alarm, format!("{}nothing is run: {why}", in_flight.unwrap_or_default()));
    effects
}

/// Nobody else holds anything: this cockpit is as free as it was opened.
fn let_go(model: &mut Model) {
    model.journal = JournalState::Ready;
    if model.arm == Arm::ReadOnly && !model.settings.read_only {
        model.arm = Arm::Safe;
    }
}
