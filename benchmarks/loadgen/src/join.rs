//! The workload `join`: all members of a group join at once.

use std::time::Duration;

use anyhow::{ensure, Result};

use crate::group::gather;
use crate::stats::{Meter, Outcome};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    group: String,
    #[arg(long)]
    members: usize,
    #[arg(long)]
    topic: String,
    /// Between the heartbeats of a member that waits for the others
    #[arg(long, default_value_t = 100)]
    heartbeat_ms: u64,
}

pub fn run(bootstrap: &str, args: &Args) -> Result<Outcome> {
    ensure!(args.members > 0, "at least one member");
    let meter = Meter::start();
    let heartbeat = Duration::from_millis(args.heartbeat_ms);
    let mut gathered = gather(bootstrap, &args.group, &args.topic, args.members, heartbeat)?;
    for member in &mut gathered.members {
        ensure!(member.heartbeat()?, "the group is not stable");
    }
    for member in gathered.members {
        member.leave()?;
    }
    let mut outcome = meter.finish(0, args.members as u64, 0);
    outcome.seconds = gathered.seconds;
    Ok(outcome.with("members", args.members).with("generation", gathered.generation_id))
}
