#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| podreplay_fuzz::decoding::decode(input));
