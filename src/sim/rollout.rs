//! How far a rolling update may go now: the arithmetic of the Deployment controller (kubernetes
//! `pkg/controller/deployment/rolling.go`), as a pure rule.
//!
//! Never: pods; it counts.

use serde_json::Value;

/// One ReplicaSet as the rule sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Pods it is told to have.
    pub told: u32,
    /// Of those, available.
    pub available: u32,
}

/// What a Deployment asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Pods wanted.
    pub wanted: u32,
    /// Pods above that while rolling.
    pub surge: u32,
    /// Pods below that while rolling.
    pub unavailable: u32,
}

impl Bounds {
    /// Of a Deployment's strategy; percentages round up for the surge and down for the rest, and both zero means one
    /// unavailable (kubernetes `ResolveFenceposts`).
    pub fn of(deployment: &Value, wanted: u32) -> Self {
        let setting = |name: &str| deployment.pointer(&format!("/spec/strategy/rollingUpdate/{name}"));
        let surge = share(setting("maxSurge"), wanted, true);
        let unavailable = share(setting("maxUnavailable"), wanted, false);
        let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
        Self { wanted, surge, unavailable: unavailable.min(wanted) }
    }
}

fn share(setting: Option<&Value>, of: u32, up: bool) -> u32 {
    if let Some(count) = setting.and_then(Value::as_u64) {
        return u32::try_from(count).unwrap_or(u32::MAX);
    }
    let percent = setting.and_then(Value::as_str).and_then(|t| t.strip_suffix('%')).and_then(|t| t.parse().ok());
    let hundredfold = of.saturating_mul(percent.unwrap_or(25_u32));
    if up { hundredfold.div_ceil(100) } else { hundredfold / 100 }
}

/// What each ReplicaSet is to be told now: the new one, then the old ones in the order given.
pub fn roll(bounds: Bounds, new: Count, olds: &[Count]) -> (u32, Vec<u32>) {
    let told_old: u32 = olds.iter().map(|c| c.told).sum();
    if told_old == 0 {
        return (bounds.wanted, vec![0; olds.len()]);
    }
    if new.told > bounds.wanted {
        return (bounds.wanted, olds.iter().map(|c| c.told).collect());
    }
    let room = (bounds.wanted + bounds.surge).saturating_sub(new.told + told_old);
    let grown = (new.told + room).min(bounds.wanted);
    let minimum = bounds.wanted.saturating_sub(bounds.unavailable);
    let not_there_yet = new.told.saturating_sub(new.available);
    let mut may_go = (told_old + new.told).saturating_sub(minimum + not_there_yet);
    let mut told: Vec<u32> = olds.iter().map(|c| c.told).collect();
    for (told, count) in told.iter_mut().zip(olds) {
        let unwell = count.told.saturating_sub(count.available).min(may_go);
        *told -= unwell;
        may_go -= unwell;
    }
    let available: u32 = new.available + olds.iter().map(|c| c.available).sum::<u32>();
    let mut spare = available.saturating_sub(minimum);
    for told in &mut told {
        let goes = (*told).min(spare);
        *told -= goes;
        spare -= goes;
    }
    (grown, told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const fn count(told: u32, available: u32) -> Count {
        Count { told, available }
    }

    #[test]
    fn two_pods_roll_one_by_one_and_never_below_two() {
        let bounds = Bounds::of(&json!({}), 2);
        assert_eq!(bounds, Bounds { wanted: 2, surge: 1, unavailable: 0 });
        let cases = [
            (count(0, 0), vec![count(2, 2)], (1, vec![2])),
            (count(1, 0), vec![count(2, 2)], (1, vec![2])),
            (count(1, 1), vec![count(2, 2)], (1, vec![1])),
            (count(1, 1), vec![count(1, 1)], (2, vec![1])),
            (count(2, 2), vec![count(1, 1)], (2, vec![0])),
            (count(0, 0), vec![count(1, 0), count(2, 2)], (0, vec![0, 2])),
        ];
        for (new, olds, wanted) in cases {
            assert_eq!(roll(bounds, new, &olds), wanted, "{new:?} {olds:?}");
        }
    }

    proptest! {
        #[test]
        fn a_step_keeps_the_bounds(wanted in 1_u32..9, new in 0_u32..9, old in 1_u32..9, up in 0_u32..9, down in 0_u32..9) {
            let bounds = Bounds::of(&json!({}), wanted);
            let (new, old) = (count(new.min(wanted), up.min(new).min(wanted)), count(old, down.min(old)));
            let (grown, told) = roll(bounds, new, &[old]);
            let total = grown + told.iter().sum::<u32>();
            prop_assert!(total <= (wanted + bounds.surge).max(new.told + old.told));
            let stays: u32 = told.iter().map(|t| (*t).min(old.available)).sum();
            let before = new.available + old.available;
            prop_assert!(new.available + stays >= (wanted - bounds.unavailable).min(before));
        }
    }
}
