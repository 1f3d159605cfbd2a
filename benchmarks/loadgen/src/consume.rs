//! The workload `consume`: read all there is, from the first offset to the ends.

use std::io::Write;
use std::net::TcpStream;
use std::thread;

use anyhow::{bail, ensure, Result};

use crate::client::{connect, Connection, Incoming};
use crate::fetch::{Consumer, Limits, Position, Tally};
use crate::parse_size;
use crate::stats::{Meter, Outcome};
use crate::topics::{ends, Topics};

const MOST_EMPTY_ANSWERS: u32 = 20;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    topics: Topics,
    /// Of one answer, such as 50MB (of 2^20 bytes)
    #[arg(long, value_parser = parse_size, default_value = "50MB")]
    max_bytes: u64,
    /// Of one partition in an answer
    #[arg(long, value_parser = parse_size, default_value = "1MB")]
    partition_max_bytes: u64,
    /// Among which the partitions are divided
    #[arg(long, default_value_t = 1)]
    connections: usize,
}

pub fn run(bootstrap: &str, args: &Args) -> Result<Outcome> {
    ensure!(args.connections > 0, "at least one connection");
    let ends = ends(&mut Connection::open(bootstrap)?, &args.topics)?;
    let expected: i64 = ends.iter().sum();
    let mut shares = vec![Vec::new(); args.connections];
    for (number, ((topic, partition), end)) in args.topics.all().into_iter().zip(ends).enumerate() {
        shares[number % args.connections].push(Position { topic, partition, offset: 0, end });
    }
    let limits = Limits {
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: args.max_bytes as i32,
        partition_max_bytes: args.partition_max_bytes as i32,
    };
    let mut readers = Vec::new();
    for share in shares {
        readers.push((connect(bootstrap)?, Consumer::new(&args.topics, share, limits)));
    }
    let meter = Meter::start();
    let tally = read_all(readers)?;
    if (tally.records as i64) < expected {
        bail!("{} records of {expected} were read", tally.records);
    }
    Ok(meter.finish(tally.records, tally.requests, tally.bytes))
}

fn read_all(readers: Vec<(TcpStream, Consumer)>) -> Result<Tally> {
    thread::scope(|scope| {
        let workers: Vec<_> = readers
            .into_iter()
            .map(|(stream, consumer)| scope.spawn(move || read_to_end(&stream, consumer)))
            .collect();
        let mut tally = Tally::default();
        for worker in workers {
            tally.add(worker.join().expect("a worker does not panic")?);
        }
        Ok(tally)
    })
}

fn read_to_end(mut stream: &TcpStream, mut consumer: Consumer) -> Result<Tally> {
    let mut incoming = Incoming::new(stream);
    let mut empty = 0;
    while let Some(request) = consumer.request() {
        stream.write_all(&request)?;
        match consumer.answer(&mut incoming, |_| Ok(()))? {
            0 => empty += 1,
            _ => empty = 0,
        }
        ensure!(empty < MOST_EMPTY_ANSWERS, "{empty} answers without records before the end");
    }
    Ok(consumer.tally)
}
