//! Topics: their names on the command line, their creation and deletion, their ends.

use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Result};

use crate::client::Connection;
use crate::stats::{Meter, Outcome};
use crate::wire::{self, api, Reader};

const MOST_TOPICS: usize = 200;
const MOST_PARTITIONS: usize = 2000;
const POLL: Duration = Duration::from_millis(5);
const DEADLINE: Duration = Duration::from_secs(600);
const REQUEST_TIMEOUT_MS: i32 = 110_000;
const LATEST: i64 = -1;
const NOT_YET: [i16; 3] =
    [wire::UNKNOWN_TOPIC_OR_PARTITION, wire::LEADER_NOT_AVAILABLE, wire::NOT_LEADER_OR_FOLLOWER];

/// The topics of a run.
#[derive(clap::Args, Clone)]
pub struct Topics {
    /// The topic; with --topics K its name is a prefix: T-0 to T-(K-1)
    #[arg(long)]
    pub topic: String,
    /// Partitions of each topic
    #[arg(long, default_value_t = 1)]
    pub partitions: i32,
    /// How many topics
    #[arg(long, default_value_t = 1)]
    pub topics: usize,
}

impl Topics {
    pub fn names(&self) -> Vec<String> {
        match self.topics {
            1 => vec![self.topic.clone()],
            count => (0..count).map(|n| format!("{}-{n}", self.topic)).collect(),
        }
    }

    /// All partitions, as (number of the topic, partition): the topic changes fastest.
    pub fn all(&self) -> Vec<(usize, i32)> {
        let topics = self.topics;
        (0..self.partitions).flat_map(|p| (0..topics).map(move |t| (t, p))).collect()
    }

    /// Names by as many as one request may hold.
    fn chunks(names: &[String], partitions: i32) -> impl Iterator<Item = &[String]> {
        let most = (MOST_PARTITIONS / partitions.max(1) as usize).clamp(1, MOST_TOPICS);
        names.chunks(most)
    }
}

#[derive(clap::Args)]
pub struct CreateArgs {
    #[command(flatten)]
    topics: Topics,
    /// A configuration of the topics, key=value
    #[arg(long)]
    config: Vec<String>,
}

#[derive(clap::Args)]
pub struct DeleteArgs {
    #[command(flatten)]
    topics: Topics,
}

/// Create topics, and wait until each partition has a leader that answers ListOffsets.
pub fn create(bootstrap: &str, args: &CreateArgs) -> Result<Outcome> {
    let mut connection = Connection::open(bootstrap)?;
    let names = args.topics.names();
    let mut configs = Vec::new();
    for config in &args.config {
        match config.split_once('=') {
            Some(pair) => configs.push(pair),
            None => bail!("--config {config}: no key=value"),
        }
    }
    let meter = Meter::start();
    let mut requests = 0;
    for chunk in Topics::chunks(&names, args.topics.partitions) {
        create_chunk(&mut connection, chunk, args.topics.partitions, &configs)?;
        requests += 1;
    }
    for chunk in Topics::chunks(&names, args.topics.partitions) {
        let expected = chunk.len() * args.topics.partitions as usize;
        requests += until(|| Ok(leaders(&mut connection, chunk)? == expected))?;
    }
    let deadline = Instant::now() + DEADLINE;
    ends_until(&mut connection, &args.topics, deadline)?;
    let partitions = names.len() as i32 * args.topics.partitions;
    Ok(meter.finish(0, requests, 0).with("topics", names.len()).with("partitions", partitions))
}

/// Delete topics, and wait until Metadata does not know them any more.
pub fn delete(bootstrap: &str, args: &DeleteArgs) -> Result<Outcome> {
    let mut connection = Connection::open(bootstrap)?;
    let names = args.topics.names();
    let meter = Meter::start();
    let mut requests = 0;
    for chunk in names.chunks(MOST_TOPICS) {
        let answer = connection.call(api::DELETE_TOPICS, |request| {
            request.strings(chunk);
            request.i32(REQUEST_TIMEOUT_MS);
        })?;
        let mut reader = Reader::new(&answer);
        reader.i32()?; // throttle
        for _ in 0..reader.array()? {
            let name = reader.string()?;
            wire::check(reader.i16()?, || format!("DeleteTopics {name}"))?;
        }
        requests += 1;
        requests += until(|| Ok(known(&mut connection, chunk)? == 0))?;
    }
    Ok(meter.finish(0, requests, 0).with("topics", names.len()))
}

/// The end offset of each partition, in the order of `Topics::all`.
pub fn ends(connection: &mut Connection, topics: &Topics) -> Result<Vec<i64>> {
    ends_until(connection, topics, Instant::now())
}

fn create_chunk(
    connection: &mut Connection,
    names: &[String],
    partitions: i32,
    configs: &[(&str, &str)],
) -> Result<()> {
    let answer = connection.call(api::CREATE_TOPICS, |request| {
        request.array(names.len());
        for name in names {
            request.string(name).i32(partitions).i16(1).array(0).array(configs.len());
            for (key, value) in configs {
                request.string(key).string(value);
            }
        }
        request.i32(REQUEST_TIMEOUT_MS).i8(0);
    })?;
    let mut reader = Reader::new(&answer);
    reader.i32()?; // throttle
    for _ in 0..reader.array()? {
        let name = reader.string()?;
        let error_code = reader.i16()?;
        let message = reader.string()?;
        wire::check(error_code, || format!("CreateTopics {name}: {message}"))?;
    }
    reader.finish()
}

/// Repeat until it holds; returns how often it was asked.
fn until(mut holds: impl FnMut() -> Result<bool>) -> Result<u64> {
    let deadline = Instant::now() + DEADLINE;
    for asked in 1.. {
        if holds()? {
            return Ok(asked);
        }
        ensure!(Instant::now() < deadline, "not so within {} seconds", DEADLINE.as_secs());
        std::thread::sleep(POLL);
    }
    unreachable!("the loop has no end")
}

/// How many partitions of these topics have a leader.
fn leaders(connection: &mut Connection, names: &[String]) -> Result<usize> {
    let mut count = 0;
    metadata(connection, names, |_, partition_error, leader_id| {
        count += usize::from(partition_error == wire::NONE && leader_id >= 0);
    })?;
    Ok(count)
}

/// How many of these topics there are.
fn known(connection: &mut Connection, names: &[String]) -> Result<usize> {
    let absent = metadata(connection, names, |_, _, _| ())?;
    Ok(names.len() - absent)
}

/// Ask for topics; hand over (topic, error code, leader) of each partition.
///
/// Returns how many of the topics are not known.
fn metadata(
    connection: &mut Connection,
    names: &[String],
    mut partition: impl FnMut(&str, i16, i32),
) -> Result<usize> {
    let answer = connection.call(api::METADATA, |request| {
        request.strings(names);
        request.i8(0).i8(0).i8(0);
    })?;
    let mut reader = Reader::new(&answer);
    reader.i32()?; // throttle
    for _ in 0..reader.array()? {
        reader.i32()?; // node_id
        reader.string()?;
        reader.i32()?;
        reader.string()?; // rack
    }
    reader.string()?; // cluster_id
    reader.i32()?; // controller_id
    let mut absent = 0;
    for _ in 0..reader.array()? {
        let error_code = reader.i16()?;
        absent += usize::from(error_code == wire::UNKNOWN_TOPIC_OR_PARTITION);
        let name = reader.string()?;
        if !NOT_YET.contains(&error_code) {
            wire::check(error_code, || format!("Metadata of {name}"))?;
        }
        reader.i8()?; // is_internal
        for _ in 0..reader.array()? {
            let partition_error = reader.i16()?;
            reader.i32()?; // partition_index
            let leader_id = reader.i32()?;
            reader.i32()?; // leader_epoch
            (0..3).try_for_each(|_| reader.skip_i32s())?; // replicas, in sync, offline
            partition(name, partition_error, leader_id);
        }
        reader.i32()?; // authorized operations
    }
    Ok(absent)
}

/// The ends of all partitions, asked again until the deadline while some have no leader.
fn ends_until(connection: &mut Connection, topics: &Topics, deadline: Instant) -> Result<Vec<i64>> {
    let names = topics.names();
    let mut ends = vec![0; names.len() * topics.partitions as usize];
    let per_chunk = (MOST_PARTITIONS / topics.partitions.max(1) as usize).max(1);
    for first in (0..names.len()).step_by(per_chunk) {
        let chunk = first..names.len().min(first + per_chunk);
        while !ends_of(connection, &names, chunk.clone(), topics.partitions, &mut ends)? {
            ensure!(Instant::now() < deadline, "ListOffsets: partitions have no leader");
            std::thread::sleep(POLL);
        }
    }
    Ok(ends)
}

/// Ask for the ends of a range of topics; false: some have no leader yet.
fn ends_of(
    connection: &mut Connection,
    names: &[String],
    range: std::ops::Range<usize>,
    partitions: i32,
    ends: &mut [i64],
) -> Result<bool> {
    let answer = connection.call(api::LIST_OFFSETS, |request| {
        request.i32(-1).i8(0).array(range.len());
        for name in &names[range.clone()] {
            request.string(name).array(partitions as usize);
            for partition in 0..partitions {
                request.i32(partition).i32(-1).i64(LATEST);
            }
        }
    })?;
    let mut reader = Reader::new(&answer);
    reader.i32()?; // throttle
    let topics = reader.array()?;
    ensure!(topics == range.len(), "ListOffsets answers for {topics} topics");
    for _ in 0..topics {
        let name = reader.string()?;
        let topic = range.clone().find(|&t| names[t] == name);
        for _ in 0..reader.array()? {
            let partition = reader.i32()?;
            let error_code = reader.i16()?;
            if NOT_YET.contains(&error_code) {
                return Ok(false);
            }
            wire::check(error_code, || format!("ListOffsets of {name}-{partition}"))?;
            reader.i64()?; // timestamp
            let offset = reader.i64()?;
            reader.i32()?; // leader_epoch
            let Some(topic) = topic.filter(|_| (0..partitions).contains(&partition)) else {
                bail!("ListOffsets answers for {name}-{partition}");
            };
            ends[partition as usize * names.len() + topic] = offset;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rotation_changes_topics_first() {
        let topics = Topics { topic: "t".into(), partitions: 2, topics: 2 };
        assert_eq!(topics.names(), ["t-0", "t-1"]);
        assert_eq!(topics.all(), [(0, 0), (1, 0), (0, 1), (1, 1)]);
    }

    #[test]
    fn a_request_holds_a_bounded_number_of_partitions() {
        let names: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
        let sizes = |partitions| Topics::chunks(&names, partitions).map(<[_]>::len).max();
        let largest = (sizes(1), sizes(100), sizes(10_000));
        assert_eq!(largest, (Some(MOST_TOPICS), Some(20), Some(1)));
    }
}
