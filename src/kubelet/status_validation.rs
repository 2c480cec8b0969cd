//! What the API server refuses in a write to a pod's status (T2, T4): validation.go, `ValidatePodStatusUpdate`.

use std::net::IpAddr;

use super::container_moves::refused_by_api;
use super::version::{Feature, Features};
use crate::model::{Pod, Role, Status};

/// A field that the API server refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Its path in the object.
    pub field: String,
    /// `FieldValueInvalid`, `FieldValueForbidden` or `FieldValueDuplicate`.
    pub kind: &'static str,
    /// The API server's sentence.
    pub detail: String,
}

impl FieldError {
    fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), kind: "FieldValueInvalid", detail: detail.into() }
    }

    fn duplicate(field: impl Into<String>) -> Self {
        Self { field: field.into(), kind: "FieldValueDuplicate", detail: String::new() }
    }

    fn forbidden(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), kind: "FieldValueForbidden", detail: detail.into() }
    }
}

/// Everything that the API server refuses in replacing the pod's status by `new`, in its order.
#[must_use]
pub fn status_errors(pod: &Pod, new: &Status, features: Features) -> Vec<FieldError> {
    let old = &pod.status;
    let mut errors = Vec::new();
    for (index, condition) in new.conditions.iter().enumerate() {
        if !matches!(&*condition.kind, "PodScheduled" | "Ready" | "Initialized") {
            let root = if features.has(Feature::ResizeConditions) { "status" } else { "metadata" };
            let field = format!("{root}.conditions[{index}].Type");
            let wrongs = qualified_name_errors(&condition.kind, features);
            errors.extend(wrongs.into_iter().map(|detail| FieldError::invalid(field.clone(), detail)));
        }
    }
    if features.has(Feature::BoundIsNotNominated)
        && new.nominated_node_name.is_some()
        && new.nominated_node_name != old.nominated_node_name
        && pod.spec.node_name.is_some()
    {
        let detail = "may not be set on pods that are already bound to a node";
        errors.push(FieldError::forbidden("status.nominatedNodeName", detail));
    }
    if new.observed_generation.is_some_and(|generation| generation < 0) && features.has(Feature::Generation) {
        errors.push(FieldError::invalid("status.observedGeneration", "must be a non-negative integer"));
    }
    if new.qos_class != old.qos_class && features.has(Feature::QosClassImmutable) {
        errors.push(FieldError::invalid("status.qosClass", "field is immutable"));
    }
    for (role, index, _) in refused_by_api(pod, new, features) {
        let list = match role {
            Role::Init | Role::Sidecar => "initContainerStatuses",
            Role::Regular => "containerStatuses",
            Role::Ephemeral => "ephemeralContainerStatuses",
        };
        let detail = "may not be transitioned to non-terminated state";
        errors.push(FieldError::forbidden(format!("status.{list}[{index}].state"), detail));
    }
    let is_checked =
        features.has(Feature::AddressesAlwaysChecked) || address_errors("podIPs", &old.pod_ips, features).is_empty();
    if is_checked {
        errors.extend(address_errors("podIPs", &new.pod_ips, features));
    }
    if features.has(Feature::HostAddressesChecked) {
        if new.host_ips.first().is_some_and(|first| new.host_ip.as_ref() != Some(first)) {
            errors.push(FieldError::invalid("status.hostIPs[0].ip", "must be equal to `hostIP`"));
        }
        errors.extend(address_errors("hostIPs", &new.host_ips, features));
    }
    errors
}

/// At most one address a family, each of them valid.
fn address_errors(list: &str, ips: &[Box<str>], features: Features) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut families = Vec::with_capacity(ips.len());
    for (index, ip) in ips.iter().enumerate() {
        match address(ip, features) {
            Ok(address) => families.push(address.is_ipv4()),
            Err(detail) => errors.push(FieldError::invalid(format!("status.{list}[{index}]"), detail)),
        }
    }
    let is_dual = families.len() == 2 && families[0] != families[1];
    if ips.len() > 1 && !is_dual {
        let detail = "may specify no more than one IP for each IP family";
        errors.push(FieldError::invalid(format!("status.{list}"), detail));
    }
    if features.has(Feature::DuplicateAddressTold) {
        let twins = (1..ips.len()).filter(|index| ips[..*index].contains(&ips[*index]));
        errors.extend(twins.map(|index| FieldError::duplicate(format!("status.{list}[{index}]"))));
    }
    errors
}

/// An address, or what the API server says against it.
fn address(text: &str, features: Features) -> Result<IpAddr, &'static str> {
    let without_zeros = |part: &str| part.parse::<u8>().map_or_else(|_| part.to_owned(), |number| number.to_string());
    let sloppy = || text.split('.').map(without_zeros).collect::<Vec<_>>().join(".").parse();
    let invalid = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    match (text.parse(), sloppy()) {
        (Ok(address), _) => Ok(address),
        (Err(_), Ok(address)) if features.has(Feature::LeadingZeros) => Ok(address),
        (Err(_), Ok(_)) if features.has(Feature::LeadingZerosTold) => Err("must not have leading 0s"),
        (Err(_), Ok(_) | Err(_)) => Err(invalid),
    }
}

const NAME_BYTES_MAX: usize = 63;
const PREFIX_BYTES_MAX: usize = 253;

/// What is wrong with a condition type as a qualified name, `[prefix/]name`.
fn qualified_name_errors(text: &str, features: Features) -> Vec<String> {
    let what = if features.has(Feature::LabelKeyWords) { "valid label key" } else { "qualified name" };
    let shape = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
                 alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
                 '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    let mut errors = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".to_owned());
            } else if !is_dns_subdomain(prefix) {
                errors.push(
                    "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' \
                     or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for \
                     validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
                        .to_owned(),
                );
            }
            name
        }
        _ => {
            return vec![format!(
                "a {what} {shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > NAME_BYTES_MAX {
        errors.push(format!("name part must be no more than {NAME_BYTES_MAX} bytes"));
    }
    if !is_bounded_by_alphanumerics(name, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
        errors.push(format!("name part {shape}"));
    }
    errors
}

fn is_bounded_by_alphanumerics(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let at_ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    at_ends(bytes.first()) && at_ends(bytes.last()) && bytes.iter().all(|&byte| allowed(byte))
}

fn is_dns_subdomain(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= PREFIX_BYTES_MAX && text.split('.').all(|label| is_bounded_by_alphanumerics(label, allowed))
}

#[cfg(test)]
mod tests {
    use super::{Features, status_errors};
    use crate::kubelet::KubernetesVersion;
    use crate::model::{Pod, Status};

    /// The addresses of a node are looked at from 1.28 on (V14), beside those of the pod.
    #[test]
    fn addresses_of_the_node_are_one_a_family_and_begin_with_the_first() {
        let check = |minor: u8, host_ip: &str, host_ips: &[&str], expected: &str| {
            let host_ips = host_ips.iter().map(|ip| (*ip).into()).collect();
            let new = Status { host_ip: Some(host_ip.into()), host_ips, ..Status::default() };
            let features = Features::of(KubernetesVersion::of_minor(minor));
            let errors = status_errors(&Pod::default(), &new, features);
            let told: Vec<String> = errors.iter().map(|it| format!("{} {}", it.field, it.detail)).collect();
            assert_eq!(told.join(" / "), expected, "{minor} {host_ip}");
        };
        check(36, "10.0.0.4", &[], "");
        check(36, "10.0.0.4", &["10.0.0.4"], "");
        check(28, "10.0.0.4", &["10.0.0.4", "fd00::4"], "");
        check(28, "10.0.0.5", &["10.0.0.4"], "status.hostIPs[0].ip must be equal to `hostIP`");
        check(27, "10.0.0.5", &["10.0.0.4"], "");
        let families = "status.hostIPs may specify no more than one IP for each IP family";
        check(36, "10.0.0.4", &["10.0.0.4", "10.0.0.5"], families);
        check(32, "10.0.0.4", &["10.0.0.4", "10.0.0.4"], &format!("{families} / status.hostIPs[1] "));
        check(36, "", &[""], "status.hostIPs[0] must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        check(36, "010.0.0.4", &["010.0.0.4"], "status.hostIPs[0] must not have leading 0s");
    }
}
