//! The simulated production: one coherent world on a virtual clock.
