//! What the log keeps of many in one value: numbers and time bounds, each as its difference from the one before, in as few bytes
//! as it needs.

use super::ends::Ends;
use super::version_key::VersionKey;
use crate::history::{Part, TimeBound};
use crate::model::ObservedAt;

/// A bound begins with a byte of these bits.
const IS_STAMPED: u8 = 1;
/// The version is text; else it is the difference from the last that was a number.
const IS_TEXT: u8 = 2;

/// Packs numbers.
pub(super) fn pack_numbers(numbers: impl IntoIterator<Item = i64>) -> Vec<u8> {
    let (mut packed, mut last) = (Vec::new(), 0);
    for number in numbers {
        put(&mut packed, difference(last, number));
        last = number;
    }
    packed
}

/// The numbers; `None` if these bytes were not packed so.
pub(super) fn unpack_numbers(mut packed: &[u8]) -> Option<Vec<i64>> {
    let (mut numbers, mut last) = (Vec::new(), 0);
    while !packed.is_empty() {
        last = behind(last, take(&mut packed)?);
        numbers.push(last);
    }
    Some(numbers)
}

/// Packs time bounds.
pub(super) fn pack_bounds(bounds: &[TimeBound]) -> Vec<u8> {
    let mut packer = BoundPacker::default();
    bounds.iter().for_each(|bound| packer.put(bound));
    packer.packed
}

/// Adds the time bounds to others; `None` if these bytes were not packed so.
pub(super) fn unpack_bounds(packed: &[u8], bounds: &mut Vec<TimeBound>) -> Option<()> {
    let mut unpacker = BoundUnpacker { packed, last_version: 0, last_at: 0 };
    while !unpacker.packed.is_empty() {
        bounds.push(unpacker.take()?);
    }
    Some(())
}

impl Ends {
    pub(super) fn pack(&self) -> Vec<u8> {
        let (first, last) = self.stated.unwrap_or((1, 0));
        let mut packer = BoundPacker { packed: pack_numbers([first, last]), ..BoundPacker::default() };
        for (cluster, Part { batch, first, last }) in &self.parts {
            put(&mut packer.packed, difference(0, *batch));
            put(&mut packer.packed, difference(0, *cluster));
            packer.put(first);
            packer.put(last);
        }
        packer.packed
    }

    /// `None` if these bytes were not packed so.
    pub(super) fn unpack(mut packed: &[u8]) -> Option<Self> {
        let first = behind(0, take(&mut packed)?);
        let last = behind(first, take(&mut packed)?);
        let mut unpacker = BoundUnpacker { packed, last_version: 0, last_at: 0 };
        let mut parts = Vec::new();
        while !unpacker.packed.is_empty() {
            let batch = behind(0, take(&mut unpacker.packed)?);
            let cluster = behind(0, take(&mut unpacker.packed)?);
            parts.push((cluster, Part { batch, first: unpacker.take()?, last: unpacker.take()? }));
        }
        Some(Self { stated: (first <= last).then_some((first, last)), parts })
    }
}

#[derive(Default)]
struct BoundPacker {
    packed: Vec<u8>,
    last_version: i64,
    last_at: i64,
}

impl BoundPacker {
    fn put(&mut self, TimeBound { version, at, is_stamped }: &TimeBound) {
        let stamped = if *is_stamped { IS_STAMPED } else { 0 };
        match VersionKey::from(version) {
            VersionKey::Integer(version) => {
                self.packed.push(stamped);
                put(&mut self.packed, difference(self.last_version, version));
                self.last_version = version;
            }
            VersionKey::Text(text) => {
                self.packed.push(stamped | IS_TEXT);
                put(&mut self.packed, text.len() as u64);
                self.packed.extend_from_slice(text.as_bytes());
            }
        }
        put(&mut self.packed, difference(self.last_at, at.micros()));
        self.last_at = at.micros();
    }
}

struct BoundUnpacker<'a> {
    packed: &'a [u8],
    last_version: i64,
    last_at: i64,
}

impl BoundUnpacker<'_> {
    fn take(&mut self) -> Option<TimeBound> {
        let (bits, rest) = self.packed.split_first()?;
        self.packed = rest;
        let key = if bits & IS_TEXT == 0 {
            self.last_version = behind(self.last_version, take(&mut self.packed)?);
            VersionKey::Integer(self.last_version)
        } else {
            let length = usize::try_from(take(&mut self.packed)?).ok()?;
            let (text, rest) = self.packed.split_at_checked(length)?;
            self.packed = rest;
            VersionKey::Text(std::str::from_utf8(text).ok()?.into())
        };
        self.last_at = behind(self.last_at, take(&mut self.packed)?);
        let (version, at) = (key.to_version()?, ObservedAt::from_micros(self.last_at));
        Some(TimeBound { version, at, is_stamped: bits & IS_STAMPED != 0 })
    }
}

/// From one number to the next, small differences up or down as small numbers.
fn difference(from: i64, to: i64) -> u64 {
    let difference = to.wrapping_sub(from);
    (difference.cast_unsigned() << 1) ^ (difference >> 63).cast_unsigned()
}

fn behind(from: i64, difference: u64) -> i64 {
    from.wrapping_add((difference >> 1).cast_signed() ^ -(difference & 1).cast_signed())
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn put(into: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        into.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return;
        }
    }
}

fn take(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Ends, pack_bounds, pack_numbers, unpack_bounds, unpack_numbers};
    use crate::history::{Part, TimeBound};
    use crate::model::{ObservedAt, ResourceVersion};

    fn bound() -> impl Strategy<Value = TimeBound> {
        let version = prop_oneof![any::<u64>().prop_map(|number| number.to_string()), "[a-z0-9]{1,45}"];
        (version, any::<i64>(), any::<bool>()).prop_filter_map("a plain version", |(version, at, is_stamped)| {
            // The log keeps numbers in their plainest spelling.
            let version =
                ResourceVersion::new(&version).filter(|it| it.number().is_none_or(|it| it.to_string() == version))?;
            Some(TimeBound { version, at: ObservedAt::from_micros(at), is_stamped })
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(numbers: Vec<i64>, bounds in proptest::collection::vec(bound(), 0..20)) {
            prop_assert_eq!(unpack_numbers(&pack_numbers(numbers.iter().copied())), Some(numbers.clone()));
            let mut unpacked = Vec::new();
            prop_assert_eq!(unpack_bounds(&pack_bounds(&bounds), &mut unpacked), Some(()));
            prop_assert_eq!(&unpacked, &bounds);
            let parts: Vec<(i64, Part)> = (0..)
                .zip(bounds.windows(2))
                .map(|(batch, ends)| (-batch, Part { batch, first: ends[0].clone(), last: ends[1].clone() }))
                .collect();
            let stated = numbers.iter().copied().min().zip(numbers.iter().copied().max());
            let ends = Ends { stated, parts };
            prop_assert_eq!(Ends::unpack(&ends.pack()), Some(ends));
        }

        #[test]
        fn other_bytes_are_refused_or_read(bytes: Vec<u8>) {
            let _ = (unpack_numbers(&bytes), unpack_bounds(&bytes, &mut Vec::new()), Ends::unpack(&bytes));
        }
    }

    #[test]
    fn what_follows_takes_a_byte() {
        assert_eq!(pack_numbers(1000..1064).len(), 2 + 63);
        assert_eq!(unpack_numbers(&[0x80]), None);
    }
}
