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
