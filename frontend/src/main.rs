//! The page of primes, and the page for what is not there.

use roomcast_frontend::{app, start};

fn main() {
    start(app::App);
}
