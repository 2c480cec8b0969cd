//! Reasons of the pod itself: `status.reason`.

use super::{Place, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        word: "AppArmor",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.4 and later, on Linux nodes",
        meaning: "The node cannot give the pod the AppArmor profile that it asks for. Older kubelets keep the pod \
            Pending and its containers waiting with reason Blocked; recent ones reject the pod, which makes it \
            Failed.",
        next: "status.message names the profile and what is missing. See that the profile is loaded on the node: cat \
            /sys/kernel/security/apparmor/profiles.",
        rules: &["H9"],
    },
    Reason {
        word: "DeadlineExceeded",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "all known",
        meaning: "The pod was active for longer than its spec.activeDeadlineSeconds. The kubelet makes it Failed and \
            stops its containers for good.",
        next: "Compare spec.activeDeadlineSeconds with status.startTime. The deadline of a Job is another one: it \
            deletes the pods and stands on the Job, kubectl describe job JOB.",
        rules: &["H3"],
    },
    Reason {
        word: "Evicted",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.4 and later, perhaps earlier",
        meaning: "The node ran short of memory, disk or process ids, or the pod used more local storage than it may. \
            The kubelet ended it. A new pod can be refused with it while the node is short. A pod whose containers \
            then exit with 0 can end Succeeded without this reason. kubectl drain does not write it.",
        next: "status.message names the resource. kubectl describe node NODE shows pressure; compare the requests of \
            the pod with what it used. The pod stays as it is until somebody deletes it.",
        rules: &["H5", "C10", "X5"],
    },
    Reason {
        word: "HostName",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "old kubelets, before about 1.18",
        meaning: "spec.nodeName is not the name of the node that was to run the pod. The kubelet rejected it. The same \
            as NodeName today.",
        next: "Compare spec.nodeName with kubectl get nodes.",
        rules: &["H9"],
    },
    Reason {
        word: "HostPortConflict",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "the first kubelets, about 1.0 and 1.1",
        meaning: "Another pod on the node has the same hostPort. The kubelet rejected this one. Later it was \
            PodFitsHostPorts, today it is NodePorts.",
        next: "Compare the hostPort of the pods of the node: kubectl get pods -A -o wide --field-selector \
            spec.nodeName=NODE.",
        rules: &["H9"],
    },
    Reason {
        word: "InitContainerRestartPolicyForbidden",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "kubelets that know sidecars but have them switched off (feature gate SidecarContainers), before \
            1.33",
        meaning: "The kubelet does not support sidecars, and an init container has a restartPolicy of its own. It \
            rejected the pod.",
        next: "Look at spec.initContainers[*].restartPolicy, and at the version and feature gates of the kubelet: \
            kubectl get nodes.",
        rules: &["H9"],
    },
    Reason {
        word: "InsufficientFreeCPU",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "the first kubelets, about 1.0 and 1.1",
        meaning: "Too little CPU was left on the node for what the pod requests. The kubelet rejected it. Today it is \
            OutOfcpu.",
        next: "kubectl describe node NODE lists what is allocated.",
        rules: &["H9"],
    },
    Reason {
        word: "InsufficientFreeMemory",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "the first kubelets, about 1.0 and 1.1",
        meaning: "Too little memory was left on the node for what the pod requests. The kubelet rejected it. Today it \
            is OutOfmemory.",
        next: "kubectl describe node NODE lists what is allocated.",
        rules: &["H9"],
    },
    Reason {
        word: "InvalidNodeInfo",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "at least 1.19 and later",
        meaning: "The kubelet could not read its own Node object, and rejected the pod.",
        next: "See whether the kubelet reaches the API server: journalctl -u kubelet on the node, kubectl get node \
            NODE.",
        rules: &["H9"],
    },
    Reason {
        word: "MatchNodeSelector",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "old kubelets, before about 1.18",
        meaning: "The node's labels do not fit the nodeSelector or the required node affinity of the pod. The kubelet \
            rejected it. The same as NodeAffinity today.",
        next: "Compare spec.nodeSelector and spec.affinity with kubectl get node NODE --show-labels. Usual after \
            labels changed and the kubelet began anew.",
        rules: &["H9"],
    },
    Reason {
        word: "NodeAffinity",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "about 1.18 and later",
        meaning: "The node's labels do not fit the nodeSelector or the required node affinity of the pod. The kubelet \
            rejected it. It happens when a kubelet begins anew after labels were changed, or before it knows the \
            labels of its node.",
        next: "Compare spec.nodeSelector and spec.affinity with kubectl get node NODE --show-labels. A controller \
            makes a new pod; this one can be deleted.",
        rules: &["H9"],
    },
    Reason {
        word: "NodeLost",
        place: Place::Pod,
        writer: "the node controller",
        versions: "up to 1.12; up to 1.17 where taint-based eviction is switched off",
        meaning: "The node stopped reporting, and the control plane no longer knows how the pod is. If the pod is also \
            being deleted, kubectl shows STATUS Unknown.",
        next: "kubectl describe node NODE: the condition Ready and its time. The containers may still run on the node. \
            Newer versions write DeletionByTaintManager on DisruptionTarget.",
        rules: &["K5", "P9"],
    },
    Reason {
        word: "NodeName",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "about 1.18 and later",
        meaning: "spec.nodeName is not the name of the node that was to run the pod. The kubelet rejected it.",
        next: "Compare spec.nodeName with kubectl get nodes.",
        rules: &["H9"],
    },
    Reason {
        word: "NodePorts",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "about 1.18 and later",
        meaning: "Another pod on the node has the same hostPort. The kubelet rejected this one. Usual for pods that \
            are bound by hand or static.",
        next: "Compare the hostPort of the pods of the node: kubectl get pods -A -o wide --field-selector \
            spec.nodeName=NODE.",
        rules: &["H9"],
    },
    Reason {
        word: "NodeSelectorMismatching",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "the first kubelets, about 1.0 and 1.1",
        meaning: "The node's labels do not fit the nodeSelector of the pod. The kubelet rejected it. Later it was \
            MatchNodeSelector, today it is NodeAffinity.",
        next: "Compare spec.nodeSelector with kubectl get node NODE --show-labels.",
        rules: &["H9"],
    },
    Reason {
        word: "NodeShutdown",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.22 and later, on nodes with graceful node shutdown",
        meaning: "The node was shutting down when the pod came to it. The kubelet rejected the pod. A pod that ran \
            there already gets Terminated.",
        next: "A controller makes a new pod elsewhere. kubectl get node NODE shows whether the node is back.",
        rules: &["H9"],
    },
    Reason {
        word: "NoNewPrivs",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "kubelets with Docker, before 1.24",
        meaning: "A container sets allowPrivilegeEscalation to false, and the Docker of the node is too old for that. \
            The pod stays Pending, its containers wait with reason Blocked.",
        next: "See the version of the runtime in kubectl get nodes -o wide.",
        rules: &[],
    },
    Reason {
        word: "OutOf<resource>",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.2 and later",
        meaning: "Too little of the resource was left on the node when the pod came to it. The kubelet rejected the \
            pod. Known are OutOfcpu, OutOfmemory, OutOfpods, OutOfephemeral-storage, or an extended resource such as \
            OutOfnvidia.com/gpu. The scheduler knew less than the kubelet: pods that are bound by hand, static or \
            still ending count too.",
        next: "status.message says what was requested, used and there. kubectl describe node NODE lists what is \
            allocated. A controller makes a new pod; this one can be deleted.",
        rules: &["H9"],
    },
    Reason {
        word: "OutOfDisk",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "the first kubelets; replaced by eviction for disk pressure",
        meaning: "The node had no disk space left. The kubelet rejected the pod.",
        next: "Free space on the node; newer kubelets tell of it as DiskPressure in kubectl describe node NODE.",
        rules: &["H9"],
    },
    Reason {
        word: "PodFeatureUnsupported",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.35 and later, with the feature gate NodeDeclaredFeatures",
        meaning: "The pod needs a feature that the kubelet of the node does not have. The kubelet rejected it.",
        next: "status.message names the feature. Compare status.declaredFeatures of the node and its version: kubectl \
            get node NODE -o yaml.",
        rules: &["H9"],
    },
    Reason {
        word: "PodFitsHostPorts",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "old kubelets, before about 1.18",
        meaning: "Another pod on the node has the same hostPort. The kubelet rejected this one. The same as NodePorts \
            today.",
        next: "Compare the hostPort of the pods of the node: kubectl get pods -A -o wide --field-selector \
            spec.nodeName=NODE.",
        rules: &["H9"],
    },
    Reason {
        word: "PodLevelResourcesNotSupported",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "kubelets that know pod-level resources (1.32 and later) but cannot apply them",
        meaning: "The pod sets spec.resources as a whole, and the kubelet has the feature gate PodLevelResources off. \
            It rejected the pod.",
        next: "Look at spec.resources, and at the version and feature gates of the kubelet.",
        rules: &["H9"],
    },
    Reason {
        word: "PodOSNotSupported",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.23 and later",
        meaning: "spec.os.name is not the operating system of the node. The kubelet rejected the pod.",
        next: "Compare spec.os with the label kubernetes.io/os of the node, and give the pod a nodeSelector for it.",
        rules: &["H9"],
    },
    Reason {
        word: "PodOSSelectorNodeLabelDoesNotMatch",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.23 and later",
        meaning: "The pod's label kubernetes.io/os names another operating system than that of the node. The kubelet \
            rejected it.",
        next: "Compare the label kubernetes.io/os of the pod and of the node: kubectl get node NODE --show-labels.",
        rules: &["H9"],
    },
    Reason {
        word: "Preempting",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "at least 1.10 and later",
        meaning: "A critical pod needed the room on the node, and the kubelet ended this one. Not the scheduler: that \
            writes PreemptionByScheduler on DisruptionTarget.",
        next: "Look which critical pod came to the node at that time: kubectl get pods -A -o wide --field-selector \
            spec.nodeName=NODE.",
        rules: &["H5", "C10"],
    },
    Reason {
        word: "ProcMount",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "kubelets with Docker, 1.12 to 1.23",
        meaning: "A container asks for a procMount that the Docker of the node is too old for. The pod stays Pending, \
            its containers wait with reason Blocked.",
        next: "See the version of the runtime in kubectl get nodes -o wide.",
        rules: &[],
    },
    Reason {
        word: "Shutdown",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.20 and 1.21, on nodes with graceful node shutdown",
        meaning: "The node was shutting down, and the kubelet ended the pod. Since 1.22 the word is Terminated.",
        next: "kubectl get node NODE shows whether the node is back. A controller makes a new pod; this one can be \
            deleted.",
        rules: &["H5"],
    },
    Reason {
        word: "SMTAlignmentError",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.22 and later, with the CPU manager option full-pcpus-only",
        meaning: "The requested CPUs are not whole physical cores, or not enough whole cores are free. The kubelet \
            rejected the pod.",
        next: "status.message says the numbers. Request a multiple of the threads of a core.",
        rules: &["H9"],
    },
    Reason {
        word: "SupplementalGroupsPolicyNotSupported",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.33 and later",
        meaning: "The pod asks for supplementalGroupsPolicy Strict, and the runtime of the node does not support that. \
            The kubelet rejected it.",
        next: "Look at status.features of the node: kubectl get node NODE -o yaml.",
        rules: &["H9"],
    },
    Reason {
        word: "SysctlForbidden",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.4 and later",
        meaning: "The pod sets a sysctl that is unsafe and not allowed on the node, or that does not go together with \
            host namespaces. The kubelet rejected it.",
        next: "status.message names the sysctl. The kubelet allows unsafe ones with allowedUnsafeSysctls.",
        rules: &["H9"],
    },
    Reason {
        word: "SysctlUnsupported",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "old kubelets with a Docker before 1.12",
        meaning: "The pod sets sysctls, and the Docker of the node is too old for that. The kubelet rejected it.",
        next: "See the version of the runtime in kubectl get nodes -o wide.",
        rules: &["H9"],
    },
    Reason {
        word: "TaintToleration",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "newer kubelets; not yet in 1.19",
        meaning: "The node has a NoExecute taint that the pod does not tolerate. The kubelet rejected it. Usual for \
            pods that are bound by hand or that arrive just after the taint.",
        next: "Compare spec.tolerations with the taints in kubectl describe node NODE.",
        rules: &["H9"],
    },
    Reason {
        word: "Terminated",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.22 and later, on nodes with graceful node shutdown",
        meaning: "The node was shutting down, and the kubelet ended the pod. In 1.20 and 1.21 the word was Shutdown.",
        next: "kubectl get node NODE shows whether the node is back. A controller makes a new pod; this one can be \
            deleted.",
        rules: &["H5", "C10"],
    },
    Reason {
        word: "TopologyAffinityError",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.16 and later, with the topology manager policy restricted or single-numa-node",
        meaning: "CPUs, memory and devices cannot be had together on the NUMA nodes that the policy allows. The \
            kubelet rejected the pod.",
        next: "Compare its requests with what is free on one NUMA node; look at the topology manager in the \
            configuration of the kubelet.",
        rules: &["H9"],
    },
    Reason {
        word: "UnexpectedAdmissionError",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "since before 1.19",
        meaning: "Something failed that has no word of its own, most often the allocation of devices, CPUs or memory. \
            The kubelet rejected the pod.",
        next: "status.message tells the error. Look at the device plugin on the node and at journalctl -u kubelet.",
        rules: &["H9"],
    },
    Reason {
        word: "UnexpectedPredicateFailureType",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "since before 1.19",
        meaning: "A check failed in a way that the kubelet does not know, and it rejected the pod. It should never be \
            seen.",
        next: "status.message tells more; journalctl -u kubelet on the node.",
        rules: &["H9"],
    },
    Reason {
        word: "UnknownReason",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "since before 1.19",
        meaning: "A check failed and the kubelet does not know why; it rejected the pod. It should never be seen.",
        next: "journalctl -u kubelet on the node.",
        rules: &["H9"],
    },
    Reason {
        word: "VolumeAttachmentLimitExceeded",
        place: Place::Pod,
        writer: "the kubelet",
        versions: "1.34 and later, with the feature gate MutableCSINodeAllocatableCount",
        meaning: "The storage driver cannot attach another volume to the node. The kubelet rejected the pod. Kubelets \
            without this let the pod wait in ContainerCreating.",
        next: "kubectl get csinode NODE -o yaml shows the limit, kubectl get volumeattachments what is attached. A \
            controller makes a new pod.",
        rules: &["H9"],
    },
];
