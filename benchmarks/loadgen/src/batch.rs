//! RecordBatch v2: batches to produce, and the header of those fetched.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{bail, ensure, Result};

pub const HEADER_BYTES: usize = 61;
const LENGTH_AT: usize = 8;
const CRC_AT: usize = 17;
const ATTRIBUTES_AT: usize = 21;
const LAST_OFFSET_DELTA_AT: usize = 23;
const RECORD_COUNT_AT: usize = 57;
const SNAPPY_BLOCK_BYTES: usize = 32 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Codec {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// What the values hold: bytes without order, or words that compress to about a third.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Random,
    Text,
}

/// Build one batch of `records` records with values of `value_bytes`, null keys, no producer id.
pub fn build(records: usize, value_bytes: usize, codec: Codec, content: Content) -> Vec<u8> {
    let mut source = Values::new(content);
    let values: Vec<Vec<u8>> = (0..records).map(|_| source.next(value_bytes)).collect();
    of_values(&values, codec)
}

/// Build one batch of records with these values.
pub fn of_values(values: &[Vec<u8>], codec: Codec) -> Vec<u8> {
    let records = values.len();
    let mut body = Vec::new();
    for (offset_delta, value) in (0..).zip(values) {
        put_record(&mut body, offset_delta, value);
    }
    let body = compress(codec, body);
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_millis() as i64);
    let mut batch = Vec::with_capacity(HEADER_BYTES + body.len());
    batch.extend(0i64.to_be_bytes()); // base_offset
    batch.extend(((HEADER_BYTES - 12 + body.len()) as i32).to_be_bytes());
    batch.extend((-1i32).to_be_bytes()); // partition_leader_epoch
    batch.push(2); // magic
    batch.extend(0u32.to_be_bytes()); // crc, below
    batch.extend((codec as i16).to_be_bytes()); // attributes
    batch.extend((records as i32 - 1).to_be_bytes()); // last_offset_delta
    batch.extend(now_ms.to_be_bytes()); // base_timestamp
    batch.extend(now_ms.to_be_bytes()); // max_timestamp
    batch.extend((-1i64).to_be_bytes()); // producer_id
    batch.extend((-1i16).to_be_bytes()); // producer_epoch
    batch.extend((-1i32).to_be_bytes()); // base_sequence
    batch.extend((records as i32).to_be_bytes());
    batch.extend(body);
    let crc = crc32c::crc32c(&batch[ATTRIBUTES_AT..]);
    batch[CRC_AT..CRC_AT + 4].copy_from_slice(&crc.to_be_bytes());
    batch
}

/// Hand over the value of each record of a whole uncompressed batch with null keys.
///
/// Errors: the batch is cut, or its records have keys.
pub fn each_value(batch: &[u8], mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut at = HEADER_BYTES;
    for _ in 0..Header::read(batch)?.records {
        let length = varint(batch, &mut at)?;
        let next = at + length as usize;
        at += 1; // attributes
        varint(batch, &mut at)?; // timestamp_delta
        varint(batch, &mut at)?; // offset_delta
        ensure!(varint(batch, &mut at)? == -1, "a record with a key");
        let length = varint(batch, &mut at)?.max(0) as usize;
        ensure!(at + length <= next && next <= batch.len(), "a record ends within its value");
        take(&batch[at..at + length])?;
        at = next;
    }
    Ok(())
}

/// The header of a fetched batch, as far as a consumer needs it.
pub struct Header {
    pub next_offset: i64,
    pub records: i32,
}

impl Header {
    /// Read the header of a batch that has at least HEADER_BYTES.
    pub fn read(batch: &[u8]) -> Result<Self> {
        ensure!(batch.len() >= HEADER_BYTES, "a batch of {} bytes", batch.len());
        ensure!(batch[16] == 2, "a batch with magic {}", batch[16]);
        let base_offset = i64::from_be_bytes(batch[..8].try_into()?);
        let last_offset_delta = be_i32(batch, LAST_OFFSET_DELTA_AT);
        let next_offset = base_offset + i64::from(last_offset_delta) + 1;
        Ok(Header { next_offset, records: be_i32(batch, RECORD_COUNT_AT) })
    }
}

/// The size of a whole batch by its first 12 bytes.
pub fn size(head: &[u8]) -> usize {
    12 + be_i32(head, LENGTH_AT).max(0) as usize
}

fn be_i32(bytes: &[u8], at: usize) -> i32 {
    i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn put_record(into: &mut Vec<u8>, offset_delta: i64, value: &[u8]) {
    let mut record = Vec::with_capacity(value.len() + 12);
    record.push(0); // attributes
    put_varint(&mut record, 0); // timestamp_delta
    put_varint(&mut record, offset_delta);
    put_varint(&mut record, -1); // key: null
    put_varint(&mut record, value.len() as i64);
    record.extend(value);
    put_varint(&mut record, 0); // headers
    put_varint(into, record.len() as i64);
    into.extend(record);
}

fn put_varint(into: &mut Vec<u8>, value: i64) {
    let mut left = ((value << 1) ^ (value >> 63)) as u64;
    while left >= 0x80 {
        into.push(left as u8 | 0x80);
        left >>= 7;
    }
    into.push(left as u8);
}

fn varint(bytes: &[u8], at: &mut usize) -> Result<i64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        ensure!(*at < bytes.len(), "a batch ends within a varint");
        let byte = bytes[*at];
        *at += 1;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    bail!("a varint of more than ten bytes")
}

fn compress(codec: Codec, body: Vec<u8>) -> Vec<u8> {
    let never = "compression into memory does not fail";
    match codec {
        Codec::None => body,
        Codec::Gzip => {
            let level = flate2::Compression::default();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(&body).expect(never);
            encoder.finish().expect(never)
        }
        Codec::Snappy => snappy(&body),
        Codec::Lz4 => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            encoder.write_all(&body).expect(never);
            encoder.finish().expect(never)
        }
        Codec::Zstd => zstd::encode_all(body.as_slice(), 0).expect(never),
    }
}

/// Snappy as Kafka has it: in the frames of the xerial library.
fn snappy(body: &[u8]) -> Vec<u8> {
    let mut framed = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01".to_vec();
    for block in body.chunks(SNAPPY_BLOCK_BYTES) {
        let packed = snap::raw::Encoder::new().compress_vec(block).expect("a block of 32 KB");
        framed.extend((packed.len() as i32).to_be_bytes());
        framed.extend(packed);
    }
    framed
}

/// An endless source of values, the same in each run.
struct Values {
    content: Content,
    state: u64,
    words: Vec<Vec<u8>>,
}

impl Values {
    fn new(content: Content) -> Self {
        let mut values = Values { content, state: 0x9E37_79B9_7F4A_7C15, words: Vec::new() };
        for _ in 0..600 {
            let length = 3 + values.random() as usize % 8;
            let word = (0..length).map(|_| b'a' + (values.random() % 26) as u8).collect();
            values.words.push(word);
        }
        values
    }

    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state >> 16
    }

    fn next(&mut self, length: usize) -> Vec<u8> {
        let mut value = Vec::with_capacity(length + 16);
        while value.len() < length {
            match self.content {
                Content::Random => value.push(self.random() as u8),
                Content::Text => {
                    let word = self.random() as usize % self.words.len();
                    value.extend(&self.words[word]);
                    value.push(b' ');
                }
            }
        }
        value.truncate(length);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_are_found_where_they_were_put() {
        let batch = build(3, 200, Codec::None, Content::Text);
        let mut source = Values::new(Content::Text);
        let mut count = 0;
        each_value(&batch, |value| {
            count += 1;
            assert_eq!(value, source.next(200));
            Ok(())
        })
        .unwrap();
        assert_eq!(count, 3);
        for length in 0..batch.len() {
            assert!(each_value(&batch[..length], |_| Ok(())).is_err());
        }
    }

    #[test]
    fn the_header_counts_the_records_of_a_batch() {
        let batch = build(7, 10, Codec::Lz4, Content::Random);
        let header = Header::read(&batch).unwrap();
        assert_eq!((header.next_offset, header.records), (7, 7));
        assert_eq!(size(&batch), batch.len());
    }

    #[test]
    fn text_compresses_to_about_a_third() {
        let plain = build(100, 1000, Codec::None, Content::Text).len() as f64;
        for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let ratio = plain / build(100, 1000, codec, Content::Text).len() as f64;
            assert!((1.3..5.0).contains(&ratio), "{codec:?}: {ratio}");
        }
    }
}
