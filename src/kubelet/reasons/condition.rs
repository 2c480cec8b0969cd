//! Reasons of the conditions of a pod.

use super::{Place, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        word: "ContainersNotInitialized",
        place: Place::Condition(&["Initialized"]),
        writer: "the kubelet",
        versions: "all known",
        meaning: "Not every init container has ended well, or not every sidecar has started. The message names them as \
            containers with incomplete status.",
        next: "kubectl describe pod POD; kubectl logs POD -c NAME of the container that is named.",
        rules: &["C5", "C5b", "C5c"],
    },
    Reason {
        word: "ContainersNotReady",
        place: Place::Condition(&["Ready", "ContainersReady"]),
        writer: "the kubelet",
        versions: "all known; ContainersReady since 1.11",
        meaning: "At least one container is not ready: not running, or its readiness probe fails. The message names \
            the containers. After a deletion it may stay although the pod has failed.",
        next: "kubectl describe pod POD: the state of the named containers, and events with reason Unhealthy.",
        rules: &["C1", "C2", "H7"],
    },
    Reason {
        word: "Deferred",
        place: Place::Condition(&["PodResizePending"]),
        writer: "the kubelet",
        versions: "1.33 and later",
        meaning: "The node has too little free now for the new size of the pod, but could do it later. The kubelet \
            tries again.",
        next: "The message names the resource. kubectl describe node NODE lists what is allocated.",
        rules: &[],
    },
    Reason {
        word: "DeletionByDeviceTaintManager",
        place: Place::Condition(&["DisruptionTarget"]),
        writer: "the device taint eviction controller",
        versions: "1.33 and later, with dynamic resource allocation and device taints",
        meaning: "A device that the pod was given has a NoExecute taint, and the pod is deleted for it.",
        next: "Look at the taints in kubectl get resourceslices -o yaml and kubectl get devicetaintrules -o yaml, and \
            at the claims of the pod.",
        rules: &["C10", "C11"],
    },
    Reason {
        word: "DeletionByPodGC",
        place: Place::Condition(&["DisruptionTarget"]),
        writer: "the pod garbage collector",
        versions: "1.25 and later (on by default since 1.26)",
        meaning: "The node of the pod no longer exists, and the pod is deleted.",
        next: "Look who deleted the Node object: an autoscaler, the cloud controller or a person. No container is \
            stopped by this; there is nobody left to do it.",
        rules: &["H10", "C10"],
    },
    Reason {
        word: "DeletionByTaintManager",
        place: Place::Condition(&["DisruptionTarget"]),
        writer: "the taint eviction controller",
        versions: "1.25 and later (on by default since 1.26)",
        meaning: "The node has a NoExecute taint that the pod does not tolerate, or no longer, and the pod is deleted: \
            usually not-ready or unreachable, after 300 seconds.",
        next: "kubectl describe node NODE: taints and the condition Ready. Compare spec.tolerations with \
            tolerationSeconds.",
        rules: &["C10", "C9"],
    },
    Reason {
        word: "Error",
        place: Place::Condition(&["PodResizeInProgress"]),
        writer: "the kubelet",
        versions: "1.33 and later",
        meaning: "The resize was granted, but the kubelet could not carry it out. It tries again.",
        next: "The message tells the error of the runtime; journalctl -u kubelet on the node.",
        rules: &[],
    },
    Reason {
        word: "EvictionByEvictionAPI",
        place: Place::Condition(&["DisruptionTarget"]),
        writer: "the API server",
        versions: "1.25 and later (on by default since 1.26)",
        meaning: "Somebody evicted the pod by the eviction API: kubectl drain, an autoscaler, a descheduler.",
        next: "The audit log names who did it. kubectl get pdb shows what limits such evictions.",
        rules: &["C10", "C11"],
    },
    Reason {
        word: "Infeasible",
        place: Place::Condition(&["PodResizePending"]),
        writer: "the kubelet",
        versions: "1.33 and later",
        meaning: "This node can never give the new size of the pod: it is more than the node has, or a change that it \
            does not support.",
        next: "The message says why. Resize to less, or delete the pod so that it is scheduled elsewhere.",
        rules: &[],
    },
    Reason {
        word: "PodCompleted",
        place: Place::Condition(&["Ready", "ContainersReady", "AllContainersRestarting"]),
        writer: "the kubelet",
        versions: "all known; AllContainersRestarting since 1.36",
        meaning: "The pod has succeeded: its containers ended well, so none is ready and none will be restarted. The \
            condition is False, and that is no fault.",
        next: "Nothing is wrong. Look at the phase: it may still be Running for one event, until the kubelet has \
            cleared the pod away.",
        rules: &["C1", "C2", "C8", "H6", "X6"],
    },
    Reason {
        word: "PodCompleted",
        place: Place::Condition(&["Initialized"]),
        writer: "the kubelet",
        versions: "all known",
        meaning: "The pod has succeeded, and its init containers had all ended well. The condition is True, the only \
            True one that has a reason.",
        next: "Nothing is wrong.",
        rules: &["C5", "X6"],
    },
    Reason {
        word: "PodFailed",
        place: Place::Condition(&["Ready", "ContainersReady", "AllContainersRestarting"]),
        writer: "the kubelet",
        versions: "newer kubelets; AllContainersRestarting since 1.36",
        meaning: "The pod has failed, so none of its containers counts as ready.",
        next: "status.reason and the exit codes of the containers say why: kubectl describe pod POD; kubectl logs POD \
            -c NAME.",
        rules: &["C1", "C2", "C8", "H6", "M4"],
    },
    Reason {
        word: "PreemptionByKubeScheduler",
        place: Place::Condition(&["DisruptionTarget"]),
        writer: "the scheduler",
        versions: "1.25 only, with the feature gate PodDisruptionConditions",
        meaning: "A pod with a higher priority needs the room, and the scheduler deletes this one. Since 1.26 it is \
            PreemptionByScheduler.",
        next: "Look which pod has the node as status.nominatedNodeName or came to it next.",
        rules: &["C10"],
    },
    Reason {
        word: "PreemptionByScheduler",
        place: Place::Condition(&["DisruptionTarget"]),
        writer: "the scheduler",
        versions: "1.26 and later",
        meaning: "A pod with a higher priority needs the room, and the scheduler deletes this one.",
        next: "Look which pod has the node as status.nominatedNodeName or came to it next; compare spec.priority. \
            kubectl get events shows reason Preempted.",
        rules: &["C10", "C11"],
    },
    Reason {
        word: "ReadinessGatesNotReady",
        place: Place::Condition(&["Ready"]),
        writer: "the kubelet",
        versions: "1.11 and later",
        meaning: "All containers are ready, but a condition that spec.readinessGates names is missing or not True. The \
            message names it.",
        next: "Look at the controller that is to write that condition, for example a load balancer controller: its log \
            and its rights on pods/status.",
        rules: &["C3", "C4"],
    },
    Reason {
        word: "RestartAllContainersStarted",
        place: Place::Condition(&["AllContainersRestarting"]),
        writer: "the kubelet",
        versions: "1.36 and later",
        meaning: "A container ended with an exit code for which a rule says RestartAllContainers: all containers of \
            the pod are stopped and started anew.",
        next: "Find the container that ended first: its exit code fits one of restartPolicyRules. kubectl logs POD -c \
            NAME --previous.",
        rules: &["C8", "R2", "R3"],
    },
    Reason {
        word: "SchedulerError",
        place: Place::Condition(&["PodScheduled"]),
        writer: "the scheduler",
        versions: "at least 1.20 and later",
        meaning: "The scheduler met an error while it looked for a node or bound the pod. It says nothing about room \
            in the cluster. It tries again.",
        next: "The message tells the error; then the log of kube-scheduler.",
        rules: &["C12"],
    },
    Reason {
        word: "SchedulingGated",
        place: Place::Condition(&["PodScheduled"]),
        writer: "the API server, when the pod is created",
        versions: "1.26 and later (on by default since 1.27)",
        meaning: "The pod has spec.schedulingGates: the scheduler leaves it alone until all of them are removed.",
        next: "kubectl get pod POD -o jsonpath={.spec.schedulingGates}: the names tell which controller is to remove \
            them.",
        rules: &["C13", "K2"],
    },
    Reason {
        word: "TerminationByKubelet",
        place: Place::Condition(&["DisruptionTarget"]),
        writer: "the kubelet",
        versions: "1.26 and later",
        meaning: "The kubelet ends the pod: node pressure, room for a critical pod, or shutdown of the node.",
        next: "status.reason and the message say which: Evicted, Preempting or Terminated.",
        rules: &["C10", "C11"],
    },
    Reason {
        word: "UnknownContainerStatuses",
        place: Place::Condition(&["Ready", "ContainersReady", "Initialized"]),
        writer: "the kubelet",
        versions: "all known",
        meaning: "The kubelet has no container statuses for the pod yet.",
        next: "It goes with the next write. If it stays, look at journalctl -u kubelet on the node.",
        rules: &["C1", "C2", "C5"],
    },
    Reason {
        word: "Unschedulable",
        place: Place::Condition(&["PodScheduled"]),
        writer: "the scheduler",
        versions: "all known",
        meaning: "No node fits the pod now. The message counts the nodes by what was against them. The scheduler tries \
            again when something changes.",
        next: "Read the message first: Insufficient cpu, untolerated taint, node affinity, volume. Then compare \
            requests, tolerations and affinity with kubectl describe nodes.",
        rules: &["C12"],
    },
];
