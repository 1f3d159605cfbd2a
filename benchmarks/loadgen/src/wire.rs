//! Kafka's wire: request frames are written and answers are read here.
//!
//! Only versions without tagged fields are spoken, which Kafka 4.3 and its like still know.

use anyhow::{bail, ensure, Context, Result};

/// The versions that the load generator speaks, one for each API, as (key, version).
pub mod api {
    pub type Api = (i16, i16);
    pub const PRODUCE: Api = (0, 7);
    pub const FETCH: Api = (1, 11);
    pub const LIST_OFFSETS: Api = (2, 5);
    pub const METADATA: Api = (3, 8);
    pub const OFFSET_COMMIT: Api = (8, 7);
    pub const FIND_COORDINATOR: Api = (10, 2);
    pub const JOIN_GROUP: Api = (11, 5);
    pub const HEARTBEAT: Api = (12, 3);
    pub const LEAVE_GROUP: Api = (13, 3);
    pub const SYNC_GROUP: Api = (14, 3);
    pub const API_VERSIONS: Api = (18, 2);
    pub const CREATE_TOPICS: Api = (19, 4);
    pub const DELETE_TOPICS: Api = (20, 3);
}

pub const NONE: i16 = 0;
pub const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
pub const LEADER_NOT_AVAILABLE: i16 = 5;
pub const NOT_LEADER_OR_FOLLOWER: i16 = 6;
pub const COORDINATOR_LOAD_IN_PROGRESS: i16 = 14;
pub const COORDINATOR_NOT_AVAILABLE: i16 = 15;
pub const NOT_COORDINATOR: i16 = 16;
pub const ILLEGAL_GENERATION: i16 = 22;
pub const REBALANCE_IN_PROGRESS: i16 = 27;
pub const MEMBER_ID_REQUIRED: i16 = 79;

const CLIENT_ID: &str = "loadgen";

/// Errors: any error code but NONE.
pub fn check(error_code: i16, what: impl FnOnce() -> String) -> Result<()> {
    if error_code != NONE {
        bail!("{}: error code {error_code}", what());
    }
    Ok(())
}

/// The bytes of one request, written field by field.
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Begin a request with its header; its size is filled in by `finish`.
    pub fn request((key, version): api::Api, correlation_id: i32) -> Self {
        let mut writer = Writer { bytes: Vec::with_capacity(256) };
        writer.i32(0).i16(key).i16(version).i32(correlation_id);
        writer.string(CLIENT_ID);
        writer
    }

    /// Begin bytes that are no request: the metadata of a member, an assignment.
    pub fn fragment() -> Self {
        Writer { bytes: Vec::new() }
    }

    pub fn i8(&mut self, value: i8) -> &mut Self {
        self.bytes.extend(value.to_be_bytes());
        self
    }

    pub fn i16(&mut self, value: i16) -> &mut Self {
        self.bytes.extend(value.to_be_bytes());
        self
    }

    pub fn i32(&mut self, value: i32) -> &mut Self {
        self.bytes.extend(value.to_be_bytes());
        self
    }

    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes.extend(value.to_be_bytes());
        self
    }

    pub fn string(&mut self, value: &str) -> &mut Self {
        self.i16(value.len() as i16);
        self.bytes.extend(value.as_bytes());
        self
    }

    pub fn null_string(&mut self) -> &mut Self {
        self.i16(-1)
    }

    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.i32(value.len() as i32);
        self.bytes.extend(value);
        self
    }

    /// An array of strings.
    pub fn strings(&mut self, values: &[String]) -> &mut Self {
        self.array(values.len());
        for value in values {
            self.string(value);
        }
        self
    }

    /// The length of an array, whose elements follow.
    pub fn array(&mut self, length: usize) -> &mut Self {
        self.i32(length as i32)
    }

    /// The bytes so far, which leaves the writer empty: for requests sent in pieces.
    pub fn split(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The whole frame, with its size in front.
    pub fn finish(mut self) -> Vec<u8> {
        let size = self.bytes.len() as i32 - 4;
        self.bytes[..4].copy_from_slice(&size.to_be_bytes());
        self.bytes
    }

    /// The bytes of a fragment.
    pub fn into_fragment(self) -> Vec<u8> {
        self.bytes
    }
}

/// An answer, read field by field. Errors: the answer ends before the field does.
pub struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { left: bytes }
    }

    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        ensure!(length <= self.left.len(), "an answer ends within a field");
        let (taken, left) = self.left.split_at(length);
        self.left = left;
        Ok(taken)
    }

    pub fn i8(&mut self) -> Result<i8> {
        Ok(self.take(1)?[0] as i8)
    }

    pub fn i16(&mut self) -> Result<i16> {
        Ok(i16::from_be_bytes(self.take(2)?.try_into()?))
    }

    pub fn i32(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into()?))
    }

    pub fn i64(&mut self) -> Result<i64> {
        Ok(i64::from_be_bytes(self.take(8)?.try_into()?))
    }

    /// A string; null is given as the empty one.
    pub fn string(&mut self) -> Result<&'a str> {
        let length = self.i16()?.max(0) as usize;
        std::str::from_utf8(self.take(length)?).context("a string that is no UTF-8")
    }

    /// Bytes; null is given as none.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.i32()?.max(0) as usize;
        self.take(length)
    }

    /// The length of an array, whose elements follow; null is given as 0.
    pub fn array(&mut self) -> Result<usize> {
        Ok(self.i32()?.max(0) as usize)
    }

    /// Skip an array of int32.
    pub fn skip_i32s(&mut self) -> Result<()> {
        let length = self.array()?;
        self.take(length * 4)?;
        Ok(())
    }

    /// Errors: bytes are left over, so the answer was not understood.
    pub fn finish(self) -> Result<()> {
        ensure!(self.left.is_empty(), "{} bytes left in an answer", self.left.len());
        Ok(())
    }
}
