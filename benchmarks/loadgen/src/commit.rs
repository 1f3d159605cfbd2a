//! The workload `commit`: offsets are committed without being a member of the group.

use std::sync::Arc;

use anyhow::{ensure, Result};

use crate::client::{use_fine_timers, Connection};
use crate::group::{find_coordinator, until_ready};
use crate::pipeline::{self, Frame, Plan};
use crate::stats::{Meter, Outcome};
use crate::wire::{self, api, Reader, Writer};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    group: String,
    #[arg(long)]
    topic: String,
    #[arg(long, default_value_t = 1)]
    partitions: u64,
    /// How many commits, of one partition each
    #[arg(long)]
    count: u64,
    /// Commits a second; without it as fast as the window allows
    #[arg(long)]
    rate: Option<f64>,
    /// Most unanswered requests
    #[arg(long, default_value_t = 100)]
    window: usize,
}

pub fn run(bootstrap: &str, args: &Args) -> Result<Outcome> {
    ensure!(args.partitions > 0 && args.window > 0, "at least one partition, and a window");
    use_fine_timers();
    let mut connection = Connection::open(bootstrap)?;
    find_coordinator(&mut connection, &args.group)?;
    until_ready(|| {
        let commit = |request: &mut Writer| put_commit(request, args, 0);
        error_code(&connection.call(api::OFFSET_COMMIT, commit)?)
    })?;
    let plan = Plan { units: args.count, window: args.window, rate: args.rate };
    let next = |number: u64| {
        let correlation_id = number as i32;
        let mut request = Writer::request(api::OFFSET_COMMIT, correlation_id);
        put_commit(&mut request, args, number);
        Arc::new(Frame { correlation_id, pieces: vec![request.finish().into()] })
    };
    let meter = Meter::start();
    let latencies = pipeline::run(&connection.stream, plan, next, |answer| {
        wire::check(error_code(answer)?, || format!("OffsetCommit of {}", args.topic))
    })?;
    let mut outcome = meter.finish(args.count, args.count, 0);
    outcome.latencies = Some(latencies);
    Ok(outcome)
}

fn put_commit(request: &mut Writer, args: &Args, number: u64) {
    request.string(&args.group).i32(-1).string("").null_string();
    request.array(1).string(&args.topic).array(1);
    request.i32((number % args.partitions) as i32).i64(number as i64).i32(-1).string("");
}

/// The error of the one partition in an OffsetCommit answer.
fn error_code(answer: &[u8]) -> Result<i16> {
    let mut reader = Reader::new(answer);
    reader.i32()?; // throttle
    ensure!(reader.array()? == 1, "an OffsetCommit answer without the topic");
    reader.string()?;
    ensure!(reader.array()? == 1, "an OffsetCommit answer without the partition");
    reader.i32()?;
    let error_code = reader.i16()?;
    reader.finish()?;
    Ok(error_code)
}
