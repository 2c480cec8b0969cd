//! Reasons for which a container ended.

use super::{Place, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        word: "Completed",
        place: Place::Terminated,
        writer: "the container runtime, by way of the kubelet",
        versions: "all known",
        meaning: "The main process of the container ended with exit code 0.",
        next: "Nothing is wrong for a job. A server that should run on ended by itself: kubectl logs POD -c NAME \
            --previous.",
        rules: &["P1", "P3", "K4"],
    },
    Reason {
        word: "ContainerCannotRun",
        place: Place::Terminated,
        writer: "the container runtime, by way of the kubelet",
        versions: "Docker: kubelets before 1.24, and cri-dockerd",
        meaning: "The container was created, but Docker could not start it. Other runtimes say StartError.",
        next: "The message is that of Docker: command not found, a mount, a permission.",
        rules: &["P3"],
    },
    Reason {
        word: "ContainerStatusUnknown",
        place: Place::Terminated,
        writer: "the kubelet",
        versions: "about 1.19 and later",
        meaning: "The kubelet does not know how the container ended: it had run, or was to run, and the runtime knows \
            nothing of it any more. Exit code 137 is an assumption. Usual when a pod is deleted before its containers \
            were started, after a restart of the node, or after an eviction.",
        next: "The exit code proves nothing. Look at what happened to the node and the runtime at that time: kubectl \
            describe node NODE, journalctl -u kubelet.",
        rules: &["H7", "I7"],
    },
    Reason {
        word: "Error",
        place: Place::Terminated,
        writer: "the container runtime, by way of the kubelet",
        versions: "all known",
        meaning: "The main process of the container ended with an exit code that is not 0. 128 plus a number usually \
            stands for a signal: 137 is SIGKILL, 143 is SIGTERM.",
        next: "kubectl logs POD -c NAME --previous. With 137 look for a failed liveness probe, a deletion or a grace \
            period that was too short; with 143 the container was asked to stop.",
        rules: &["P3", "R1", "K4"],
    },
    Reason {
        word: "OOMKilled",
        place: Place::Terminated,
        writer: "the container runtime, by way of the kubelet",
        versions: "all known",
        meaning: "The kernel killed a process of the container for want of memory: usually the container went over its \
            own memory limit, sometimes the node had none left.",
        next: "Compare resources.limits.memory with what the container used. If the limit was not reached, look at the \
            memory of the node: kubectl describe node NODE, dmesg on it.",
        rules: &["P3", "R1"],
    },
    Reason {
        word: "RestartingAllContainers",
        place: Place::Terminated,
        writer: "the kubelet",
        versions: "1.36 and later; 1.35 with the feature gate RestartAllContainersOnContainerExits",
        meaning: "The container was stopped to be started anew together with all others of the pod, because one of \
            them ended with an exit code for which a rule says so. Exit code 137 is written with it.",
        next: "Find the container that ended first, the one with another reason. The condition AllContainersRestarting \
            has the time.",
        rules: &["R3", "C8"],
    },
    Reason {
        word: "seccomp killed",
        place: Place::Terminated,
        writer: "the container runtime, by way of the kubelet",
        versions: "CRI-O",
        meaning: "The kernel killed the process because it made a system call that its seccomp profile forbids.",
        next: "The audit log of the node names the system call: ausearch -m SECCOMP. Look at \
            securityContext.seccompProfile.",
        rules: &["P3"],
    },
    Reason {
        word: "StartError",
        place: Place::Terminated,
        writer: "the container runtime, by way of the kubelet",
        versions: "containerd",
        meaning: "The container was created, but the runtime could not start its process. Exit code 128. The container \
            then waits with RunContainerError or CrashLoopBackOff.",
        next: "The message is that of the runtime: most often the command does not exist or is not executable.",
        rules: &["X3", "P3"],
    },
    Reason {
        word: "Unknown",
        place: Place::Terminated,
        writer: "the container runtime, by way of the kubelet",
        versions: "containerd",
        meaning: "containerd lost track of the container, for example when it was restarted or the node was rebooted. \
            Exit code 255 is an assumption.",
        next: "Look when the node or containerd was restarted: kubectl describe node NODE, journalctl -u containerd.",
        rules: &["P3"],
    },
];
