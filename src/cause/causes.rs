//! The causes that are looked for, each with its page: what it explains, what proves it, and what is said without the proof. The one
//! place where they stand: `podreplay rules`, docs/causes.md and the JSON of the story are made from it.

use super::kind::Kind;

/// What a cause is and what proves it.
#[derive(Debug, PartialEq, Eq)]
pub struct CausePage {
    /// The id: `PC101`.
    pub id: &'static str,
    /// The name, as `because[].kind` of the story's JSON says it.
    pub name: &'static str,
    /// The kinds of sentences that it explains.
    pub explains: &'static [Kind],
    /// One sentence: what it says.
    pub says: &'static str,
    /// What proves it.
    pub proof: &'static str,
    /// What is said where that is not recorded.
    pub without: &'static str,
}

/// Declares the causes, a page each.
macro_rules! causes {
    ($($variant:ident = $id:literal $name:literal explains [$($kind:ident),+] says $says:literal proof $proof:literal without $without:literal;)+) => {
        /// Why something happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause {
            $(#[doc = $says] $variant,)+
        }

        impl Cause {
            /// All causes, by their ids.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// What it is and what proves it.
            #[must_use]
            pub fn page(self) -> &'static CausePage {
                match self {
                    $(Self::$variant => &CausePage {
                        id: $id,
                        name: $name,
                        explains: &[$(Kind::$kind),+],
                        says: $says,
                        proof: $proof,
                        without: $without,
                    },)+
                }
            }
        }
    };
}

causes! {
    Preemption = "PC101" "preemption" explains [Preempted]
        says "Which pod of higher priority needed the place."
        proof "The Event Preempted on the victim names that pod; or a pod that waited before the victim was deleted got its node."
        without "The pod was preempted by the scheduler (DisruptionTarget, or the scheduler's request); for whom is left open.";
    Drain = "PC102" "drain" explains [Drained]
        says "Who cordoned the node and evicted its pods."
        proof "The node before and after it was cordoned, or the request, at most 15 minutes before; by the user who evicted."
        without "The pod was evicted through the eviction API; no drain is mentioned.";
    Taint = "PC103" "taint" explains [TaintEvicted]
        says "The NoExecute taint, and who set it."
        proof "The node before and after, or the request that tainted it; the eviction is due when the pod's tolerationSeconds run out (`tolerated it for 30s`), at most 15 minutes before the deletion."
        without "The pod was deleted for a NoExecute taint (DisruptionTarget, or the request of the taint manager); which one is left open.";
    NodeLost = "PC104" "node-lost" explains [NodeLost, Unready]
        says "The node was not heard of, so its pods were marked not ready."
        proof "The mark that the node controller leaves on pods (Ready False and nothing else; C9 in docs/semantics.md), and the node's condition Ready within 10 seconds of it."
        without "Without the node the mark is described and no node is named; without the mark the pod was just not ready.";
    KubeletStarted = "PC105" "kubelet-started" explains [NodeBack, Unready, KubeletRestarted]
        says "The kubelet of the node had just been started."
        proof "The kubelet's request for its own node, which it makes when it starts (409 where the node is there already), or its Event Starting, at most 30 seconds before."
        without "Nothing about the kubelet; that the node was ready again does not prove a restart.";
    NamespaceDeleted = "PC106" "namespace-deleted" explains [NamespaceDeleted, GarbageCollected, DeletionRequested]
        says "Who deleted the namespace, or that it was being deleted."
        proof "The request to the namespace, by whomever: the last before the namespace controller deleted the pod; before a deletion by the garbage collector at most 15 minutes. Without an audit log a watch of namespaces: its deletionTimestamp, before that of a pod that nobody is known to have deleted."
        without "The namespace controller deleted the pods (by the request); the story says that it is not recorded who deleted the namespace.";
    PodGc = "PC107" "pod-gc" explains [GarbageCollected]
        says "Why the pod garbage collector removed the pod: its node is gone, or too many ended pods."
        proof "The message of DisruptionTarget, written by PodGC."
        without "The pod was deleted by the pod garbage collector.";
    Rollout = "PC201" "rollout" explains [Replaced, Scaled]
        says "Who changed what pods of the workload are made from: image, template, a restart, the partition."
        proof "The request to the workload, or a watch of it that shows the change, the last before its controller deleted the pod, as its request or its Event says, at most 15 minutes before; of a request whose content is not logged a younger pod in its place proves that it was this."
        without "A younger pod of the same workload from another template, or under the same name, or on the same node: replaced. Else the controller deleted it.";
    Scale = "PC202" "scale" explains [Scaled]
        says "Who changed how many pods there are to be."
        proof "The request to the workload or to its scale, or a watch of it that shows the change, the last before its controller deleted the pod, as its request or its Event says, at most 15 minutes before."
        without "The controller deleted the pod; why is left open.";
    ControllerDeleted = "PC203" "controller-deleted" explains [Scaled, Replaced, DeletionRequested]
        says "The controller deleted the pod."
        proof "The controller's Event SuccessfulDelete names the pod, within 2 seconds of its deletion."
        without "The pod was deleted; by whom is not recorded.";
    OwnerDeleted = "PC204" "owner-deleted" explains [GarbageCollected]
        says "Who deleted the object that owned the pod; of a Job also the history limit of its CronJob, and its time to live."
        proof "The request to the owner, at most 15 minutes before; the history limit where the CronJob's controller deleted a Job whose pod had ended."
        without "The garbage collector deleted the pod; for which owner is left open.";
    OwnerChanged = "PC205" "owner-changed" explains [DeletionRequested]
        says "Who changed the Job: suspended it, or set other numbers."
        proof "The request to the Job that suspended it or set parallelism or completions, or a watch of it that shows this, at most 15 minutes before its controller deleted the pod; what the controller itself says comes first."
        without "The Job's controller deleted the pod.";
    JobEnded = "PC206" "job-ended" explains [DeletionRequested, Scaled]
        says "The Job ended and its controller deleted what still ran: back-off limit, deadline, failure policy, suspension."
        proof "A condition of the Job's status, by the controller's request, or its Event, within 15 minutes before its controller deleted the pod; where it is not recorded who did, within 5 seconds."
        without "The Job's controller deleted the pod; why is left open.";
    Claim = "PC207" "claim" explains [Unschedulable, ConfigMissing]
        says "What a PersistentVolumeClaim waited for, and which volume it got."
        proof "The Event about the claim, and the request that bound it. The claim is named in the scheduler's message, or by its name is that of a template of the pod's StatefulSet, or is the only one of the namespace that waits; the request is that of the controller that binds claims."
        without "What the scheduler or the kubelet says of it.";
    ProbeFailed = "PC301" "probe-failed" explains [ProbeFailed, Restarted]
        says "Which probe failed, and what it said."
        proof "The Events Unhealthy and Killing."
        without "The container was killed, by what is not recorded; or the pod was not ready.";
    ReadinessGate = "PC302" "readiness-gate" explains [Unready]
        says "Which readiness gate was not true."
        proof "The message of the condition Ready, with the reason ReadinessGatesNotReady."
        without "The pod was not ready.";
    HookFailed = "PC303" "hook-failed" explains [HookFailed]
        says "A postStart or preStop hook failed."
        proof "The Events FailedPostStartHook and FailedPreStopHook."
        without "How the container ended.";
    MemoryLimit = "PC304" "memory-limit" explains [OomKilled, InitFailed]
        says "The container used more memory than its limit."
        proof "The reason OOMKilled of the ended container."
        without "The container was killed (SIGKILL), by what is not recorded.";
    Runtime = "PC305" "runtime" explains [Crashed, CrashLoop, Restarted, InitFailed]
        says "The container could not be started, or the kubelet found it gone."
        proof "The reasons StartError, ContainerCannotRun and ContainerStatusUnknown of the ended container."
        without "How the container ended.";
    ContainerChanged = "PC306" "container-changed" explains [Restarted]
        says "A resize, a new image, or a restart rule of another container made the kubelet restart the container."
        proof "The Event Killing says so; of a restart rule the reason RestartingAllContainers of the ended container."
        without "The container ended and was restarted.";
    ResizePending = "PC307" "resize-pending" explains [Resized]
        says "Why a resize had to wait, or was not possible."
        proof "The condition PodResizePending."
        without "The resize was asked for.";
}

/// The cause with this id or name.
#[must_use]
pub fn cause_named(word: &str) -> Option<Cause> {
    let is = |cause: &&Cause| cause.page().id.eq_ignore_ascii_case(word) || cause.page().name == word;
    Cause::ALL.iter().find(is).copied()
}
