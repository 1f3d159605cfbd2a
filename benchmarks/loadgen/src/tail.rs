//! The workload `tail`: consumers wait at the ends while producers write.
//!
//! Either records come at a steady rate, each with the time at which it was due in its value, and
//! end-to-end latency is measured; or batches come flat out, and the consumers' rate is.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context, Result};

use crate::batch::{self, Codec, Content};
use crate::client::{connect, use_fine_timers, Connection, Incoming};
use crate::fetch::{Consumer, Limits, Position, Tally};
use crate::pipeline::{self, Due, Frame, Plan, Schedule};
use crate::produce::{self, Rotation};
use crate::stats::{now_ns, Latencies, Meter, Outcome};
use crate::topics::{ends, Topics};

const STAMP_BYTES: usize = 8;
/// How long a consumer may take after the last record was due.
const GRACE: Duration = Duration::from_secs(30);
/// Between the consumers' first Fetch and the first record.
const SETTLE: Duration = Duration::from_millis(200);
const LARGEST_BATCH_BYTES: usize = 64 * 1024;
pub const LIMITS: Limits =
    Limits { max_wait_ms: 500, min_bytes: 1, max_bytes: 50 << 20, partition_max_bytes: 1 << 20 };

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    topics: Topics,
    #[arg(long)]
    consumers: usize,
    #[arg(long, default_value_t = 100)]
    record_bytes: usize,
    #[arg(long, default_value_t = 1)]
    producers: usize,
    /// Records a second of all producers
    #[arg(long, required_unless_present = "flat_out")]
    rate: Option<f64>,
    #[arg(long, required_unless_present = "flat_out")]
    seconds: Option<f64>,
    /// Produce batches as fast as the window allows instead
    #[arg(long, requires = "megabytes", conflicts_with = "rate")]
    flat_out: bool,
    /// Produced by all producers when flat out
    #[arg(long)]
    megabytes: Option<u64>,
    #[arg(long, default_value_t = 100)]
    records_per_batch: usize,
    /// Most unanswered requests of a producer [default: 5 flat out, 10000 at a rate]
    #[arg(long)]
    window: Option<usize>,
    /// At a rate, send up to so many records that are due as one batch, as clients do with
    /// --window 5 and no linger
    #[arg(long, default_value_t = 1)]
    most_records_per_batch: usize,
}

/// What each producer does.
enum Work {
    Steady { topics: Topics, record_bytes: usize, most_records: u64 },
    FlatOut { frames: Vec<produce::Numbered> },
}

pub fn run(bootstrap: &str, args: &Args) -> Result<Outcome> {
    ensure!(args.consumers > 0 && args.producers > 0, "at least one consumer and one producer");
    ensure!(args.record_bytes >= STAMP_BYTES, "values of at least {STAMP_BYTES} bytes");
    let (work, plan, records_per_batch) = work(args)?;
    let produced = plan.units * args.producers as u64 * records_per_batch as u64;
    let ends = ends(&mut Connection::open(bootstrap)?, &args.topics)?;
    let mut consumers = Vec::new();
    for _ in 0..args.consumers {
        let all = args.topics.all().into_iter().zip(&ends);
        let positions = all
            .map(|((topic, partition), &offset)| (topic, partition, offset))
            .map(|(topic, partition, offset)| Position { topic, partition, offset, end: i64::MAX })
            .collect();
        consumers.push((connect(bootstrap)?, Consumer::new(&args.topics, positions, LIMITS)));
    }
    let streams: Vec<TcpStream> =
        (0..args.producers).map(|_| connect(bootstrap)).collect::<Result<_>>()?;
    let room = args.seconds.map_or(Duration::from_secs(600), Duration::from_secs_f64);
    let run = Run {
        expected: produced,
        stamped: !args.flat_out,
        stop: AtomicBool::new(false),
        deadline: Instant::now() + SETTLE + room + GRACE,
    };
    run.all(consumers, &streams, &work, plan)
        .map(|outcome| outcome.with("produced_records", produced))
}

fn work(args: &Args) -> Result<(Work, Plan, usize)> {
    let producers = args.producers as u64;
    if args.flat_out {
        let content = Content::Random;
        let batch = batch::build(args.records_per_batch, args.record_bytes, Codec::None, content);
        let value_bytes = (args.records_per_batch * args.record_bytes) as u64;
        let requests = (args.megabytes.unwrap_or(0) << 20) / value_bytes / producers;
        let frames = produce::frames(&args.topics, 1, produce::ALL, batch.into());
        let window = args.window.unwrap_or(5);
        let plan = Plan { units: requests.max(1), window, rate: None };
        return Ok((Work::FlatOut { frames }, plan, args.records_per_batch));
    }
    let rate = args.rate.context("--rate")? / producers as f64;
    let units = (rate * args.seconds.context("--seconds")?) as u64;
    let plan = Plan { units, window: args.window.unwrap_or(10_000), rate: Some(rate) };
    let (topics, record_bytes) = (args.topics.clone(), args.record_bytes);
    let room = LARGEST_BATCH_BYTES / record_bytes;
    let most_records = args.most_records_per_batch.clamp(1, room.max(1)) as u64;
    Ok((Work::Steady { topics, record_bytes, most_records }, plan, 1))
}

impl Work {
    /// Send the plan's requests, one producer beginning at another partition than the next.
    fn produce(&self, stream: &TcpStream, plan: Plan, producer: u64) -> Result<()> {
        match self {
            Work::FlatOut { frames } => {
                let rotation = Rotation { frames, first: producer };
                rotation.send(stream, plan, produce::ALL)?;
            }
            Work::Steady { topics, record_bytes, most_records } => {
                use_fine_timers();
                let names = topics.names();
                let all = topics.all();
                let mut value = vec![b'v'; *record_bytes];
                let mut requests = producer;
                let next = |due: Due, schedule: &Schedule| {
                    let taken = due.available.min(*most_records);
                    let records = due.number..due.number + taken;
                    let values = records.map(|record| stamp(&mut value, schedule, record));
                    let batch = batch::of_values(&values.collect::<Vec<_>>(), Codec::None);
                    let slot = (requests % all.len() as u64) as usize;
                    requests += 1;
                    let at = &all[slot..=slot];
                    let correlation_id = slot as i32;
                    let pieces =
                        produce::pieces(correlation_id, &names, at, produce::ALL, &batch.into());
                    (Arc::new(Frame { correlation_id, pieces }), taken)
                };
                let schedule = Schedule::new(plan);
                pipeline::run_schedule(stream, schedule, next, produce::check)?;
            }
        }
        Ok(())
    }
}

/// A value that begins with the time at which its record is due.
fn stamp(value: &mut [u8], schedule: &Schedule, record: u64) -> Vec<u8> {
    let due_ns = schedule.due_ns(record).unwrap_or_else(now_ns);
    value[..STAMP_BYTES].copy_from_slice(&due_ns.to_be_bytes());
    value.to_vec()
}

/// What the threads of one run share.
struct Run {
    /// Records that each consumer is to receive.
    expected: u64,
    stamped: bool,
    /// Some thread has failed.
    stop: AtomicBool,
    deadline: Instant,
}

impl Run {
    fn all(
        &self,
        consumers: Vec<(TcpStream, Consumer)>,
        producers: &[TcpStream],
        work: &Work,
        plan: Plan,
    ) -> Result<Outcome> {
        thread::scope(|scope| {
            let readers: Vec<_> = consumers
                .into_iter()
                .map(|(stream, consumer)| {
                    scope.spawn(move || self.guard(|| self.consume(&stream, consumer)))
                })
                .collect();
            thread::sleep(SETTLE);
            let meter = Meter::start();
            let writers: Vec<_> = (0..)
                .zip(producers)
                .map(|(n, stream)| {
                    scope.spawn(move || self.guard(|| work.produce(stream, plan, n)))
                })
                .collect();
            for writer in writers {
                writer.join().expect("a producer does not panic")?;
            }
            let produce_seconds = meter.seconds();
            let (mut tally, mut latencies) = (Tally::default(), Latencies::new());
            for reader in readers {
                let (own, times) = reader.join().expect("a consumer does not panic")?;
                tally.add(own);
                latencies.add(&times);
            }
            let mut outcome = meter
                .finish(tally.records, tally.requests, tally.bytes)
                .with("produce_seconds", produce_seconds);
            let mb_per_second = tally.bytes as f64 / outcome.seconds / 1e6;
            outcome = outcome.with("consumer_mb_per_second", mb_per_second);
            outcome.latencies = self.stamped.then_some(latencies);
            Ok(outcome)
        })
    }

    /// Let the others stop when this thread fails.
    fn guard<T>(&self, body: impl FnOnce() -> Result<T>) -> Result<T> {
        let result = body();
        if result.is_err() {
            self.stop.store(true, Ordering::Relaxed);
        }
        result
    }

    fn consume(
        &self,
        mut stream: &TcpStream,
        mut consumer: Consumer,
    ) -> Result<(Tally, Latencies)> {
        let mut latencies = Latencies::new();
        let mut incoming = Incoming::new(stream);
        consumer.whole_batches = self.stamped;
        while consumer.tally.records < self.expected {
            let request = consumer.request().context("a tail has no end")?;
            stream.write_all(&request)?;
            consumer.answer(&mut incoming, |batch| {
                if !self.stamped {
                    return Ok(());
                }
                let now = now_ns();
                batch::each_value(batch, |value| {
                    ensure!(value.len() >= STAMP_BYTES, "a record has no time");
                    let due_ns = u64::from_be_bytes(value[..STAMP_BYTES].try_into()?);
                    latencies.record(now.saturating_sub(due_ns));
                    Ok(())
                })
            })?;
            if self.stop.load(Ordering::Relaxed) || Instant::now() > self.deadline {
                bail!("a consumer got {} of {} records", consumer.tally.records, self.expected);
            }
        }
        ensure!(consumer.tally.records == self.expected, "a consumer got too many records");
        Ok((consumer.tally, latencies))
    }
}
