//! The bodies of records, joined: the store unpacks them, `input/` says what they mean. What was read of the pod in hand is
//! remembered, so that no body is parsed twice; of whole objects and of requests, which take more room, the last ones.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::read_error::ReadError;
use crate::history::Bodies;
use crate::input::compared::ComparedObject;
use crate::input::stored_record::{
    compared_object_of, kubelet_release_of, object_of, ownership_in, ownership_of, pod_in_part_of_value, pod_of,
    pod_of_value, request_of,
};
use crate::kubelet::KubernetesVersion;
use crate::model::{Actor, Ownership, Pod, Request, Seq, StoredRecord};
use crate::store::Reader;

/// Reads bodies from the store.
pub struct RecordBodies<'a> {
    reader: &'a Reader<'a>,
    pods: RefCell<BTreeMap<Seq, Arc<Pod>>>,
    objects: Recent<Value>,
    requests: Recent<Request>,
    /// The whole object of each pod is asked for, too.
    with_objects: Cell<bool>,
    /// The releases of the kubelets that made requests, as far as bodies of an audit log were read.
    kubelets: RefCell<BTreeMap<Seq, Option<KubernetesVersion>>>,
    /// How many bytes of bodies were parsed since all of it was forgotten.
    parsed_bytes: Cell<usize>,
}

/// What was parsed last. The reconciling of requests asks again for what stands near by.
struct Recent<T>(RefCell<VecDeque<(Seq, Arc<T>)>>);

/// A life of more events is not held as a whole, and each object is read once more when it is judged.
pub(super) const EVENTS_HELD: usize = 1_000;
/// How many are kept.
const RECENT_MAX: usize = 48;
/// How many pods are kept beyond the pod in hand: the incarnations of a name are asked for together.
const PODS_MAX: usize = 1_000;
/// And of how many bytes of bodies something is kept: an object may have 16 MB.
const PARSED_BYTES_MAX: usize = 32 << 20;

impl<T> Recent<T> {
    fn get(&self, seq: Seq) -> Option<Arc<T>> {
        let known = self.0.borrow();
        known.iter().rev().find(|(of, _)| *of == seq).map(|(_, value)| Arc::clone(value))
    }

    fn forget(&self) {
        self.0.borrow_mut().clear();
    }

    fn keep(&self, seq: Seq, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut known = self.0.borrow_mut();
        if known.len() >= RECENT_MAX {
            known.pop_front();
        }
        known.push_back((seq, Arc::clone(&value)));
        value
    }
}

impl<'a> RecordBodies<'a> {
    /// Begins to read.
    #[must_use]
    pub fn new(reader: &'a Reader<'a>) -> Self {
        let (objects, requests) = (Recent(RefCell::default()), Recent(RefCell::default()));
        Self {
            reader,
            pods: RefCell::default(),
            objects,
            requests,
            with_objects: Cell::default(),
            kubelets: RefCell::default(),
            parsed_bytes: Cell::default(),
        }
    }

    /// From here on the whole object of each pod is asked for, too: a body is then parsed for both.
    pub fn expect_objects(&self) {
        self.with_objects.set(true);
    }

    /// Another pod comes: what was read is forgotten once it is much.
    pub fn next_pod(&self) {
        let mut pods = self.pods.borrow_mut();
        if self.parsed_bytes.get() > PARSED_BYTES_MAX || pods.len() > PODS_MAX {
            pods.clear();
            self.kubelets.borrow_mut().clear();
            self.objects.forget();
            self.requests.forget();
            self.parsed_bytes.set(0);
        }
    }

    /// What the pod that a record shows belongs to.
    ///
    /// # Errors
    /// When the store cannot be read, or the record shows no object that is JSON as a whole.
    pub fn ownership(&self, record: &StoredRecord) -> Result<Ownership, ReadError> {
        match self.objects.get(record.seq) {
            Some(object) => Ok(ownership_of(&object)),
            None => self.parse(record, |body| ownership_in(body, record.stated_at()), not_shown),
        }
    }

    /// The object that a record shows, to compare it with another; `None` of what is no JSON as a whole. Who asks for the pod next
    /// need not parse the body again.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn compared_object(&self, record: &StoredRecord) -> Result<Option<ComparedObject>, ReadError> {
        if let Some(known) = self.objects.get(record.seq) {
            return Ok(Some(ComparedObject::Value(known)));
        }
        let read = |body: &[u8]| Ok(compared_object_of(body, record.stated_at()).ok());
        let Some((object, pod)) = self.parse(record, read, not_shown)? else { return Ok(None) };
        if let Some(pod) = pod {
            self.pods.borrow_mut().entry(record.seq).or_insert_with(|| Arc::new(pod));
        }
        Ok(Some(object))
    }

    /// The pod of a record is not asked for again.
    pub fn forget(&self, seq: Seq) {
        self.pods.borrow_mut().remove(&seq);
    }

    /// The same of a record of a long life, which stands in blocks of its own.
    pub fn pass(&self, seq: Seq) {
        self.forget(seq);
        self.reader.let_go_before(seq.0);
    }

    /// The release of the kubelet that made the request of a record of an audit log; `None` if another client made it.
    pub fn kubelet_of(&self, record: &StoredRecord) -> Result<Option<KubernetesVersion>, ReadError> {
        let known = || self.kubelets.borrow().get(&record.seq).copied();
        if known().is_none() {
            // Who asks for the object, or the pod, next need not read the body again.
            self.whole_object(record)?;
        }
        Ok(known().flatten())
    }

    /// Parses a body; `wrong` says what a body is that does not read.
    fn parse<T>(
        &self,
        record: &StoredRecord,
        read: impl FnOnce(&[u8]) -> Result<T, String>,
        wrong: fn(i64, String) -> ReadError,
    ) -> Result<T, ReadError> {
        let noting = |body: &[u8]| {
            self.parsed_bytes.set(self.parsed_bytes.get() + body.len());
            if record.is_of_audit() {
                let release = kubelet_release_of(body).and_then(|text| KubernetesVersion::parse(text).ok());
                self.kubelets.borrow_mut().insert(record.seq, release);
            }
            read(body)
        };
        self.reader.with_body(record.seq.0, noting)?.map_err(|what| wrong(record.seq.0, what))
    }
}

fn damaged(seq: i64, what: String) -> ReadError {
    ReadError::Damaged { seq, what }
}

fn not_shown(seq: i64, what: String) -> ReadError {
    ReadError::NotShown { seq, what }
}

impl Bodies for RecordBodies<'_> {
    type Error = ReadError;

    fn pod(&self, record: &StoredRecord) -> Result<Arc<Pod>, ReadError> {
        if let Some(known) = self.pods.borrow().get(&record.seq) {
            return Ok(Arc::clone(known));
        }
        if self.with_objects.get()
            && self.whole_object(record)?.is_some()
            && let Some(known) = self.pods.borrow().get(&record.seq)
        {
            return Ok(Arc::clone(known));
        }
        let pod = Arc::new(self.parse(record, |body| pod_of(body, record.stated_at()), damaged)?);
        self.pods.borrow_mut().insert(record.seq, Arc::clone(&pod));
        Ok(pod)
    }

    fn object(&self, record: &StoredRecord) -> Result<Arc<Value>, ReadError> {
        if let Some(known) = self.objects.get(record.seq) {
            return Ok(known);
        }
        let object = self.parse(record, |body| object_of(body, record.stated_at()), not_shown)?;
        // Who asks for the pod next need not parse the body again.
        if let Ok(pod) = pod_of_value(&object) {
            self.pods.borrow_mut().entry(record.seq).or_insert_with(|| Arc::new(pod));
        }
        Ok(self.objects.keep(record.seq, object))
    }

    fn whole_object(&self, record: &StoredRecord) -> Result<Option<Arc<Value>>, ReadError> {
        match self.object(record) {
            Ok(object) => Ok(Some(object)),
            Err(ReadError::NotShown { .. }) => Ok(None),
            Err(error @ (ReadError::Store(_) | ReadError::Damaged { .. })) => Err(error),
        }
    }

    fn request(&self, record: &StoredRecord) -> Result<Arc<Request>, ReadError> {
        if let Some(known) = self.requests.get(record.seq) {
            return Ok(known);
        }
        let request = self.parse(record, |body| request_of(body, record.stated_at()), damaged)?;
        Ok(self.requests.keep(record.seq, request))
    }

    fn actor(&self, row: i64) -> Result<Arc<Actor>, ReadError> {
        Ok(self.reader.actor(row)?)
    }

    fn pod_of(&self, object: &Value) -> Result<Pod, String> {
        pod_in_part_of_value(object)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use super::{PARSED_BYTES_MAX, RecordBodies};
    use crate::history::Bodies;
    use crate::input::Source;
    use crate::ops::{IngestOptions, ingest};
    use crate::store::Log;

    #[test]
    fn of_large_objects_few_are_held() {
        const IMAGE_BYTES: usize = 4 << 20;
        let image = "i".repeat(IMAGE_BYTES);
        let pod = |number: i64| {
            let metadata =
                format!(r#"{{"name":"p{number}","namespace":"d","uid":"{number}","resourceVersion":"{number}"}}"#);
            let spec = format!(r#"{{"containers":[{{"name":"c","image":"{image}"}}]}}"#);
            format!("{{\"type\":\"ADDED\",\"object\":{{\"kind\":\"Pod\",\"metadata\":{metadata},\"spec\":{spec}}}}}\n")
        };
        let watch: String = (1..=20).map(pod).collect();
        let source = Source::of_reader(Path::new("-"), Box::new(Cursor::new(watch))).expect("bytes");
        let log = Log::in_memory().expect("memory");
        ingest(&log, source, &IngestOptions::default(), &()).expect("it is read");
        let reader = log.reader();
        let bodies = RecordBodies::new(&reader);
        let mut read = 0;
        for pod in 1..=20 {
            for record in reader.records_of(pod).expect("sound") {
                bodies.object(&record).expect("an object");
                read += 1;
            }
            bodies.next_pod();
            let held = bodies.pods.borrow().len().max(bodies.objects.0.borrow().len());
            assert!(held * IMAGE_BYTES <= PARSED_BYTES_MAX, "{held}");
        }
        assert_eq!(read, 20);
    }
}
