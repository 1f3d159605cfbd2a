//! The workload `slow`: consumers that ask for much and read it slowly.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{ensure, Result};

use crate::client::{connect, Connection, Incoming};
use crate::fetch::{Consumer, Limits, Position, Tally};
use crate::parse_size;
use crate::stats::{Meter, Outcome};
use crate::topics::{ends, Topics};

const ASKED_BYTES: i32 = 50 << 20;
const RECEIVE_BUFFER_BYTES: libc::c_int = 64 * 1024;
const TICKS_PER_SECOND: u64 = 20;
const LIMITS: Limits = Limits {
    max_wait_ms: 500,
    min_bytes: 1,
    max_bytes: ASKED_BYTES,
    partition_max_bytes: ASKED_BYTES,
};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    topics: Topics,
    /// Read by each connection, such as 1MB
    #[arg(long, value_parser = parse_size)]
    bytes_per_second: u64,
    #[arg(long)]
    seconds: f64,
    #[arg(long, default_value_t = 1)]
    connections: usize,
}

/// Read from the first offsets for so many seconds, and from the first again at the ends.
pub fn run(bootstrap: &str, args: &Args) -> Result<Outcome> {
    ensure!(args.bytes_per_second > 0, "at least a byte a second");
    let ends = ends(&mut Connection::open(bootstrap)?, &args.topics)?;
    ensure!(ends.iter().any(|&end| end > 0), "the topic is empty");
    let all = args.topics.all().into_iter().zip(ends);
    let positions: Vec<Position> = all
        .map(|((topic, partition), end)| Position { topic, partition, offset: 0, end })
        .collect();
    let meter = Meter::start();
    let deadline = Instant::now() + Duration::from_secs_f64(args.seconds);
    let mut tally = Tally::default();
    let mut received = 0;
    thread::scope(|scope| {
        let read = || read_slowly(bootstrap, args, &positions, deadline);
        let workers: Vec<_> = (0..args.connections).map(|_| scope.spawn(read)).collect();
        for worker in workers {
            let (own, bytes) = worker.join().expect("a consumer does not panic")?;
            tally.add(own);
            received += bytes;
        }
        anyhow::Ok(())
    })?;
    Ok(meter.finish(tally.records, tally.requests, tally.bytes).with("received_bytes", received))
}

fn read_slowly(
    bootstrap: &str,
    args: &Args,
    positions: &[Position],
    deadline: Instant,
) -> Result<(Tally, u64)> {
    let mut stream = connect(bootstrap)?;
    shrink_receive_buffer(&stream)?;
    let mut tally = Tally::default();
    let source = Slow {
        stream: stream.try_clone()?,
        bytes_per_second: args.bytes_per_second,
        began: Instant::now(),
        received: 0,
        deadline,
    };
    let mut incoming = Incoming::new(source);
    while Instant::now() < deadline {
        let mut consumer = Consumer::new(&args.topics, positions.to_vec(), LIMITS);
        while let Some(request) = consumer.request() {
            stream.write_all(&request)?;
            match consumer.answer(&mut incoming, |_| Ok(())) {
                Err(_) if Instant::now() >= deadline => break,
                result => result?,
            };
        }
        tally.add(consumer.tally);
    }
    Ok((tally, incoming.source().received))
}

/// A socket that is read at a rate, until a deadline (then it gives TimedOut).
struct Slow {
    stream: TcpStream,
    bytes_per_second: u64,
    began: Instant,
    received: u64,
    deadline: Instant,
}

impl Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let due = Duration::from_secs_f64(self.received as f64 / self.bytes_per_second as f64);
        let due = (self.began + due).min(self.deadline);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if Instant::now() >= self.deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the time is over"));
        }
        let most = (self.bytes_per_second / TICKS_PER_SECOND).max(1) as usize;
        let length = into.len().min(most);
        let count = self.stream.read(&mut into[..length])?;
        self.received += count as u64;
        Ok(count)
    }
}

/// Let the kernel hold little of what the broker sends.
fn shrink_receive_buffer(stream: &TcpStream) -> io::Result<()> {
    let bytes: *const libc::c_int = &RECEIVE_BUFFER_BYTES;
    let size = size_of::<libc::c_int>() as libc::socklen_t;
    let (level, name) = (libc::SOL_SOCKET, libc::SO_RCVBUF);
    // SAFETY: the pointer is to a constant of the size given.
    let result = unsafe { libc::setsockopt(stream.as_raw_fd(), level, name, bytes.cast(), size) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
