//! The formats by name, and how each comes about: one table, one row a format.

use Carried::{All, None, Some};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Watch events.
    Watch,
    /// Lists.
    List,
    /// Objects by themselves.
    Object,
    /// Audit events of an API server.
    Audit,
    /// Audit events in entries of CloudWatch Logs (EKS).
    CloudWatch,
    /// Audit entries of Cloud Logging (GKE).
    Gke,
    /// Audit entries of Azure Monitor (AKS).
    Aks,
    /// Recordings of kwokctl.
    Kwok,
    /// OpenShift's resourcewatch.
    Resourcewatch,
    /// Records of sloop.
    Sloop,
    /// Records of k8shark.
    K8shark,
    /// Records of spectre.
    Spectre,
    /// Events as a program printed them: client-go's `watch.Event`, the Python client's `raw_object`.
    Dump,
    /// OpenTelemetry's k8sobjects receiver.
    OpenTelemetry,
    /// core/v1 Events.
    CoreEvents,
    /// Nodes.
    Nodes,
    /// Workloads.
    Workloads,
    /// What kubectl prints for people.
    KubectlText,
}

impl Format {
    /// All formats, in the order in which they are listed.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Watch; TABLE.len()];
        let mut row = 0;
        while row < TABLE.len() {
            all[row] = TABLE[row].format;
            assert!(all[row] as usize == row, "the rows stand in the order of the formats");
            row += 1;
        }
        all
    };

    /// What is known of it.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        &TABLE[self as usize]
    }

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.facts().word
    }
}

/// How much of a thing a format carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// Always.
    All,
    /// Of some records.
    Some,
    /// Never.
    None,
}

impl Carried {
    /// `yes`, `some` or `no`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "yes",
            Self::Some => "some",
            Self::None => "no",
        }
    }
}

/// What is known of a format. `podreplay formats` and docs/formats.md tell it.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The format.
    pub format: Format,
    /// Its word in `podreplay formats`, in the log and in JSON.
    pub word: &'static str,
    /// Whether it shows every write with its version, as a watch does. Lists and objects count too: what they lack they are
    /// asked about elsewhere.
    pub is_watch: bool,
    /// What it is called where it comes from.
    pub source: &'static str,
    /// By what a document is told to be of this format.
    pub known_by: &'static str,
    /// Whether each write has its resourceVersion.
    pub versions: Carried,
    /// Whose clock its times are: `audit`, `received`, or `object` where only the object's own stamps tell.
    pub clock: &'static str,
    /// What its times are, and how exact.
    pub times: &'static str,
    /// Whether it tells that a pod is gone.
    pub deletions: Carried,
    /// Whether each write has the object as a whole.
    pub objects: Carried,
    /// What it cannot carry, and what follows for timelines.
    pub lacks: &'static str,
    /// How to get one.
    pub capture: &'static [&'static str],
}

/// What shows whole objects, and no time but their own stamps.
const STAMPED: Facts = Facts {
    format: Format::Watch,
    word: "",
    is_watch: true,
    source: "",
    known_by: "",
    versions: All,
    clock: "object",
    times: "",
    deletions: All,
    objects: All,
    lacks: "",
    capture: &[],
};
/// Whole objects, and the time at which they were received.
const RECEIVED: Facts = Facts { clock: "received", ..STAMPED };
/// Audit events, whatever is wrapped around them.
const AUDITED: Facts = Facts { is_watch: false, versions: Some, clock: "audit", objects: Some, ..STAMPED };
/// What is told of something else than pods.
const RELATED: Facts = Facts { is_watch: false, versions: None, deletions: None, objects: None, ..STAMPED };

/// What is known of each format.
static TABLE: [Facts; 18] = [
    Facts {
        format: Format::Watch,
        word: "watch",
        source: "watch of the API",
        known_by: "`type` and `object`",
        times: "the object's own stamps, to the second: managedFields, else conditions and containers",
        lacks: "when an event arrived; writes while the watch was away (a gap)",
        capture: &[
            "kubectl get pods -A -w --output-watch-events -o json",
            "kubectl get --raw '/api/v1/pods?watch=1&allowWatchBookmarks=true'",
        ],
        ..STAMPED
    },
    Facts {
        format: Format::List,
        word: "list",
        source: "PodList, List",
        known_by: "`items`",
        times: "the object's own stamps, to the second",
        deletions: None,
        lacks: "anything but one moment: earlier writes, and the fate of the pods",
        capture: &[
            "kubectl get pods -A -o json --show-managed-fields",
            "kubectl cluster-info dump -A --output-directory=DIR",
            "oc adm must-gather; oc adm inspect",
        ],
        ..STAMPED
    },
    Facts {
        format: Format::Object,
        word: "object",
        source: "Pod by itself",
        known_by: "`kind: Pod`, or a spec with containers",
        times: "the object's own stamps, to the second",
        deletions: None,
        lacks: "what a watch says of it: an addition, a change and a deletion look alike",
        capture: &["kubectl get pods -A -w -o json"],
        ..STAMPED
    },
    Facts {
        format: Format::Audit,
        word: "audit",
        source: "API server's audit log",
        known_by: "`stage` and `verb`, and what they are about",
        times: "when the answer was complete, to the microsecond, by the API server",
        lacks: "versions where the answer is not logged (bindings, evictions, level Request); bodies at level \
                Metadata; writes that the API server makes by itself",
        capture: &["kube-apiserver --audit-policy-file=POLICY --audit-log-path=audit.log"],
        ..AUDITED
    },
    Facts {
        format: Format::CloudWatch,
        word: "eks",
        source: "CloudWatch Logs (EKS)",
        known_by: "`logEvents`, `events` or `results` with an audit event in `message`",
        times: "those of the audit events within",
        lacks: "what audit logs lack at level Request, which EKS uses for the kubelet; the end of long messages",
        capture: &[
            "aws logs filter-log-events --log-group-name /aws/eks/NAME/cluster \
             --log-stream-name-prefix kube-apiserver-audit --output json",
            "aws logs tail /aws/eks/NAME/cluster --log-stream-name-prefix kube-apiserver-audit --since 1h",
            "aws logs get-query-results --query-id ID (of a query with fields @timestamp, @message)",
        ],
        ..AUDITED
    },
    Facts {
        format: Format::Gke,
        word: "gke",
        source: "Cloud Logging (GKE)",
        known_by: "`protoPayload`, or `protopayload_auditlog` in a table of BigQuery",
        times: "`timestamp`, to the microsecond; without the time the request arrived",
        lacks: "answers to most patches; the kubelet's status patches, where Data Access logs are off",
        capture: &["gcloud logging read 'resource.type=\"k8s_cluster\" AND \
                    protoPayload.methodName:\"io.k8s.core.v1.pods\"' --format=json --order=asc"],
        ..AUDITED
    },
    Facts {
        format: Format::Aks,
        word: "aks",
        source: "Azure Monitor (AKS)",
        known_by: "`properties.log`, `records`, or the columns `ObjectRef` and `Verb`",
        times: "those of the audit events within, or the columns StageReceivedTime and RequestReceivedTime",
        lacks: "bodies that were too large (skipped-too-big-size-object)",
        capture: &[
            "az storage blob download-batch -s insights-logs-kube-audit -d DIR",
            "az monitor log-analytics query -w ID --analytics-query \
             'AKSAudit | where ObjectRef.resource==\"pods\"' -o json",
        ],
        ..AUDITED
    },
    Facts {
        format: Format::Kwok,
        word: "kwok",
        source: "recording of kwokctl",
        known_by: "`kind: ResourcePatch`, and times as `$(time-offset-nanosecond N)`",
        versions: None,
        clock: "received",
        times: "nanoseconds since the recording began, which it does not state: --base-time",
        lacks: "versions; whole-second stamps are rebuilt from --base-time",
        capture: &["kwokctl snapshot record --path recording.yaml"],
        ..AUDITED
    },
    Facts {
        format: Format::Resourcewatch,
        word: "resourcewatch",
        source: "OpenShift resourcewatch",
        known_by: "`observationType` and `observationTime`",
        times: "when it was received; of the first sight of a pod the object's own stamps",
        lacks: "the creation: the first sighting looks like an addition; the last object of a missed deletion",
        capture: &["openshift-tests run-resourcewatch --to-json FILE"],
        ..RECEIVED
    },
    Facts {
        format: Format::Sloop,
        word: "sloop",
        source: "record file of sloop",
        known_by: "`Data` with `payload` and `watchType`",
        times: "when it was received",
        lacks: "the last object of a missed deletion; what it sends again every half hour is known already",
        capture: &["sloop --record-file FILE"],
        ..RECEIVED
    },
    Facts {
        format: Format::K8shark,
        word: "k8shark",
        source: "k8shark",
        known_by: "`captured_at` and `api_path`",
        times: "when the answer came",
        deletions: Some,
        lacks: "between two answers all but the object's own stamps, and deletions, where it does not watch",
        capture: &["kshrk capture --config CONFIG --output FILE.kshrk"],
        ..RECEIVED
    },
    Facts {
        format: Format::Spectre,
        word: "spectre",
        source: "export of spectre",
        known_by: "`type: CREATE` and `resource`",
        times: "when it was received",
        objects: Some,
        lacks: "managedFields; the last object of most deletions",
        capture: &["curl 'http://SPECTRE/v1/storage/export?from=FROM&to=TO'"],
        ..RECEIVED
    },
    Facts {
        format: Format::Dump,
        word: "client-dump",
        source: "client-go, Python",
        known_by: "`Type` and `Object`, or `raw_object`",
        times: "the object's own stamps, to the second",
        lacks: "when an event arrived; that the Python client restarted after a 410",
        capture: &["json.NewEncoder(out).Encode(event)", "print(json.dumps(event['raw_object']))"],
        ..STAMPED
    },
    Facts {
        format: Format::OpenTelemetry,
        word: "opentelemetry",
        source: "k8sobjects receiver",
        known_by: "`resourceLogs`, or a log record with `body`",
        times: "`observedTimeUnixNano` for a watch; what is pulled has the object's own stamps",
        deletions: Some,
        lacks: "in mode pull all between two pulls, and deletions; that the receiver restarted after a 410",
        capture: &["receivers.k8sobjects.objects: [{name: pods, mode: watch}], exporters.file.path: FILE"],
        ..RECEIVED
    },
    Facts {
        format: Format::CoreEvents,
        word: "events",
        source: "Events about pods",
        known_by: "`kind: Event` of v1 or events.k8s.io/v1",
        times: "when it was last seen: series, lastTimestamp, eventTime",
        lacks: "pods: Events stand beside the pods that other recordings show; of one that was counted only the \
                first and the last time",
        capture: &["kubectl get events -A -w --output-watch-events -o json"],
        ..RELATED
    },
    Facts {
        format: Format::Nodes,
        word: "nodes",
        source: "nodes",
        known_by: "`kind: Node`",
        times: "the transition times of the node's conditions",
        deletions: Some,
        lacks: "pods: nodes only accompany them",
        capture: &["kubectl get nodes -w --output-watch-events -o json"],
        ..RELATED
    },
    Facts {
        format: Format::Workloads,
        word: "workloads",
        source: "watch of workloads",
        known_by: "`type` and `object` of `kind: Deployment`, `StatefulSet`, `Job` ...",
        times: "when their managedFields say that the spec was written, to the second",
        lacks: "pods: changes of workloads only accompany them; who did it: the managed fields name a client; deletions",
        capture: &[
            "kubectl get deployments -A -w --output-watch-events -o json --show-managed-fields",
            "kubectl get statefulsets -A -w --output-watch-events -o json --show-managed-fields",
            "kubectl get daemonsets -A -w --output-watch-events -o json --show-managed-fields",
            "kubectl get jobs -A -w --output-watch-events -o json --show-managed-fields",
        ],
        ..RELATED
    },
    Facts {
        format: Format::KubectlText,
        word: "kubectl-text",
        source: "what kubectl prints",
        known_by: "the columns `NAME READY STATUS RESTARTS`, or `Name:` and `Namespace:`",
        clock: "received",
        times: "when kubectl printed it, which it does not state: --base-time; ages are counted back from there, as exact as printed",
        objects: None,
        lacks: "most of the object: podreplay shows what was printed as known in part, and judges nothing by it; \
                readiness gates; of a watch the times of its rows",
        capture: &["kubectl get pods -A -o wide", "kubectl describe pod NAME -n NAMESPACE"],
        ..RELATED
    },
];
