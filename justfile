# Short names for scripts/: `just` lists them.
default:
    @just --list

# Everything that must hold
test:
    scripts/test

# The tier that takes under a minute on a warm build
quick:
    scripts/test quick

# The figures of docs/benchmarks.md
bench *arguments:
    scripts/bench {{arguments}}

# The pictures of the README
picture:
    cargo build --release --locked
    scripts/picture

# The documents that are made from the program
docs:
    PODREPLAY_BLESS=1 cargo test --locked --features parquet --test it docs:: parquet::
