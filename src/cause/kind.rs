//! What happens to pods, in the words of the story.

/// Declares the kinds with their words.
macro_rules! kinds {
    ($($(#[$note:meta])* $variant:ident = $word:literal,)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$note])* $variant,)+
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

kinds! {
    /// Somebody changed what pods belong to or run on.
    Changed = "changed",
    /// It got a node.
    Scheduled = "scheduled",
    /// The scheduler found no node for it.
    Unschedulable = "unschedulable",
    /// It waits until somebody opens its scheduling gates.
    Gated = "gated",
    /// A pod of a higher priority took its place.
    Preempted = "preempted",
    /// Somebody else than the scheduler chose its node.
    BoundByHand = "bound-by-hand",
    /// An image could not be pulled.
    ImagePullFailed = "image-pull-failed",
    /// A ConfigMap, a Secret or a volume is missing.
    ConfigMissing = "config-missing",
    /// Its containers started.
    Started = "started",
    /// It was ready for the first time.
    Ready = "ready",
    /// It was not ready any more.
    Unready = "unready",
    /// A probe failed.
    ProbeFailed = "probe-failed",
    /// A hook failed.
    HookFailed = "hook-failed",
    /// An init container failed.
    InitFailed = "init-failed",
    /// A container was started again.
    Restarted = "restarted",
    /// A container used more memory than it may.
    OomKilled = "oom-killed",
    /// A container ended with an error.
    Crashed = "crashed",
    /// A container ended again and again.
    CrashLoop = "crash-loop",
    /// It was evicted.
    Evicted = "evicted",
    /// It was evicted from a node that is to be empty.
    Drained = "drained",
    /// An eviction was refused.
    EvictionRefused = "eviction-refused",
    /// A pod could not be created.
    CreateRefused = "create-refused",
    /// Something else was asked of a pod and refused.
    RequestRefused = "request-refused",
    /// Its node was lost.
    NodeLost = "node-lost",
    /// Its node came back.
    NodeBack = "node-back",
    /// It was deleted as it does not tolerate a taint of its node.
    TaintEvicted = "taint-evicted",
    /// It was to be deleted for a taint, and was spared.
    DeletionCancelled = "deletion-cancelled",
    /// The kubelet of its node was started again.
    KubeletRestarted = "kubelet-restarted",
    /// Its sandbox was made anew.
    SandboxLost = "sandbox-lost",
    /// Somebody asked for its deletion.
    DeletionRequested = "deletion-requested",
    /// Somebody removed it without waiting for its containers.
    ForceDeleted = "force-deleted",
    /// It was gone.
    Deleted = "deleted",
    /// Another pod took its place.
    Replaced = "replaced",
    /// There were to be fewer or more of them.
    Scaled = "scaled",
    /// All its containers ended well.
    Completed = "completed",
    /// It failed.
    Failed = "failed",
    /// A kubelet did not take it.
    Rejected = "rejected",
    /// It took longer than it may.
    Deadline = "deadline",
    /// The pods of a rollout do not become ready.
    RolloutStalled = "rollout-stalled",
    /// Its resources were changed in place.
    Resized = "resized",
    /// Its namespace was deleted.
    NamespaceDeleted = "namespace-deleted",
    /// Something keeps its namespace from being gone.
    NamespaceStuck = "namespace-stuck",
    /// Its owner was deleted, or nobody needed it any more.
    GarbageCollected = "garbage-collected",
    /// Somebody else than the kubelet wrote its status.
    ForeignWrite = "foreign-write",
    /// A rule of Kubernetes was broken.
    RuleBroken = "rule-broken",
    /// A list did not show it any more.
    Vanished = "vanished",
    /// Something was not recorded.
    Gap = "gap",
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// As it goes.
    Info,
    /// Something was in the way, or somebody acted.
    Trouble,
    /// It did not work, or was not lawful.
    Broken,
}

impl Weight {
    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Trouble => "trouble",
            Self::Broken => "broken",
        }
    }
}
