-- The podreplay store, schema 8. `PRAGMA user_version` holds this number; `PRAGMA application_id` says "podr".
--
-- Two halves. The log is append-only: its rows are never updated, deleted or replaced, and the triggers at the end see
-- to that. What decides an answer stands in it. The projection is derived from the log by the replay, for SQL alone: no
-- command reads it, and `podreplay rebuild` makes it anew.
--
-- Ask with the views `recordings`, `pods`, `events` and `transitions`; the tables beneath them may change shape.
-- Times are microseconds since 1970-01-01T00:00:00Z in the tables, RFC 3339 text in the views.

-- ---------------------------------------------------------------- the log

-- Each row carries a checksum of all its values, which is compared when it is read.

CREATE TABLE cluster (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    checksum INTEGER NOT NULL
) STRICT;

-- A capture: one file, or one stream from stdin. A file that has grown since continues its recording; a file that
-- begins like another and then differs forks off behind the last batch they share.
CREATE TABLE recording (
    id      INTEGER PRIMARY KEY,
    cluster INTEGER NOT NULL REFERENCES cluster,
    name    TEXT NOT NULL,
    format  TEXT NOT NULL,
    forks   INTEGER REFERENCES batch,
    checksum INTEGER NOT NULL
) STRICT;

-- Records that were appended together. `hash` is BLAKE3 over the parent's hash, or that of the cluster's name, and the bytes of the
-- records, so that a hash stands for everything from the beginning of the recording; an ingest that is run again recognises its
-- batches, and no two of the same records stand behind one parent. Between `stated_first` and `stated_last` lie the times that its
-- records state; `of_pods` of them are about pods.
CREATE TABLE batch (
    id        INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL REFERENCES recording,
    parent    INTEGER REFERENCES batch,
    hash      BLOB    NOT NULL,
    first_seq INTEGER NOT NULL,
    records   INTEGER NOT NULL CHECK (records > 0),
    bytes     INTEGER NOT NULL,
    stated_first INTEGER,
    stated_last  INTEGER,
    of_pods      INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX batch_by_parent ON batch (coalesce(parent, 0), hash);
CREATE INDEX batch_by_recording ON batch (recording);
CREATE INDEX batch_by_seq ON batch (first_seq);

-- A pod is its uid; where one was put in place of many, the names tell the pods apart. Requests that an audit log tells of often name their pod only: they are kept with a row without a
-- uid, and the replay finds out which incarnation of the name each was about.
CREATE TABLE pod (
    id        INTEGER PRIMARY KEY,
    cluster   INTEGER NOT NULL REFERENCES cluster,
    uid       TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name      TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX pod_by_uid ON pod (uid, cluster, namespace, name);
CREATE INDEX pod_by_name ON pod (name, namespace);

-- Who made a write, as an audit log tells it: as whom (`user`), through whom where one asked in the name of another, with which
-- client, what was asked for and of which part, the code of the answer (0 where none is told), and from which address.
CREATE TABLE actor (
    id       INTEGER PRIMARY KEY,
    user     TEXT    NOT NULL,
    through  TEXT    NOT NULL,
    agent    TEXT    NOT NULL,
    verb     TEXT    NOT NULL,
    part     TEXT    NOT NULL,
    code     INTEGER NOT NULL,
    source   TEXT    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX actor_by_values ON actor (user, through, agent, verb, part, code, source);

-- One row a record, in the order of ingest: every watch event, list item, bookmark and error, repeated ones included.
-- `version` is the resourceVersion made sortable: an integer below 2^63, else text of 39 digits, else other text.
-- `stamp` is the newest time in the object and `clock` whose it is; `stated` is the time that the format itself states, if
-- it does, and `stated_by` whose that is. `lifecycle` says that the object is as its creation left it, or what the request
-- asks for. `audited` is what an audit log tells of a request about pods: `answer`, `request` or `nothing` of a write, the code of a
-- refused one, and which part of the pod or which verb that is about (`request status`, `429 eviction`). `actor` is who made the write.
CREATE TABLE record (
    seq     INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    pod     INTEGER REFERENCES pod,
    version ANY,
    line    INTEGER NOT NULL,
    stamp   INTEGER,
    clock   TEXT,
    stated    INTEGER,
    stated_by TEXT,
    lifecycle TEXT CHECK (lifecycle IN ('creation', 'deletion')),
    audited   TEXT,
    actor     INTEGER REFERENCES actor,
    checksum INTEGER NOT NULL
) STRICT;
CREATE INDEX record_by_pod ON record (pod) WHERE pod IS NOT NULL;
CREATE INDEX record_by_version ON record (pod, version) WHERE pod IS NOT NULL;
CREATE INDEX record_of_stream ON record (seq) WHERE kind IN ('ERROR', 'LIST-BEGIN', 'LIST-END');
CREATE INDEX record_of_acts ON record (seq) WHERE kind IN ('ACT', 'REFUSED');

-- Records related to pods: Events about a pod (by its uid, or its name where it has none), refused requests about one (`REFUSED`; the
-- name is empty where the API server was to make one up), nodes (by name), what was done to workloads, nodes and namespaces
-- (`ACT`, by `RESOURCE/NAME`), workloads of a namespace as a watch shows them (`WORKLOAD`, by the name `/`, as Events about them).
CREATE TABLE related (
    seq       INTEGER PRIMARY KEY,
    cluster   INTEGER NOT NULL REFERENCES cluster,
    namespace TEXT NOT NULL,
    name      TEXT NOT NULL,
    uid       TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE INDEX related_by_name ON related (name, namespace, cluster);

-- Where a recording lists again the pods that it knew: its watch was begun anew before this record.
CREATE TABLE relist (
    seq INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL
) STRICT;

-- What the records of a batch come to, so that nobody has to go through them for it: how many say ERROR, the newest
-- version that they show, whether any is a write that no list and no beginning of a watch shows (`has_writes`), between which times the newest
-- times of their objects lie, which pods with a uid they are about, and what their versions prove of time. The last two are packed
-- (src/store/packed.rs). A time bound is a version that is the first, in the order of the versions of its batch, to carry a time as
-- late as its own: this write and all later ones did not happen before that, and, where the API server itself stamped it, this write
-- and all earlier ones not after that second. The view `events` reads them from `skyline`. Each 32nd batch keeps in `ends`, packed too, what
-- these 32 batches lie between: the first and the last time that they state, and the first and the last time bound of each. So a question
-- about a version is answered from the batches around it.
CREATE TABLE summary (
    batch       INTEGER PRIMARY KEY REFERENCES batch,
    cluster     INTEGER NOT NULL REFERENCES cluster,
    errors      INTEGER NOT NULL,
    newest      ANY,
    has_writes  INTEGER NOT NULL,
    stamp_first INTEGER,
    stamp_last  INTEGER,
    pods        BLOB NOT NULL,
    time_bounds BLOB NOT NULL,
    ends        BLOB,
    checksum INTEGER NOT NULL
) STRICT;

CREATE TABLE dictionary (
    id   INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- The bytes of the records from `first_seq` up to the next block, one record a line, compressed with zstd and, if one
-- is named, a dictionary.
CREATE TABLE block (
    first_seq  INTEGER PRIMARY KEY,
    dictionary INTEGER REFERENCES dictionary,
    body       BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- The seals: how many rows of the log there are of what is read together (the records of a pod, the pods of a name, all
-- batches ...), and their checksums, exclusive-or. They are compared when such a group is read: a row that no page leads to any
-- more is missed. `id` is a hash of the group's name, below 0, or of the records of a pod twice its row, of the batches behind another twice
-- its row less 1. A seal is written anew in the transaction that adds to its group.
CREATE TABLE seal (
    id       INTEGER PRIMARY KEY,
    rows     INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- ---------------------------------------------------------------- the projection

-- Words that transitions share.
CREATE TABLE word (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE subject (
    id   INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    UNIQUE (kind, type, name, role)
) STRICT;

-- What transitions tell, but for when: from what to what, and why. Most are told many times.
CREATE TABLE change (
    id      INTEGER PRIMARY KEY,
    subject INTEGER NOT NULL,
    was     INTEGER,
    became  INTEGER,
    reason  INTEGER,
    message INTEGER
) STRICT;
CREATE UNIQUE INDEX change_by_values ON change (
    subject, coalesce(became, 0), coalesce(was, 0), coalesce(reason, 0), coalesce(message, 0)
);

-- A request about all pods of a namespace is an event of each of them.
CREATE TABLE transition (
    pod           INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    ordinal       INTEGER NOT NULL,
    change        INTEGER NOT NULL,
    stamped       INTEGER,
    restart_count INTEGER,
    inferred      INTEGER NOT NULL,
    PRIMARY KEY (pod, seq, ordinal)
) STRICT, WITHOUT ROWID;

-- Pods that wait to be projected: an ingest goes on, or was cut.
CREATE TABLE stale (
    pod INTEGER PRIMARY KEY
) STRICT;

-- The time bounds of all batches together, without those that another says as well: for the views.
CREATE TABLE skyline (
    cluster    INTEGER NOT NULL,
    version    ANY     NOT NULL,
    at         INTEGER NOT NULL,
    is_stamped INTEGER NOT NULL,
    PRIMARY KEY (cluster, version)
) STRICT, WITHOUT ROWID;

-- Clusters whose skyline is that of batch after batch until it is settled.
CREATE TABLE stale_skyline (
    cluster INTEGER PRIMARY KEY
) STRICT;

-- ---------------------------------------------------------------- the views

CREATE VIEW recordings AS
SELECT recording.id, cluster.name AS cluster, recording.name, recording.format,
       sum(batch.records) AS records, sum(batch.bytes) AS bytes
FROM recording JOIN cluster ON cluster.id = recording.cluster LEFT JOIN batch ON batch.recording = recording.id
GROUP BY recording.id;

CREATE VIEW events AS
SELECT record.seq, record.kind AS type, cluster.name AS cluster, pod.namespace, pod.name AS pod, pod.uid,
       record.version AS resourceVersion, record.line,
       actor.user, actor.agent, actor.verb,
       strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(record.stated, (
           SELECT skyline.at FROM skyline
           WHERE skyline.cluster = pod.cluster AND skyline.version <= record.version
           ORDER BY skyline.version DESC LIMIT 1)) / 1000000, 'unixepoch') AS at
FROM record LEFT JOIN pod ON pod.id = record.pod LEFT JOIN cluster ON cluster.id = pod.cluster
LEFT JOIN actor ON actor.id = record.actor;

CREATE VIEW transitions AS
SELECT events.seq, transition.ordinal, cluster.name AS cluster, pod.namespace, pod.name AS pod, pod.uid,
       events.resourceVersion, events.at, subject.kind, nullif(subject.type, '') AS type,
       nullif(subject.name, '') AS container, nullif(subject.role, '') AS role,
       was.text AS "from", became.text AS "to", reason.text AS reason, message.text AS message,
       strftime('%Y-%m-%dT%H:%M:%SZ', transition.stamped / 1000000, 'unixepoch') AS stamped,
       transition.restart_count AS restartCount, transition.inferred
FROM transition
JOIN events ON events.seq = transition.seq
JOIN pod ON pod.id = transition.pod
JOIN cluster ON cluster.id = pod.cluster
JOIN change ON change.id = transition.change
JOIN subject ON subject.id = change.subject
LEFT JOIN word AS was ON was.id = change.was
LEFT JOIN word AS became ON became.id = change.became
LEFT JOIN word AS reason ON reason.id = change.reason
LEFT JOIN word AS message ON message.id = change.message;

CREATE VIEW pods AS
SELECT cluster.name AS cluster, pod.namespace, pod.name, pod.uid, count(*) AS records,
       min(record.seq) AS firstSeq, max(record.seq) AS lastSeq,
       (SELECT word.text FROM transition JOIN change ON change.id = transition.change
        JOIN subject ON subject.id = change.subject AND subject.kind = 'phase'
        LEFT JOIN word ON word.id = change.became
        JOIN record AS shown ON shown.seq = transition.seq WHERE transition.pod = pod.id
        ORDER BY shown.version DESC, transition.seq DESC LIMIT 1) AS phase
FROM pod JOIN cluster ON cluster.id = pod.cluster JOIN record ON record.pod = pod.id
WHERE pod.uid <> ''
GROUP BY pod.id;

-- ---------------------------------------------------------------- append-only

-- INSERT OR REPLACE deletes rows without firing DELETE triggers, so each table also refuses a row that is there.

CREATE TRIGGER cluster_keeps_rows BEFORE DELETE ON cluster BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER cluster_keeps_values BEFORE UPDATE ON cluster BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER cluster_replaces_nothing BEFORE INSERT ON cluster
WHEN EXISTS (SELECT 1 FROM cluster WHERE id = NEW.id OR name = NEW.name)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER recording_keeps_rows BEFORE DELETE ON recording BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER recording_keeps_values BEFORE UPDATE ON recording BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER recording_replaces_nothing BEFORE INSERT ON recording
WHEN EXISTS (SELECT 1 FROM recording WHERE id = NEW.id)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER batch_keeps_rows BEFORE DELETE ON batch BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER batch_keeps_values BEFORE UPDATE ON batch BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER batch_replaces_nothing BEFORE INSERT ON batch
WHEN EXISTS (SELECT 1 FROM batch WHERE id = NEW.id)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER pod_keeps_rows BEFORE DELETE ON pod BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER pod_keeps_values BEFORE UPDATE ON pod BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER pod_replaces_nothing BEFORE INSERT ON pod
WHEN EXISTS (SELECT 1 FROM pod WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM pod WHERE uid = NEW.uid AND cluster = NEW.cluster AND namespace = NEW.namespace
             AND name = NEW.name)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER actor_keeps_rows BEFORE DELETE ON actor BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER actor_keeps_values BEFORE UPDATE ON actor BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER actor_replaces_nothing BEFORE INSERT ON actor
WHEN EXISTS (SELECT 1 FROM actor WHERE id = NEW.id
             OR user = NEW.user AND through = NEW.through AND agent = NEW.agent AND verb = NEW.verb AND part = NEW.part
             AND code = NEW.code AND source = NEW.source)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER record_keeps_rows BEFORE DELETE ON record BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER record_keeps_values BEFORE UPDATE ON record BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER record_replaces_nothing BEFORE INSERT ON record
WHEN EXISTS (SELECT 1 FROM record WHERE seq = NEW.seq)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER related_keeps_rows BEFORE DELETE ON related BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER related_keeps_values BEFORE UPDATE ON related BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER related_replaces_nothing BEFORE INSERT ON related
WHEN EXISTS (SELECT 1 FROM related WHERE seq = NEW.seq)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER relist_keeps_rows BEFORE DELETE ON relist BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER relist_keeps_values BEFORE UPDATE ON relist BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER relist_replaces_nothing BEFORE INSERT ON relist
WHEN EXISTS (SELECT 1 FROM relist WHERE seq = NEW.seq)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER summary_keeps_rows BEFORE DELETE ON summary BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER summary_keeps_values BEFORE UPDATE ON summary BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER summary_replaces_nothing BEFORE INSERT ON summary
WHEN EXISTS (SELECT 1 FROM summary WHERE batch = NEW.batch)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER dictionary_keeps_rows BEFORE DELETE ON dictionary BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER dictionary_keeps_values BEFORE UPDATE ON dictionary BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER dictionary_replaces_nothing BEFORE INSERT ON dictionary
WHEN EXISTS (SELECT 1 FROM dictionary WHERE id = NEW.id OR hash = NEW.hash)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

CREATE TRIGGER block_keeps_rows BEFORE DELETE ON block BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER block_keeps_values BEFORE UPDATE ON block BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER block_replaces_nothing BEFORE INSERT ON block
WHEN EXISTS (SELECT 1 FROM block WHERE first_seq = NEW.first_seq)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
