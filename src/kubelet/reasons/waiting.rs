//! Reasons for which a container waits.

use super::{Place, Reason};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        word: "Blocked",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "old kubelets; recent ones reject the pod",
        meaning: "The kubelet will not start the containers because the node cannot give the pod what it asks for. \
            status.reason says what: AppArmor, NoNewPrivs or ProcMount.",
        next: "Read status.reason and status.message of the pod.",
        rules: &[],
    },
    Reason {
        word: "ContainerCreating",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "The container has not been started yet, and nothing has failed so far that has a word of its own. \
            Volumes, the network and the image come in this time. With init containers the word is PodInitializing.",
        next: "If it lasts, kubectl describe pod POD: events with reason FailedMount, FailedAttachVolume, \
            FailedCreatePodSandBox, NetworkNotReady or Pulling.",
        rules: &["P3", "X1"],
    },
    Reason {
        word: "CrashLoopBackOff",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "The container ended again and again, and the kubelet waits before it starts it once more: 10 \
            seconds, then twice as long each time, up to 5 minutes by default. It is no fault of its own: the last \
            exit is.",
        next: "lastState.terminated has exit code and reason; kubectl logs POD -c NAME --previous shows the end of the \
            last run. Look for failed liveness or startup probes in the events.",
        rules: &["X1", "X2", "P3", "R1"],
    },
    Reason {
        word: "CreateContainerConfigError",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "at least 1.8 and later",
        meaning: "The kubelet could not make the configuration of the container: most often a ConfigMap or Secret, or \
            a key of one, does not exist; also an image that runs as root under runAsNonRoot.",
        next: "The message names what is missing. kubectl get configmap,secret -n NAMESPACE.",
        rules: &["X2", "P3"],
    },
    Reason {
        word: "CreateContainerError",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "at least 1.8 and later",
        meaning: "The runtime could not create the container: a name that is in use, a mount that does not exist, no \
            command, a device.",
        next: "The message is that of the runtime. If it says that the name is reserved, look at the runtime on the \
            node: journalctl -u containerd or crio.",
        rules: &["P3"],
    },
    Reason {
        word: "ErrImageNeverPull",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "imagePullPolicy is Never and the image is not on the node; newer kubelets say it also if the pod may \
            not use the image that is there.",
        next: "See what is there with crictl images on the node, or change imagePullPolicy.",
        rules: &["P3"],
    },
    Reason {
        word: "ErrImagePull",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "A pull of the image just failed. ImagePullBackOff follows, and both take turns.",
        next: "The message tells why: not found, no right, no network, too many requests. Check image name and tag, \
            spec.imagePullSecrets, and the way from the node to the registry: crictl pull IMAGE.",
        rules: &["X2", "P3"],
    },
    Reason {
        word: "ImageInspectError",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "The runtime could not tell whether the image is on the node. The image store or the runtime may be \
            damaged.",
        next: "crictl inspecti IMAGE on the node; journalctl -u containerd or crio.",
        rules: &["P3"],
    },
    Reason {
        word: "ImagePullBackOff",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "Pulls of the image failed, and the kubelet waits before the next one: 10 seconds, then twice as long \
            each time, up to 5 minutes.",
        next: "The error itself stands under ErrImagePull, in the events with reason Failed, and in newer versions in \
            the message. Check image name and tag, spec.imagePullSecrets, and the registry.",
        rules: &["X2", "P3"],
    },
    Reason {
        word: "InvalidImageName",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known; documents call it ErrInvalidImageName, which is never written",
        meaning: "The image of the container is no valid image reference: capital letters, a blank, a missing tag \
            after the colon.",
        next: "Correct spec.containers[*].image; look for a variable that a template left empty.",
        rules: &["P3"],
    },
    Reason {
        word: "PodInitializing",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "The pod has init containers or sidecars and the container has not been started yet: it waits for \
            them, or for the pod to be set up. kubectl shows the init container that is at work.",
        next: "Look at initContainerStatuses: kubectl logs POD -c INIT-NAME.",
        rules: &["P1", "P2", "K3"],
    },
    Reason {
        word: "PostStartHookError",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "lifecycle.postStart of the container failed. The kubelet killed the container and starts it anew by \
            the restart policy.",
        next: "Events with reason FailedPostStartHook tell the error. Run the command of the hook in the image.",
        rules: &[],
    },
    Reason {
        word: "PreCreateHookError",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "newer kubelets; CPU, memory and topology managers",
        meaning: "A step inside the kubelet before the container is created failed. It is not a hook of the pod.",
        next: "The message tells the error; journalctl -u kubelet on the node.",
        rules: &[],
    },
    Reason {
        word: "PreStartHookError",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "at least 1.8 and later",
        meaning: "A step inside the kubelet between creating and starting the container failed: assigning CPUs or \
            devices. It is not a hook of the pod.",
        next: "The message tells the error; look at the device plugins of the node and at journalctl -u kubelet.",
        rules: &[],
    },
    Reason {
        word: "RegistryUnavailable",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known; seen mostly with Docker and CRI-O",
        meaning: "The registry did not answer the pull.",
        next: "See from the node whether the registry can be reached: name resolution, proxy, firewall; crictl pull \
            IMAGE.",
        rules: &["P3"],
    },
    Reason {
        word: "RunContainerError",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "all known",
        meaning: "The container was created, but the runtime could not start it: the command does not exist or is not \
            executable, a mount fails, a limit is too small.",
        next: "The message is that of the runtime. With containerd lastState.terminated says StartError with exit code \
            128.",
        rules: &["X2", "X3", "P3"],
    },
    Reason {
        word: "SignatureValidationFailed",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "1.28 and later, with a runtime that checks signatures (CRI-O)",
        meaning: "The image was not pulled because its signature does not fit the policy of the node.",
        next: "Look at the policy on the node, /etc/containers/policy.json, and whether the image is signed for it.",
        rules: &["P3"],
    },
    Reason {
        word: "VerifyNonRootError",
        place: Place::Waiting,
        writer: "the kubelet",
        versions: "old kubelets that spoke to Docker directly, before about 1.7",
        meaning: "The container has runAsNonRoot and its image runs as root. Today it is CreateContainerConfigError.",
        next: "Set runAsUser, or USER with a number in the image.",
        rules: &[],
    },
];
