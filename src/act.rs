//! Carries the engine's requests and other actions over the ports: one place for cockpit, headless commands and drill.
