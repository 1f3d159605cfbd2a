//! The workload `produce`: batches built once, sent as fast as the window allows.

use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

use anyhow::{ensure, Context, Result};

use crate::batch::{self, Codec, Content};
use crate::client::{connect, Connection};
use crate::pipeline::{self, Frame, Plan};
use crate::stats::{Latencies, Meter, Outcome};
use crate::topics::{ends, Topics};
use crate::wire::{self, api, Reader, Writer};

const TIMEOUT_MS: i32 = 60_000;
const SMALL_FRAME_BYTES: usize = 8 * 1024;
pub const ALL: i16 = -1;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    topics: Topics,
    /// Records in each batch
    #[arg(long, default_value_t = 1)]
    records_per_batch: usize,
    /// Bytes of each value
    #[arg(long)]
    record_bytes: usize,
    /// Requests of all connections together
    #[arg(long)]
    requests: u64,
    /// Most unanswered requests of a connection
    #[arg(long, default_value_t = 5)]
    window: usize,
    /// -1 (all), 1 or 0
    #[arg(long, default_value_t = ALL, allow_hyphen_values = true)]
    acks: i16,
    /// With a codec the values are text that compresses to about a third
    #[arg(long, value_enum, default_value = "none")]
    codec: Codec,
    /// Values of random bytes with a codec as well
    #[arg(long)]
    random_payload: bool,
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// Batches in each request, each of another partition
    #[arg(long, default_value_t = 1)]
    partitions_per_request: usize,
}

pub fn run(bootstrap: &str, args: &Args) -> Result<Outcome> {
    ensure!(args.window > 0 && args.connections > 0, "a window and connections of at least 1");
    ensure!(args.records_per_batch > 0, "at least one record in a batch");
    let plain = args.codec == Codec::None || args.random_payload;
    let content = if plain { Content::Random } else { Content::Text };
    let batch = batch::build(args.records_per_batch, args.record_bytes, args.codec, content);
    let batch_bytes = batch.len();
    let frames = frames(&args.topics, args.partitions_per_request, args.acks, batch.into());
    ends(&mut Connection::open(bootstrap)?, &args.topics).context("before producing")?;
    let streams: Vec<TcpStream> =
        (0..args.connections).map(|_| connect(bootstrap)).collect::<Result<_>>()?;
    let meter = Meter::start();
    let (latencies, batches) = on_all(&streams, args, &frames)?;
    let records = batches * args.records_per_batch as u64;
    let bytes = records * args.record_bytes as u64;
    let mut outcome = meter
        .finish(records, args.requests, bytes)
        .with("batch_bytes", batch_bytes)
        .with("wire_batch_bytes", batches * batch_bytes as u64);
    outcome.latencies = (args.acks != 0).then_some(latencies);
    Ok(outcome)
}

/// Divide the requests among the connections, each by its own thread; count the batches.
fn on_all(streams: &[TcpStream], args: &Args, frames: &[Numbered]) -> Result<(Latencies, u64)> {
    let count = streams.len() as u64;
    let first = |c: u64| c * frames.len() as u64 / count;
    let mut latencies = Latencies::new();
    let mut batches = 0;
    thread::scope(|scope| {
        let workers: Vec<_> = (0u64..)
            .zip(streams)
            .map(|(c, stream)| {
                let requests = (c + 1) * args.requests / count - c * args.requests / count;
                let plan = Plan { units: requests, window: args.window, rate: None };
                scope.spawn(move || {
                    let own = Rotation { frames, first: first(c) };
                    let latencies = own.send(stream, plan, args.acks)?;
                    anyhow::Ok((latencies, own.batches(requests)))
                })
            })
            .collect();
        for worker in workers {
            let (own, count) = worker.join().expect("a worker does not panic")?;
            latencies.add(&own);
            batches += count;
        }
        Ok((latencies, batches))
    })
}

/// A request of a rotation and how many batches it has.
pub struct Numbered {
    pub frame: Arc<Frame>,
    batches: usize,
}

/// The order in which one connection sends the frames: all in turn, from one of them.
pub struct Rotation<'a> {
    pub frames: &'a [Numbered],
    pub first: u64,
}

impl Rotation<'_> {
    pub fn send(&self, stream: &TcpStream, plan: Plan, acks: i16) -> Result<Latencies> {
        let next = |number: u64| self.nth(number).frame.clone();
        if acks != 0 {
            return pipeline::run(stream, plan, next, check);
        }
        pipeline::send_only(stream, plan, next)?;
        let mut connection = Connection::over(stream.try_clone()?);
        connection.greet().context("after the last request")?;
        Ok(Latencies::new())
    }

    fn nth(&self, number: u64) -> &Numbered {
        &self.frames[((self.first + number) % self.frames.len() as u64) as usize]
    }

    fn batches(&self, requests: u64) -> u64 {
        (0..requests).map(|number| self.nth(number).batches as u64).sum()
    }
}

/// A request for each `per_request` partitions, with the same batch for each of them.
pub fn frames(topics: &Topics, per_request: usize, acks: i16, batch: Arc<[u8]>) -> Vec<Numbered> {
    let names = topics.names();
    let all = topics.all();
    let requests = all.chunks(per_request.max(1));
    let number = |(n, partitions): (i32, &[(usize, i32)])| {
        let pieces = pieces(n, &names, partitions, acks, &batch);
        let frame = Arc::new(Frame { correlation_id: n, pieces });
        Numbered { frame, batches: partitions.len() }
    };
    (0..).zip(requests).map(number).collect()
}

/// One Produce request; the pieces with the batches are shared unless it is small.
pub fn pieces(
    correlation_id: i32,
    names: &[String],
    partitions: &[(usize, i32)],
    acks: i16,
    batch: &Arc<[u8]>,
) -> Vec<Arc<[u8]>> {
    let mut request = Writer::request(api::PRODUCE, correlation_id);
    request.null_string().i16(acks).i32(TIMEOUT_MS);
    let topics: Vec<_> = partitions.chunk_by(|a, b| a.0 == b.0).collect();
    request.array(topics.len());
    let mut heads = Vec::new();
    for of_topic in topics {
        request.string(&names[of_topic[0].0]).array(of_topic.len());
        for (_, partition) in of_topic {
            request.i32(*partition).i32(batch.len() as i32);
            heads.push(request.split());
        }
    }
    let size: usize = heads.iter().map(|head| head.len() + batch.len()).sum();
    heads[0][..4].copy_from_slice(&(size as i32 - 4).to_be_bytes());
    let pieces = heads.into_iter().flat_map(|head| [Arc::from(head), batch.clone()]);
    if size <= SMALL_FRAME_BYTES {
        return vec![Arc::from(pieces.collect::<Vec<_>>().concat())];
    }
    pieces.collect()
}

/// Errors: any partition of a Produce answer has an error.
pub fn check(answer: &[u8]) -> Result<()> {
    let mut reader = Reader::new(answer);
    for _ in 0..reader.array()? {
        let name = reader.string()?;
        for _ in 0..reader.array()? {
            let partition = reader.i32()?;
            wire::check(reader.i16()?, || format!("Produce to {name}-{partition}"))?;
            reader.take(24)?; // base_offset, log_append_time_ms, log_start_offset
        }
    }
    reader.i32()?; // throttle
    reader.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPICS: usize = 2;

    fn built(batch_bytes: usize, per_request: usize) -> Vec<Numbered> {
        let topics = Topics { topic: "t".into(), partitions: 2, topics: TOPICS };
        frames(&topics, per_request, ALL, vec![7; batch_bytes].into())
    }

    #[test]
    fn each_frame_has_its_size_in_front() {
        for batch_bytes in [100, 100_000] {
            for per_request in [1, 3, 4] {
                for numbered in built(batch_bytes, per_request) {
                    let bytes = numbered.frame.pieces.concat();
                    let size = i32::from_be_bytes(bytes[..4].try_into().unwrap());
                    assert_eq!(size as usize, bytes.len() - 4);
                }
            }
        }
    }

    #[test]
    fn every_partition_has_its_batch() {
        let counts = |per_request| -> Vec<usize> {
            built(100, per_request).iter().map(|numbered| numbered.batches).collect()
        };
        assert_eq!((counts(1), counts(3)), (vec![1; 4], vec![3, 1]));
    }

    #[test]
    fn large_batches_are_shared_among_the_frames() {
        let frames = built(100_000, 1);
        let batch = |n: usize| frames[n].frame.pieces[1].as_ptr();
        assert_eq!(batch(0), batch(3));
    }

    #[test]
    fn an_error_of_any_partition_is_an_error() {
        let answer = |second: i16| {
            let mut answer = Writer::fragment();
            answer.array(1).string("t").array(2);
            answer.i32(0).i16(0).i64(0).i64(-1).i64(0);
            answer.i32(1).i16(second).i64(0).i64(-1).i64(0);
            answer.i32(0);
            answer.into_fragment()
        };
        assert!(check(&answer(0)).is_ok());
        let error = check(&answer(6)).unwrap_err().to_string();
        assert_eq!(error, "Produce to t-1: error code 6");
    }
}
