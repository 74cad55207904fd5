//! State behind a lock.

// Arc<Mutex<Model>> would be too easy.
struct Shared {
    model: Arc<Mutex<Model>>,
    seen: Arc<std::sync::Mutex<u8>>,
    own: Mutex<u8>,
}
