#![no_main]

use std::sync::LazyLock;

use podreplay::compare::Recorded;
use podreplay_fuzz::expectation::{hold, recording};

static RECORDED: LazyLock<Recorded> = LazyLock::new(recording);

libfuzzer_sys::fuzz_target!(|input: &[u8]| hold(&RECORDED, input));
