//! One small object that is looked at and written until an errand on it is done: one request after the other, and again
//! where others wrote it meanwhile.
//!
//! Never: what is written, nor what it means; that is the errand's.

use super::api::{Answer, Mode, ObjectRef, Verb};
use super::desk::Desk;
use super::engine::{CallId, Engine, Input, Request};
use crate::domain::moment::Moment;

/// How often it is written while others write it, too.
const TRIES: u32 = 5;

/// What comes next for an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Next<E> {
    /// It is looked at.
    Look,
    /// It is written, as it is known now.
    Write(Verb),
    /// Others wrote it meanwhile: it is looked at again, unless that was so too often.
    Again,
    /// It is done with.
    End(E),
}

/// What one object is looked at and written for.
pub trait Errand {
    /// How it ends.
    type End;

    /// Where it is.
    fn at(&self) -> &ObjectRef;

    /// How it begins.
    fn begin(&mut self, now: Moment) -> Next<Self::End>;

    /// It was looked at.
    fn looked(&mut self, answer: Answer, now: Moment) -> Next<Self::End>;

    /// It was written.
    fn wrote(&mut self, answer: Answer) -> Next<Self::End>;

    /// Others keep writing it.
    fn worn(&self) -> Self::End;
}

/// The engine of an errand: one request after the other, until it ends.
#[derive(Debug, Clone)]
pub struct Exchange<E: Errand> {
    errand: E,
    desk: Desk,
    stage: Stage,
    writes: u32,
    end: Option<E::End>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Idle,
    Looking(CallId),
    Writing(CallId),
}

impl<E: Errand> Exchange<E> {
    /// For that errand.
    pub fn of(errand: E) -> Self {
        Self { errand, desk: Desk::default(), stage: Stage::Idle, writes: 0, end: None }
    }

    fn go(&mut self, next: Next<E::End>) {
        match next {
            Next::Again if self.writes >= TRIES => self.end = Some(self.errand.worn()),
            Next::Look | Next::Again => {
                self.stage = Stage::Looking(self.desk.object(self.errand.at(), Verb::Get, Mode::Commit));
            }
            Next::Write(verb) => {
                self.writes += 1;
                self.stage = Stage::Writing(self.desk.object(self.errand.at(), verb, Mode::Commit));
            }
            Next::End(end) => self.end = Some(end),
        }
    }
}

impl<E: Errand> Engine for Exchange<E> {
    type End = E::End;

    fn step(&mut self, now: Moment, input: Input) -> Vec<Request> {
        if self.end.is_some() {
            return Vec::new();
        }
        let next = match (self.stage, input) {
            (Stage::Idle, Input::Start) => self.errand.begin(now),
            (Stage::Looking(id), Input::Answer(of, answer)) if id == of => self.errand.looked(answer, now),
            (Stage::Writing(id), Input::Answer(of, answer)) if id == of => self.errand.wrote(answer),
            (Stage::Idle | Stage::Looking(_) | Stage::Writing(_), _) => return Vec::new(),
        };
        self.go(next);
        self.desk.take()
    }

    fn end(&self) -> Option<&E::End> {
        self.end.as_ref()
    }
}
