#![no_main]

use std::sync::LazyLock;

use podreplay_fuzz::ROOT;
use podreplay_fuzz::store::Victim;

static VICTIM: LazyLock<Victim> = LazyLock::new(|| Victim::new(ROOT.as_ref()));

libfuzzer_sys::fuzz_target!(|input: &[u8]| VICTIM.attack(input));
