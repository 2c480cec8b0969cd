//! The names of the formats, and how each comes about.

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
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
    /// Events as a program printed them: client-go's `watch.Event`, the Python client's `raw_object`.
    Dump,
    /// OpenTelemetry's k8sobjects receiver.
    OpenTelemetry,
    /// core/v1 Events.
    CoreEvents,
    /// Nodes.
    Nodes,
}

impl Shape {
    /// All formats, in the order in which they are listed.
    pub const ALL: [Self; 14] = [
        Self::Watch,
        Self::List,
        Self::Object,
        Self::Audit,
        Self::CloudWatch,
        Self::Gke,
        Self::Aks,
        Self::Kwok,
        Self::Resourcewatch,
        Self::Sloop,
        Self::Dump,
        Self::OpenTelemetry,
        Self::CoreEvents,
        Self::Nodes,
    ];

    /// Whether it shows every write with its version, as a watch does. Lists and objects count too: what they lack they
    /// are asked about elsewhere.
    #[must_use]
    pub fn is_watch(self) -> bool {
        matches!(
            self,
            Self::Watch
                | Self::List
                | Self::Object
                | Self::Dump
                | Self::Resourcewatch
                | Self::Sloop
                | Self::OpenTelemetry
        )
    }

    /// The word in `podreplay formats`, in the log and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::List => "list",
            Self::Object => "object",
            Self::Audit => "audit",
            Self::CloudWatch => "eks",
            Self::Gke => "gke",
            Self::Aks => "aks",
            Self::Kwok => "kwok",
            Self::Resourcewatch => "resourcewatch",
            Self::Sloop => "sloop",
            Self::Dump => "client-dump",
            Self::OpenTelemetry => "opentelemetry",
            Self::CoreEvents => "events",
            Self::Nodes => "nodes",
        }
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

impl Shape {
    /// What is known of it.
    #[must_use]
    pub fn facts(self) -> Facts {
        use Carried::{All, None, Some};
        match self {
            Self::Watch => Facts {
                source: "watch of the API",
                known_by: "`type` and `object`",
                versions: All,
                clock: "object",
                times: "the object's own stamps, to the second: managedFields, else conditions and containers",
                deletions: All,
                objects: All,
                lacks: "when an event arrived; writes while the watch was away (a gap)",
                capture: &[
                    "kubectl get pods -A -w --output-watch-events -o json",
                    "kubectl get --raw '/api/v1/pods?watch=1&allowWatchBookmarks=true'",
                ],
            },
            Self::List => Facts {
                source: "PodList, List",
                known_by: "`items`",
                versions: All,
                clock: "object",
                times: "the object's own stamps, to the second",
                deletions: None,
                objects: All,
                lacks: "anything but one moment: what was written before, and what became of the pods",
                capture: &[
                    "kubectl get pods -A -o json --show-managed-fields",
                    "kubectl cluster-info dump -A --output-directory=DIR",
                    "oc adm must-gather; oc adm inspect",
                ],
            },
            Self::Object => Facts {
                source: "Pod by itself",
                known_by: "`kind: Pod`, or a spec with containers",
                versions: All,
                clock: "object",
                times: "the object's own stamps, to the second",
                deletions: None,
                objects: All,
                lacks: "what a watch says of it: an addition, a change and a deletion look alike",
                capture: &["kubectl get pods -A -w -o json"],
            },
            Self::Audit => Facts {
                source: "API server's audit log",
                known_by: "`apiVersion: audit.k8s.io/…`",
                versions: Some,
                clock: "audit",
                times: "when the answer was complete, to the microsecond, by the API server",
                deletions: All,
                objects: Some,
                lacks: "versions where the answer is not logged (bindings, evictions, level Request); bodies at level \
                        Metadata; writes that the API server makes by itself",
                capture: &["kube-apiserver --audit-policy-file=POLICY --audit-log-path=audit.log"],
            },
            Self::CloudWatch => Facts {
                source: "CloudWatch Logs (EKS)",
                known_by: "`logEvents`, `events` or `results` with an audit event in `message`",
                versions: Some,
                clock: "audit",
                times: "those of the audit events within",
                deletions: All,
                objects: Some,
                lacks: "what audit logs lack at level Request, which EKS uses for the kubelet; the end of long messages",
                capture: &[
                    "aws logs filter-log-events --log-group-name /aws/eks/NAME/cluster \
                     --log-stream-name-prefix kube-apiserver-audit --output json",
                    "aws logs tail /aws/eks/NAME/cluster --log-stream-name-prefix kube-apiserver-audit --since 1h",
                    "aws logs get-query-results --query-id ID (of a query with fields @timestamp, @message)",
                ],
            },
            Self::Gke => Facts {
                source: "Cloud Logging (GKE)",
                known_by: "`protoPayload`",
                versions: Some,
                clock: "audit",
                times: "`timestamp`, to the microsecond; when the request came in is not told",
                deletions: All,
                objects: Some,
                lacks: "answers to most patches; the kubelet's status patches, where Data Access logs are off",
                capture: &["gcloud logging read 'resource.type=\"k8s_cluster\" AND \
                            protoPayload.methodName:\"io.k8s.core.v1.pods\"' --format=json --order=asc"],
            },
            Self::Aks => Facts {
                source: "Azure Monitor (AKS)",
                known_by: "`properties.log`, or the columns `ObjectRef` and `Verb`",
                versions: Some,
                clock: "audit",
                times: "those of the audit events within, or the columns StageReceivedTime and RequestReceivedTime",
                deletions: All,
                objects: Some,
                lacks: "bodies that were too large (skipped-too-big-size-object)",
                capture: &[
                    "az storage blob download-batch -s insights-logs-kube-audit -d DIR",
                    "az monitor log-analytics query -w ID --analytics-query \
                     'AKSAudit | where ObjectRef.resource==\"pods\"' -o json",
                ],
            },
            Self::Kwok => Facts {
                source: "recording of kwokctl",
                known_by: "`kind: ResourcePatch`, and times as `$(time-offset-nanosecond N)`",
                versions: None,
                clock: "received",
                times: "nanoseconds since the recording began, which it does not state: --base-time",
                deletions: All,
                objects: Some,
                lacks: "versions; whole-second stamps are rebuilt from --base-time",
                capture: &["kwokctl snapshot record --path recording.yaml"],
            },
            Self::Resourcewatch => Facts {
                source: "OpenShift resourcewatch",
                known_by: "`observationType` and `observationTime`",
                versions: All,
                clock: "received",
                times: "when it was received; of the first sight of a pod the object's own stamps",
                deletions: All,
                objects: All,
                lacks: "the creation: the first sight is told as an addition; the last object of a missed deletion",
                capture: &["openshift-tests run-resourcewatch --to-json FILE"],
            },
            Self::Sloop => Facts {
                source: "record file of sloop",
                known_by: "`Data` with `payload` and `watchType`",
                versions: All,
                clock: "received",
                times: "when it was received",
                deletions: All,
                objects: All,
                lacks: "the last object of a missed deletion; what it sends again every half hour is known already",
                capture: &["sloop --record-file FILE"],
            },
            Self::Dump => Facts {
                source: "client-go, Python",
                known_by: "`Type` and `Object`, or `raw_object`",
                versions: All,
                clock: "object",
                times: "the object's own stamps, to the second",
                deletions: All,
                objects: All,
                lacks: "when an event arrived; that the Python client began anew after a 410",
                capture: &["json.NewEncoder(out).Encode(event)", "print(json.dumps(event['raw_object']))"],
            },
            Self::OpenTelemetry => Facts {
                source: "k8sobjects receiver",
                known_by: "`resourceLogs`, or a log record with `body`",
                versions: All,
                clock: "received",
                times: "`observedTimeUnixNano` for a watch; what is pulled has the object's own stamps",
                deletions: Some,
                objects: All,
                lacks: "in mode pull all between two pulls, and deletions; that the receiver began anew after a 410",
                capture: &["receivers.k8sobjects.objects: [{name: pods, mode: watch}], exporters.file.path: FILE"],
            },
            Self::CoreEvents => Facts {
                source: "Events about pods",
                known_by: "`kind: Event` of v1 or events.k8s.io/v1",
                versions: None,
                clock: "object",
                times: "when it was last seen: series, lastTimestamp, eventTime",
                deletions: None,
                objects: None,
                lacks: "pods: Events stand beside the pods that other recordings show; of one that was counted only the \
                        first and the last time",
                capture: &["kubectl get events -A -w --output-watch-events -o json"],
            },
            Self::Nodes => Facts {
                source: "nodes",
                known_by: "`kind: Node`",
                versions: None,
                clock: "object",
                times: "the transition times of the node's conditions",
                deletions: Some,
                objects: None,
                lacks: "pods: nodes stand beside the pods that run on them",
                capture: &["kubectl get nodes -w --output-watch-events -o json"],
            },
        }
    }
}
