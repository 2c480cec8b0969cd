//! The yardstick of `scripts/bench`: how fast `serde_json` alone, on one core, reads from every line of a pod watch the
//! fields that a replay needs. Nothing is kept, packed or written.
//!
//!     parse_alone FILE

use std::borrow::Cow;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write, stdout};

use serde::Deserialize;

const BLOCK_BYTES: usize = 4 << 20;

/// Borrowed from the line unless it has escapes. (An `Option<Cow<str>>` would always be copied.)
#[derive(Deserialize)]
#[serde(transparent)]
#[expect(dead_code, reason = "read to be measured")]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

macro_rules! documents {
    ($($name:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        $(
            #[derive(Deserialize)]
            #[serde(rename_all = "camelCase")]
            #[expect(dead_code, reason = "read to be measured")]
            struct $name<'a> { $(#[serde(borrow)] $field: Option<$type>),* }
        )*
    };
}

documents! {
    Event { r#type: Text<'a>, object: Object<'a> }
    Object { kind: Text<'a>, metadata: Metadata<'a>, spec: Spec<'a>, status: Status<'a> }
    Metadata {
        name: Text<'a>,
        namespace: Text<'a>,
        uid: Text<'a>,
        resource_version: Text<'a>,
        creation_timestamp: Text<'a>,
        deletion_timestamp: Text<'a>,
        managed_fields: Vec<ManagedFields<'a>>,
    }
    ManagedFields { time: Text<'a> }
    Spec { node_name: Text<'a>, restart_policy: Text<'a>, containers: Vec<Container<'a>> }
    Container { name: Text<'a> }
    Status {
        phase: Text<'a>,
        reason: Text<'a>,
        message: Text<'a>,
        conditions: Vec<Condition<'a>>,
        container_statuses: Vec<ContainerStatus<'a>>,
    }
    Condition {
        r#type: Text<'a>,
        status: Text<'a>,
        reason: Text<'a>,
        message: Text<'a>,
        last_transition_time: Text<'a>,
    }
    ContainerStatus { name: Text<'a>, state: State<'a>, last_state: State<'a> }
    State { waiting: Waiting<'a>, running: Running<'a>, terminated: Terminated<'a> }
    Waiting { reason: Text<'a>, message: Text<'a> }
    Running { started_at: Text<'a> }
    Terminated { reason: Text<'a>, message: Text<'a>, started_at: Text<'a>, finished_at: Text<'a> }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("which file? parse_alone FILE")?;
    let file = File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut block = Vec::with_capacity(2 * BLOCK_BYTES);
    let mut documents = 0_u64;
    loop {
        let is_end = (&file).take(BLOCK_BYTES as u64).read_to_end(&mut block)? == 0;
        let whole =
            if is_end { block.len() } else { block.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1) };
        for line in std::str::from_utf8(&block[..whole])?.lines() {
            black_box(serde_json::from_str::<Event<'_>>(line)?);
            documents += 1;
        }
        block.drain(..whole);
        if is_end {
            return Ok(writeln!(stdout(), "{documents} documents")?);
        }
    }
}
