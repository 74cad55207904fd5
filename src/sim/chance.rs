//! Chance without chance: every draw is a hash of the drill's seed and of what is drawn, so that the same drill always
//! unfolds the same way, whoever asks and in whatever order.
//!
//! Never: state; two draws for the same thing are equal.

use std::time::Duration;

/// The characters of Kubernetes' generated names (apimachinery `rand.SafeEncodeString`): no vowels, no look-alikes.
const SAFE: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The drill's dice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance {
    seed: u64,
}

impl Chance {
    /// Dice of a seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Other dice, for draws that must not follow these.
    pub const fn other(self, which: u64) -> Self {
        Self { seed: scramble(self.seed ^ which.rotate_left(32)) }
    }

    /// A number for this text and count.
    pub fn draw(self, what: &str, count: u64) -> u64 {
        let fnv = what.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ self.seed.rotate_left(17), |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        scramble(fnv ^ scramble(count ^ self.seed))
    }

    /// A number in 0..1.
    pub fn unit(self, what: &str, count: u64) -> f64 {
        (self.draw(what, count) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A length between the two, whole milliseconds.
    pub fn between(self, what: &str, count: u64, shortest: Duration, longest: Duration) -> Duration {
        let span = longest.saturating_sub(shortest).as_millis() as f64;
        shortest + Duration::from_millis((self.unit(what, count) * span) as u64)
    }

    /// A ripple in -1..1 that moves smoothly from one `stride` of seconds to the next.
    pub fn ripple(self, what: &str, seconds: f64, stride: f64) -> f64 {
        let place = seconds / stride;
        let left = place.floor();
        let share = place - left;
        let smooth = share * share * 2.0_f64.mul_add(-share, 3.0);
        let at = |n: f64| 2.0_f64.mul_add(self.unit(what, n as i64 as u64), -1.0);
        (at(left + 1.0) - at(left)).mul_add(smooth, at(left))
    }

    /// `length` characters as Kubernetes generates them.
    pub fn letters(self, what: &str, count: u64, length: usize) -> String {
        let mut bits = self.draw(what, count);
        let mut letters = String::with_capacity(length);
        for _ in 0..length {
            let index = (bits % 27) as usize;
            letters.push(SAFE.get(index).map_or('x', |b| char::from(*b)));
            bits = scramble(bits);
        }
        letters
    }
}

/// Steele, Lea and Flood's splitmix64 finalizer.
const fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_is_always_drawn_the_same() {
        let dice = Chance::new(7);
        assert_eq!(dice.letters("pod", 3, 5), Chance::new(7).letters("pod", 3, 5));
        assert_ne!(dice.letters("pod", 3, 5), dice.letters("pod", 4, 5));
        assert_ne!(dice.draw("pod", 3), Chance::new(8).draw("pod", 3));
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let dice = Chance::new(1);
        let (low, high) = (Duration::from_secs(2), Duration::from_secs(5));
        for n in 0..500 {
            assert!((0.0..1.0).contains(&dice.unit("u", n)));
            assert!((low..=high).contains(&dice.between("b", n, low, high)));
            assert!((-1.0..=1.0).contains(&dice.ripple("r", n as f64 * 3.7, 15.0)));
        }
    }
}
