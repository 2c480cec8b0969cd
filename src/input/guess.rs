//! What an input may be that is of no known format: what to call it, and what to do.

/// A guess by the first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    /// What it looks like.
    pub what: &'static str,
    /// What to do instead.
    pub to_do: &'static str,
}

const WATCH: &str = "save the objects: kubectl get pods -A -w --output-watch-events -o json > events.jsonl";

/// What an input begins with, what to call it, and what to do instead.
type Beginning = (&'static [u8], &'static str, &'static str);

/// Binary formats, whatever their bytes look like further on.
const BINARY: [Beginning; 9] = [
    (
        b"SQLite format 3\0",
        "an SQLite store",
        "read a podreplay store with --db FILE; podreplay cannot read one of kine",
    ),
    (b"k8s\0", "an object as etcd keeps it (protobuf)", "read it through an API server: kubectl get pods -A -o json"),
    (
        b"PAR1",
        "a Parquet file",
        if cfg!(feature = "parquet") {
            "name it as a plain file, neither packed nor through a pipe: podreplay ingest FOLDER/events"
        } else {
            "a podreplay that was built with Parquet reads files that export --parquet wrote: podreplay ingest FOLDER/events"
        },
    ),
    (b"PK\x03\x04", "a zip archive", "unpack it and load the folder"),
    (b"%PDF", "a PDF", WATCH),
    (b"\x89PNG", "a picture", WATCH),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it and load the folder"),
    (b"BZh", "bzip2", "unpack it: bunzip2 FILE; podreplay reads plain, gzip and zstd files"),
    (b"\xfd7zXZ", "xz", "unpack it: xz -d FILE; podreplay reads plain, gzip and zstd files"),
];

const TEXT: [Beginning; 4] = [
    (b"# HELP ", "metrics of Prometheus", WATCH),
    (b"# TYPE ", "metrics of Prometheus", WATCH),
    (b"<", "HTML or XML, perhaps a page of errors", "look at it, then save the response of the API itself"),
    (b"[must-gather", "the console output of oc adm must-gather", "load the folder that it created"),
];

/// Whether an input begins as a binary format that is not read.
pub(super) fn is_binary(head: &[u8]) -> bool {
    BINARY.iter().any(|(beginning, ..)| head.starts_with(beginning))
}

/// What an unknown input may be.
#[must_use]
pub fn guess(head: &[u8]) -> Option<Guess> {
    let text = head.trim_ascii_start();
    let mut beginnings = BINARY.into_iter().chain(TEXT);
    if let Some((_, what, to_do)) = beginnings.find(|(beginning, ..)| text.starts_with(beginning)) {
        return Some(Guess { what, to_do });
    }
    if let Some(found) = packed(head) {
        return Some(found);
    }
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = std::str::from_utf8(line).ok()?.trim_end();
    by_line(line)
}

/// Whether a text names what pods, watches and audit events have: it may be meant to be about pods, however damaged it is.
#[must_use]
pub fn names_pods(head: &[u8]) -> bool {
    const NAMES: [&[u8]; 7] = [
        b"kind:Pod,",
        b"kind:PodList",
        b"containerStatuses:",
        b"apiVersion:audit.k8s.io/",
        b"type:ADDED",
        b"type:MODIFIED",
        b"type:DELETED",
    ];
    let is_word = |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\\' | b'\'');
    let on_lines =
        head.split(|byte| *byte == b'\n').flat_map(|line| line.iter().copied().filter(is_word).chain([b',']));
    let text: Vec<u8> = on_lines.collect();
    NAMES.into_iter().any(|name| memchr::memmem::find(&text, name).is_some())
}

/// Binary formats, by where their marks stand.
fn packed(head: &[u8]) -> Option<Guess> {
    const TAR_MARK: std::ops::Range<usize> = 257..262;
    const BOLT_MARK: std::ops::Range<usize> = 16..20;
    const BOLT: [u8; 4] = [0xed, 0xda, 0x0c, 0xed];
    if head.get(TAR_MARK).is_some_and(|mark| mark == b"ustar") {
        return Some(Guess { what: "a tar archive", to_do: "unpack it and load the folder: tar -xf FILE" });
    }
    if head.get(BOLT_MARK).is_some_and(|mark| mark == BOLT) {
        let to_do = "restore it into a cluster, then: kubectl get pods -A -o json > pods.json";
        return Some(Guess { what: "a snapshot of etcd", to_do });
    }
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        let to_do = "write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE (PowerShell's > writes UTF-16)";
        return Some(Guess { what: "text in UTF-16", to_do });
    }
    let is_map = head.first().is_some_and(|first| (0x81..=0x8f).contains(first) || matches!(first, 0xde | 0xdf));
    (is_map && std::str::from_utf8(head).is_err()).then_some(Guess {
        what: "msgpack, perhaps a trace of SimKube",
        to_do: "a trace has requests but not their results; record a watch too",
    })
}

fn by_line(line: &str) -> Option<Guess> {
    let mut words = line.split_ascii_whitespace();
    let (first, second) = (words.next()?, words.next().unwrap_or_default());
    let is_heading = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    if matches!(first, "NAME" | "NAMESPACE" | "EVENT" | "LAST") && (second.is_empty() || is_heading(second)) {
        let what = "a table that kubectl prints, but not that of pods";
        return Some(Guess { what, to_do: WATCH });
    }
    if line.starts_with("map[") || line.starts_with("{'") {
        return Some(Guess { what: "values as a program prints them, not JSON", to_do: "print JSON instead" });
    }
    let bytes = first.as_bytes();
    let is_klog = bytes.len() == 5 && b"IWEF".contains(&bytes[0]) && bytes[1..].iter().all(u8::is_ascii_digit);
    if is_klog {
        let what = "the log of a component of Kubernetes (klog)";
        return Some(Guess { what, to_do: "such logs have no objects; save the audit log of the API server" });
    }
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if MONTHS.contains(&first) && second.bytes().all(|byte| byte.is_ascii_digit()) && !second.is_empty() {
        return Some(Guess { what: "the journal of a machine", to_do: WATCH });
    }
    let is_table = line.matches(',').count() > 1 && !line.contains(['{', ':']) || line.starts_with("@timestamp,");
    if is_table {
        let what = "comma-separated values";
        return Some(Guess { what, to_do: "save JSON instead: --output json for a query, `JSON` in a console" });
    }
    if line.starts_with("Error from server") || line.starts_with("error:") || line.starts_with("Unable to connect") {
        return Some(Guess {
            what: "an error of kubectl instead of its output",
            to_do: "run it again with stderr in another file",
        });
    }
    let is_stamped = bytes.len() > 10 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
    if is_stamped {
        let what = "the log of a container, or of a log group without audit events";
        return Some(Guess { what, to_do: "in a log group, use the streams kube-apiserver-audit-*" });
    }
    let is_text = line.bytes().all(|byte| !byte.is_ascii_control() || byte == b'\t') && !line.starts_with(['[', '{']);
    is_text.then_some(Guess { what: "plain text: a log, or the output of jsonpath or custom-columns", to_do: WATCH })
}

#[cfg(test)]
mod tests {
    use super::{guess, names_pods};

    #[test]
    fn what_is_about_pods_names_them() {
        let named = [
            "{\"kind\": \"Pod\",\n \"metadata",
            "apiVersion: v1\nkind: Pod\nmetadata",
            "{\\\"kind\\\":\\\"PodList\\\"",
            "{\"apiVersion\":\"audit.k8s.io/v1\"",
            "  containerStatuses:\n  - ",
        ];
        assert!(named.into_iter().all(|text| names_pods(text.as_bytes())));
        let others = ["kind: PodDisruptionBudget\n", "{\"kind\":\"Deployment\"}", "a pod\n", ""];
        assert!(!others.into_iter().any(|text| names_pods(text.as_bytes())));
    }

    #[test]
    fn what_it_may_be_is_said() {
        let mut bolt = vec![0; 32];
        bolt[16..20].copy_from_slice(&[0xed, 0xda, 0x0c, 0xed]);
        let mut tar = b"timestamp\0".to_vec();
        tar.resize(257, 0);
        tar.extend_from_slice(b"ustar\0");
        let table: &[(&[u8], &str)] = &[
            (b"PAR1\x15\x04", "Parquet"),
            (b"NAME    READY   STATUS\nweb-0   1/1", "table that kubectl prints"),
            (b"EVENT      NAMESPACE   NAME\n", "table that kubectl prints"),
            (b"NAME\nweb-0\n", "table that kubectl prints"),
            (b"SQLite format 3\0\x10", "SQLite"),
            (&bolt, "etcd"),
            (&tar, "tar archive"),
            (b"\x83\xa6config\xff\xff", "SimKube"),
            (b"k8s\0\n\t\n\x02v1", "protobuf"),
            (b"<!DOCTYPE html>", "HTML"),
            (b"@timestamp,@message\n", "comma-separated"),
            (b"pod,phase,node\na,b,c", "comma-separated"),
            (b"# HELP up Whether\n", "Prometheus"),
            (b"I1120 15:09:47.593 7 a.go:1] talk", "klog"),
            (b"Nov 20 15:09:47 node-a kubelet[812]: talk", "journal"),
            (b"2026-11-20T15:09:47Z serving on :8080", "log of a container"),
            (b"\xff\xfe{\0\"\0", "UTF-16"),
            (b"Error from server (Forbidden)", "error of kubectl"),
            (b"web-0 Running web-1 Pending", "jsonpath"),
            (b"map[apiVersion:v1]", "as a program prints"),
        ];
        for (head, expected) in table {
            let found = guess(head).unwrap_or_else(|| panic!("no guess: {expected}"));
            assert!(found.what.contains(expected), "{expected}: {}", found.what);
        }
        assert_eq!(guess(&[0, 0, 0]), None);
    }
}
