//! A drill with a way out.

use std::net::TcpStream;
use futures::stream::Stream;

fn out() {
    reqwest::get("http://example.org");
    crate::live::open();
}

#[cfg(test)]
mod tests {
    use std::{cmp, fs};
}
