//! The workload `idle`: members of a group that wait for records which do not come.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{ensure, Result};

use crate::client::{connect, Connection, Incoming};
use crate::fetch::{Consumer, Position};
use crate::group::{gather, Member};
use crate::stats::{Meter, Outcome};
use crate::tail::LIMITS;
use crate::topics::{ends, Topics};

const HEARTBEAT: Duration = Duration::from_secs(3);
const JOINING_HEARTBEAT: Duration = Duration::from_millis(100);

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    topics: Topics,
    #[arg(long, default_value_t = 100)]
    consumers: usize,
    #[arg(long, default_value = "idle")]
    group: String,
    #[arg(long)]
    seconds: f64,
}

/// Join, say `joined` on stderr, then poll and send heartbeats for so many seconds, and leave.
pub fn run(bootstrap: &str, args: &Args) -> Result<Outcome> {
    ensure!(args.topics.topics == 1 && args.topics.partitions > 0, "one topic with partitions");
    let ends = ends(&mut Connection::open(bootstrap)?, &args.topics)?;
    let topic = &args.topics.topic;
    let gathered = gather(bootstrap, &args.group, topic, args.consumers, JOINING_HEARTBEAT)?;
    eprintln!("joined");
    let meter = Meter::start();
    let deadline = Instant::now() + Duration::from_secs_f64(args.seconds);
    let mut requests = 0;
    let mut records = 0;
    thread::scope(|scope| {
        let workers: Vec<_> = (0..)
            .zip(gathered.members)
            .map(|(number, member)| {
                let partition = number % args.topics.partitions;
                let offset = ends[partition as usize];
                let position = Position { topic: 0, partition, offset, end: i64::MAX };
                let consumer = Consumer::new(&args.topics, vec![position], LIMITS);
                scope.spawn(move || poll(bootstrap, member, consumer, deadline))
            })
            .collect();
        for worker in workers {
            let (own, got) = worker.join().expect("a consumer does not panic")?;
            requests += own;
            records += got;
        }
        anyhow::Ok(())
    })?;
    let outcome = meter.finish(records, requests, 0);
    Ok(outcome.with("consumers", args.consumers).with("join_seconds", gathered.seconds))
}

/// One consumer: it fetches and heartbeats on a connection each. Returns requests and records.
fn poll(
    bootstrap: &str,
    mut member: Member,
    mut consumer: Consumer,
    deadline: Instant,
) -> Result<(u64, u64)> {
    let mut stream = connect(bootstrap)?;
    let mut incoming = Incoming::new(stream.try_clone()?);
    let mut heartbeats = 0;
    let mut next_heartbeat = Instant::now() + HEARTBEAT;
    while Instant::now() < deadline {
        if let Some(request) = consumer.request() {
            stream.write_all(&request)?;
            consumer.answer(&mut incoming, |_| Ok(()))?;
        }
        if Instant::now() >= next_heartbeat {
            ensure!(member.heartbeat()?, "the group is not stable");
            next_heartbeat += HEARTBEAT;
            heartbeats += 1;
        }
    }
    member.leave()?;
    Ok((consumer.tally.requests + heartbeats, consumer.tally.records))
}
