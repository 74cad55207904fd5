//! A file with its history in it.

// A reason; even one that ends so: `let x = 1`.
// use std::fmt;
fn told() {
    // self.tell(Msg::Ended(job));
    // if told {
    // }
    /// let it be;
    let url = "https://example.org"; // the team's own
}
