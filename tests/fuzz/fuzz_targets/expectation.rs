#![no_main]

use std::sync::LazyLock;

use podreplay::compare::Recorded;
use podreplay_fuzz::ROOT;
use podreplay_fuzz::expectation::{hold, recording};

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| recording(ROOT.as_ref()));

libfuzzer_sys::fuzz_target!(|input: &[u8]| hold(&RECORDED, input));
