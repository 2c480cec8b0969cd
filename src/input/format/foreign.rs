//! Recordings of other tools that look like something to read, and do not tell what becomes of a pod.

/// Keys that stand together in such a recording, and what is said of it.
const TOOLS: [(&[&str], &str); 3] = [
    (
        &["\"trackedObjects\"", "\"events\"", "\"pod_lifecycles\""],
        "this is a trace of SimKube, which keeps what was asked for and not what became of it: no status, no times of containers; \
         save a watch or an audit log of the same time",
    ),
    (
        &["\"items\"", "\"locator\"", "\"from\"", "\"to\""],
        "these are intervals of an e2e run of OpenShift, which tell what its monitors concluded and not the objects; give the \
         resourcewatch store or the audit logs of the same run",
    ),
    (
        &["\"tables\"", "\"columns\"", "\"rows\""],
        "the answer of the query API holds no audit events in its rows; expected the table AKSAudit, or AzureDiagnostics with log_s",
    ),
];

/// How much of a document is looked at.
const HEAD_BYTES: usize = 64 * 1024;

/// What is said of a document of a known tool.
pub(in crate::input) fn named(text: &str) -> Option<&'static str> {
    let head = text.as_bytes().get(..HEAD_BYTES).unwrap_or(text.as_bytes());
    let has = |key: &&str| memchr::memmem::find(head, key.as_bytes()).is_some();
    TOOLS.into_iter().find(|(keys, _)| keys.iter().all(has)).map(|(_, what)| what)
}
