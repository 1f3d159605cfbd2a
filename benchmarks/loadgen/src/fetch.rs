//! Fetch: requests for the partitions of one consumer, and answers that are walked as they come.

use std::collections::HashMap;
use std::io::Read;

use anyhow::{bail, ensure, Result};

use crate::batch::{self, Header};
use crate::client::Incoming;
use crate::topics::Topics;
use crate::wire::{self, api, Writer};

/// What a Fetch may bring and how long it may wait for it.
#[derive(Clone, Copy)]
pub struct Limits {
    pub max_wait_ms: i32,
    pub min_bytes: i32,
    pub max_bytes: i32,
    pub partition_max_bytes: i32,
}

/// Where a consumer is in a partition, and where it stops (i64::MAX: nowhere).
#[derive(Clone)]
pub struct Position {
    pub topic: usize,
    pub partition: i32,
    pub offset: i64,
    pub end: i64,
}

/// What Fetch answers brought; bytes are those of whole batches.
#[derive(Default, Clone, Copy)]
pub struct Tally {
    pub requests: u64,
    pub records: u64,
    pub bytes: u64,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.requests += other.requests;
        self.records += other.records;
        self.bytes += other.bytes;
    }
}

/// The partitions of one consumer.
pub struct Consumer {
    names: Vec<String>,
    positions: Vec<Position>,
    index: HashMap<String, HashMap<i32, usize>>,
    limits: Limits,
    correlation_id: i32,
    pub tally: Tally,
    /// Hand over whole batches (of at most 256 KB), not their headers alone.
    pub whole_batches: bool,
}

impl Consumer {
    /// Positions are to be ordered by topic.
    pub fn new(topics: &Topics, mut positions: Vec<Position>, limits: Limits) -> Self {
        positions.sort_by_key(|position| (position.topic, position.partition));
        let names = topics.names();
        let mut index: HashMap<String, HashMap<i32, usize>> = HashMap::new();
        for (number, position) in positions.iter().enumerate() {
            let of_topic = index.entry(names[position.topic].clone()).or_default();
            of_topic.insert(position.partition, number);
        }
        let tally = Tally::default();
        let (correlation_id, whole_batches) = (0, false);
        Consumer { names, positions, index, limits, correlation_id, tally, whole_batches }
    }

    /// The next request, for all partitions that are not at their end; None: all are.
    pub fn request(&mut self) -> Option<Vec<u8>> {
        let open: Vec<&Position> = self.positions.iter().filter(|p| p.offset < p.end).collect();
        if open.is_empty() {
            return None;
        }
        self.correlation_id += 1;
        self.tally.requests += 1;
        let mut request = Writer::request(api::FETCH, self.correlation_id);
        request.i32(-1).i32(self.limits.max_wait_ms).i32(self.limits.min_bytes);
        request.i32(self.limits.max_bytes).i8(0);
        request.i32(0).i32(-1); // no session
        let topics: Vec<_> = open.chunk_by(|a, b| a.topic == b.topic).collect();
        request.array(topics.len());
        for of_topic in topics {
            request.string(&self.names[of_topic[0].topic]).array(of_topic.len());
            for position in of_topic {
                request.i32(position.partition).i32(-1).i64(position.offset).i64(-1);
                request.i32(self.limits.partition_max_bytes);
            }
        }
        request.array(0).string("");
        Some(request.finish())
    }

    /// Read one answer; `each` sees each batch, or its header alone.
    ///
    /// Returns how many batches came. Errors: an error code, or an answer to something else.
    pub fn answer<R: Read>(
        &mut self,
        from: &mut Incoming<R>,
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<u64> {
        let expected = self.correlation_id;
        let topics = from.fields(4 + 4 + 4 + 2 + 4 + 4, |fields| {
            fields.i32()?; // size
            ensure!(fields.i32()? == expected, "an answer to another Fetch");
            fields.i32()?; // throttle
            wire::check(fields.i16()?, || "Fetch".into())?;
            fields.i32()?; // session_id
            fields.array()
        })?;
        let mut batches = 0;
        for _ in 0..topics {
            let length = from.fields(2, |fields| fields.i16())? as usize;
            let name = from.fields(length, |fields| {
                Ok(std::str::from_utf8(fields.take(length)?)?.to_owned())
            })?;
            let partitions = from.fields(4, |fields| fields.array())?;
            for _ in 0..partitions {
                batches += self.partition(from, &name, &mut each)?;
            }
        }
        Ok(batches)
    }

    fn partition<R: Read>(
        &mut self,
        from: &mut Incoming<R>,
        name: &str,
        each: &mut impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<u64> {
        let (partition, aborted) = from.fields(4 + 2 + 3 * 8 + 4, |fields| {
            let partition = fields.i32()?;
            wire::check(fields.i16()?, || format!("Fetch of {name}-{partition}"))?;
            fields.take(3 * 8)?; // high_watermark, last_stable_offset, log_start_offset
            Ok((partition, fields.array()?))
        })?;
        from.skip(aborted * 16)?;
        let mut left = from.fields(8, |fields| {
            fields.i32()?; // preferred_read_replica
            Ok(fields.i32()?.max(0) as usize)
        })?;
        let Some(&number) = self.index.get(name).and_then(|topic| topic.get(&partition)) else {
            bail!("a Fetch answer has {name}-{partition}");
        };
        let position = &mut self.positions[number];
        let mut batches = 0;
        while left >= batch::HEADER_BYTES {
            let head = from.peek(batch::HEADER_BYTES)?;
            let size = batch::size(head);
            if size > left {
                break; // cut, to be fetched again
            }
            let header = Header::read(head)?;
            ensure!(header.next_offset > position.offset, "an old batch of {name}-{partition}");
            each(if self.whole_batches { from.peek(size)? } else { head })?;
            position.offset = header.next_offset;
            self.tally.records += header.records as u64;
            self.tally.bytes += size as u64;
            batches += 1;
            from.skip(size)?;
            left -= size;
        }
        from.skip(left)?;
        Ok(batches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Codec, Content};

    const LIMITS: Limits =
        Limits { max_wait_ms: 0, min_bytes: 1, max_bytes: 1000, partition_max_bytes: 1000 };

    fn consumer() -> Consumer {
        let topics = Topics { topic: "t".into(), partitions: 1, topics: 1 };
        let position = Position { topic: 0, partition: 0, offset: 0, end: 4 };
        Consumer::new(&topics, vec![position], LIMITS)
    }

    /// An answer to the first request of that consumer.
    fn answer(error_code: i16, records: &[u8]) -> Vec<u8> {
        let mut answer = Writer::fragment();
        answer.i32(0).i32(1).i32(0).i16(0).i32(0); // size, correlation id, throttle, no session
        answer.array(1).string("t").array(1);
        answer.i32(0).i16(error_code).i64(4).i64(4).i64(0).i32(-1).i32(-1);
        answer.bytes(records);
        answer.into_fragment()
    }

    #[test]
    fn a_cut_batch_is_left_for_the_next_fetch() {
        let mut records = batch::build(3, 10, Codec::None, Content::Random);
        let second = batch::build(1, 10, Codec::None, Content::Random);
        records.extend(&second[..second.len() - 1]);
        let mut consumer = consumer();
        consumer.request().unwrap();
        let bytes = answer(0, &records);
        let mut incoming = Incoming::new(bytes.as_slice());
        assert_eq!(consumer.answer(&mut incoming, |_| Ok(())).unwrap(), 1);
        assert_eq!((consumer.tally.records, consumer.positions[0].offset), (3, 3));
        assert!(consumer.request().is_some());
    }

    #[test]
    fn nothing_is_asked_for_at_the_end() {
        let mut consumer = consumer();
        consumer.request().unwrap();
        let bytes = answer(0, &batch::build(4, 10, Codec::Zstd, Content::Text));
        consumer.answer(&mut Incoming::new(bytes.as_slice()), |_| Ok(())).unwrap();
        assert!(consumer.request().is_none());
    }

    #[test]
    fn an_error_code_is_an_error() {
        let mut consumer = consumer();
        consumer.request().unwrap();
        let bytes = answer(3, &[]);
        let result = consumer.answer(&mut Incoming::new(bytes.as_slice()), |_| Ok(()));
        assert_eq!(result.err().unwrap().to_string(), "Fetch of t-0: error code 3");
    }

    #[test]
    fn an_answer_cut_anywhere_is_an_error() {
        let bytes = answer(0, &batch::build(4, 10, Codec::None, Content::Random));
        for length in 0..bytes.len() {
            let mut consumer = consumer();
            consumer.request().unwrap();
            let mut incoming = Incoming::new(&bytes[..length]);
            assert!(consumer.answer(&mut incoming, |_| Ok(())).is_err(), "{length} bytes");
        }
    }
}
