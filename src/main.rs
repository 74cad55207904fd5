//! The binary: parse the command line, choose a world, run.
#[expect(clippy::print_stdout, reason = "this is the command")]
fn main() {
    println!("backout");
}
