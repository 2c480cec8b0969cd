//! A request about pods that the API server answered with an error. It tells who tried what; it is never a part of a pod's state.

use super::actor::{Actor, Basis};
use super::request::{Target, Verb};
use super::time::ObservedAt;

/// A request that was answered with an error.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// When it was answered.
    pub at: ObservedAt,
    /// The pod that it names; the name is empty where the API server was to make one up, or of all pods of a namespace.
    pub target: Target,
    /// What the name was to begin with (`metadata.generateName`); empty where none is told.
    pub generate_name: Box<str>,
    /// When it came in, if that is told.
    pub begun: Option<ObservedAt>,
    /// Who asked; empty where that is not told.
    pub user: Box<str>,
    /// As whom.
    pub impersonated: Option<Box<str>>,
    /// The first word of the client's `User-Agent`: `kubectl/v1.36.0`.
    pub agent: Box<str>,
    /// What was asked for.
    pub verb: Verb,
    /// Of which part: `status`, `binding`, `eviction` ...
    pub subresource: Option<Box<str>>,
    /// The HTTP status of the answer, from 400.
    pub code: i64,
    /// Why, in one word: `Forbidden`.
    pub reason: Box<str>,
    /// Why, in a sentence.
    pub message: Box<str>,
    /// What it came from, a sentence each (`details.causes`).
    pub causes: Vec<Box<str>>,
}

impl Refused {
    /// Who asked. One who asks in the name of another is told as that other, through himself.
    #[must_use]
    pub fn by(&self) -> Actor {
        let (user, through) = match &self.impersonated {
            Some(other) => (other.clone(), Some(self.user.clone())),
            None => (self.user.clone(), None),
        };
        Actor {
            user,
            through,
            agent: self.agent.clone(),
            verb: self.verb.as_str().into(),
            part: self.subresource.clone().unwrap_or_default(),
            code: Some(self.code),
            source: Box::default(),
            basis: Basis::Audit,
        }
    }

    /// Whether another request was refused just like this one.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let key = |it: &Self| (it.by(), it.target.clone(), it.reason.clone(), it.told());
        key(self) == key(other)
    }

    /// What was asked for, in one word: the part, or the verb where it was the pod itself.
    #[must_use]
    pub fn what(&self) -> &str {
        self.subresource.as_deref().unwrap_or(self.verb.as_str())
    }

    /// The message, and the causes that it does not name itself.
    #[must_use]
    pub fn told(&self) -> String {
        let mut told = self.message.to_string();
        for cause in self.causes.iter().filter(|cause| !self.message.contains(&***cause)) {
            told.push_str(match told.chars().last() {
                None => "",
                Some('.') => " ",
                Some(_) => ": ",
            });
            told.push_str(cause);
        }
        told
    }
}
