//! Words that are taken for reasons and stand elsewhere: in kubectl's column, in events, on the node, in the kubelet's log.

use super::{Place, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        word: "ExitCode:<n>",
        place: Place::Column,
        writer: "kubectl and the API server",
        versions: "all known",
        meaning: "A container ended with this exit code and without a reason.",
        next: "kubectl logs POD -c NAME --previous.",
        rules: &["K3", "K4"],
    },
    Reason {
        word: "Init:<reason>",
        place: Place::Column,
        writer: "kubectl and the API server",
        versions: "all known since init containers",
        meaning: "An init container is not done: its reason follows, or how many are done of how many (Init:0/2).",
        next: "Look at initContainerStatuses: kubectl logs POD -c INIT-NAME. podreplay reasons knows the word after \
            the colon.",
        rules: &["K3"],
    },
    Reason {
        word: "NotReady",
        place: Place::Column,
        writer: "kubectl and the API server",
        versions: "newer versions",
        meaning: "A container has completed and others run, but the pod is not Ready.",
        next: "Look at the condition Ready of the pod and its message.",
        rules: &["K4"],
    },
    Reason {
        word: "Signal:<n>",
        place: Place::Column,
        writer: "kubectl and the API server",
        versions: "all known",
        meaning: "A container was ended by this signal and has no reason.",
        next: "kubectl logs POD -c NAME --previous.",
        rules: &["K3", "K4"],
    },
    Reason {
        word: "Terminating",
        place: Place::Column,
        writer: "kubectl and the API server",
        versions: "all known",
        meaning: "The pod has a deletionTimestamp and has not ended yet. No field of the pod says this word.",
        next: "If it lasts: spec.terminationGracePeriodSeconds, metadata.finalizers, a preStop hook, and whether the \
            kubelet of the node answers.",
        rules: &["K5", "H8"],
    },
    Reason {
        word: "Unknown",
        place: Place::Column,
        writer: "kubectl and the API server",
        versions: "all known",
        meaning: "The pod is being deleted and has the reason NodeLost; or its phase is Unknown. Both come from old \
            control planes.",
        next: "kubectl describe node NODE; podreplay reasons NodeLost.",
        rules: &["K5", "P9"],
    },
    Reason {
        word: "BackOff",
        place: Place::Event,
        writer: "the kubelet",
        versions: "all known",
        meaning: "The kubelet waits before it starts a container or pulls an image again. On the pod it stands as \
            CrashLoopBackOff or ImagePullBackOff.",
        next: "podreplay reasons CrashLoopBackOff, podreplay reasons ImagePullBackOff.",
        rules: &[],
    },
    Reason {
        word: "NodeNotReady",
        place: Place::Event,
        writer: "the node lifecycle controller",
        versions: "newer control planes",
        meaning: "The node of the pod is no longer ready, and the controller set the condition Ready of the pod to \
            False. It writes no reason on the condition: Ready False beside ContainersReady True is its sign.",
        next: "kubectl describe node NODE: condition Ready, taints, and the lease in kube-node-lease.",
        rules: &["C9"],
    },
    Reason {
        word: "DockerDaemonNotReady",
        place: Place::Node,
        writer: "the Docker shim of the kubelet",
        versions: "kubelets with Docker, before 1.24, and cri-dockerd",
        meaning: "Docker does not answer, so the node is not ready. On its pods it shows only as condition Ready False \
            and as pods that do not start.",
        next: "kubectl describe node NODE; on the node systemctl status docker.",
        rules: &["C9"],
    },
    Reason {
        word: "NetworkPluginNotReady",
        place: Place::Node,
        writer: "the container runtime",
        versions: "all known, Docker, containerd and CRI-O",
        meaning: "The network plugin (CNI) of the node is not set up, so the node is not ready. New pods stay in \
            ContainerCreating unless they use the host network.",
        next: "kubectl describe node NODE; see that the pods of the network plugin run on it and that /etc/cni/net.d \
            is not empty.",
        rules: &["C9"],
    },
    Reason {
        word: "ConfigPodSandboxError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "1.6 and later, perhaps earlier",
        meaning: "The kubelet could not make the configuration of the pod sandbox. The containers of the pod stay in \
            ContainerCreating.",
        next: "journalctl -u kubelet on the node; kubectl describe pod POD for events.",
        rules: &[],
    },
    Reason {
        word: "CreatePodSandboxError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "1.6 and later, perhaps earlier",
        meaning: "The runtime could not create the pod sandbox, most often because the network plugin failed. The \
            containers of the pod stay in ContainerCreating.",
        next: "kubectl describe pod POD: events with reason FailedCreatePodSandBox tell the error. Then the network \
            plugin of the node.",
        rules: &[],
    },
    Reason {
        word: "KillContainerError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "all known",
        meaning: "The runtime could not stop a container. The pod stays Terminating, or the old container goes on.",
        next: "journalctl -u kubelet and the log of the runtime; events with reason FailedKillPod.",
        rules: &[],
    },
    Reason {
        word: "KillPodSandboxError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "1.6 and later, perhaps earlier",
        meaning: "The runtime could not stop the pod sandbox, most often because the network plugin failed. The pod \
            stays Terminating.",
        next: "kubectl describe pod POD: events with reason FailedKillPod. Then the network plugin of the node.",
        rules: &[],
    },
    Reason {
        word: "RemoveContainerError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "newer kubelets, with RestartAllContainers",
        meaning: "The runtime could not remove a container that is to be started anew with all others.",
        next: "journalctl -u kubelet and the log of the runtime.",
        rules: &[],
    },
    Reason {
        word: "ResizePodInPlaceError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "newer kubelets",
        meaning: "The runtime could not resize the pod. On the pod it stands as PodResizeInProgress with reason Error.",
        next: "Read the message of the condition PodResizeInProgress.",
        rules: &[],
    },
    Reason {
        word: "RunInitContainerError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "all that are known since init containers",
        meaning: "An init container ended with an exit code that is not 0. On the pod the init container has its own \
            reason: Error, CrashLoopBackOff.",
        next: "kubectl logs POD -c INIT-NAME, with --previous if it runs again.",
        rules: &[],
    },
    Reason {
        word: "SetupNetworkError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "old kubelets that spoke to Docker directly, before about 1.7",
        meaning: "The network of the pod could not be set up. Today it is CreatePodSandboxError.",
        next: "Look at the network plugin of the node.",
        rules: &[],
    },
    Reason {
        word: "TeardownNetworkError",
        place: Place::Log,
        writer: "the kubelet",
        versions: "old kubelets that spoke to Docker directly, before about 1.7",
        meaning: "The network of the pod could not be taken down. Today it is KillPodSandboxError.",
        next: "Look at the network plugin of the node.",
        rules: &[],
    },
];
