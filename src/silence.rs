//! A silence of one alert: what is asked for, and the plan of it. `act/` carries it to Alertmanager; live and drill run the
//! very same code.
//!
//! Never: async, I/O, the clock; a silence of more than the one alert that was chosen; calm because of a silence.

pub mod ask;
pub mod plan;
