//! The workload `paced`: many connections, each sending a record now and then on its schedule.
//!
//! One thread serves all. Latency counts from when a request was due, not from when it was sent,
//! so a broker (or client) that falls behind is not spared the requests it held up.

use std::collections::VecDeque;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use anyhow::{ensure, Context, Result};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::batch::{self, Codec, Content};
use crate::client::{use_fine_timers, wait_fd, Connection, PATIENCE};
use crate::pipeline::{Frame, Inbox, Outbox};
use crate::produce;
use crate::stats::{now_ns, Latencies, Meter, Outcome, NS_PER_SECOND};
use crate::topics::Topics;

const INBOX_BYTES: usize = 1024;
const EVENTS: usize = 1024;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    topics: Topics,
    #[arg(long)]
    connections: usize,
    /// Records a second on each connection
    #[arg(long)]
    rate_per_connection: f64,
    #[arg(long)]
    seconds: f64,
    #[arg(long, default_value_t = 100)]
    record_bytes: usize,
}

pub fn run(bootstrap: &str, args: &Args) -> Result<Outcome> {
    ensure!(args.connections > 0 && args.rate_per_connection > 0.0, "connections and a rate");
    use_fine_timers();
    allow_files(args.connections as u64 + 64);
    let batch = batch::build(1, args.record_bytes, Codec::None, Content::Random);
    let frames = produce::frames(&args.topics, 1, produce::ALL, batch.into());
    let frames: Vec<Arc<Frame>> = frames.into_iter().map(|numbered| numbered.frame).collect();
    let connecting = Meter::start();
    let mut crowd = Crowd::connect(bootstrap, args.connections)?;
    let connect_seconds = connecting.seconds();
    let rate = args.rate_per_connection * args.connections as f64;
    let requests = (rate * args.seconds) as u64;
    let meter = Meter::start();
    crowd.run(&frames, requests, NS_PER_SECOND as f64 / rate)?;
    let answered = crowd.latencies.count();
    let mut outcome = meter
        .finish(answered, answered, answered * args.record_bytes as u64)
        .with("errors", crowd.errors)
        .with("connections", args.connections)
        .with("connect_seconds", connect_seconds);
    outcome.latencies = Some(crowd.latencies);
    outcome.failure = crowd.first_error;
    Ok(outcome)
}

struct Client {
    stream: TcpStream,
    outbox: Outbox,
    inbox: Inbox,
    /// Correlation id and due time of each request without an answer.
    unanswered: VecDeque<(i32, u64)>,
}

/// All connections.
struct Crowd {
    poll: Poll,
    clients: Vec<Client>,
    unanswered: u64,
    latencies: Latencies,
    errors: u64,
    first_error: Option<String>,
}

impl Crowd {
    /// Connect one after the other, each greeted by the broker before the next.
    fn connect(bootstrap: &str, count: usize) -> Result<Self> {
        let poll = Poll::new()?;
        let mut clients = Vec::with_capacity(count);
        for number in 0..count {
            let mut connection = Connection::open(bootstrap)?;
            connection.greet().with_context(|| format!("connection {number}"))?;
            connection.stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(connection.stream);
            let interest = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(&mut stream, Token(number), interest)?;
            let (outbox, inbox) = (Outbox::default(), Inbox::new(INBOX_BYTES));
            clients.push(Client { stream, outbox, inbox, unanswered: VecDeque::new() });
        }
        let latencies = Latencies::new();
        Ok(Crowd { poll, clients, unanswered: 0, latencies, errors: 0, first_error: None })
    }

    /// Send the requests in turn on all connections, one each `interval_ns`.
    fn run(&mut self, frames: &[Arc<Frame>], requests: u64, interval_ns: f64) -> Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        let began_ns = now_ns();
        let due_ns = |number: u64| began_ns + (number as f64 * interval_ns) as u64;
        let give_up_ns = due_ns(requests) + PATIENCE.as_nanos() as u64;
        let mut sent = 0;
        while sent < requests || self.unanswered > 0 {
            let now = now_ns();
            ensure!(now < give_up_ns, "{} requests have no answer", self.unanswered);
            while sent < requests && due_ns(sent) <= now {
                let client = (sent % self.clients.len() as u64) as usize;
                self.send(client, &frames[client % frames.len()], due_ns(sent))?;
                sent += 1;
            }
            let until_ns = if sent < requests { due_ns(sent) } else { give_up_ns };
            let idle_ns = until_ns.saturating_sub(now_ns());
            if !wait_fd(self.poll.as_raw_fd(), libc::POLLIN, idle_ns)? {
                continue;
            }
            self.poll.poll(&mut events, Some(std::time::Duration::ZERO))?;
            for event in &events {
                self.serve(event.token().0)?;
            }
        }
        Ok(())
    }

    fn send(&mut self, client: usize, frame: &Arc<Frame>, due_ns: u64) -> Result<()> {
        let client = &mut self.clients[client];
        client.unanswered.push_back((frame.correlation_id, due_ns));
        client.outbox.frames.push_back(frame.clone());
        self.unanswered += 1;
        client.outbox.write(&client.stream)
    }

    /// Write and read as much as a connection has room and answers for.
    fn serve(&mut self, number: usize) -> Result<()> {
        let client = &mut self.clients[number];
        client.outbox.write(&client.stream)?;
        while client.inbox.read(&client.stream, false)? {
            let now = now_ns();
            client.inbox.drain(|correlation_id, body| {
                let request = client.unanswered.pop_front();
                let (expected, due_ns) = request.context("an answer to no request")?;
                ensure!(correlation_id == expected, "answer {correlation_id}, not {expected}");
                self.unanswered -= 1;
                self.latencies.record(now.saturating_sub(due_ns));
                if let Err(error) = produce::check(body) {
                    self.errors += 1;
                    self.first_error.get_or_insert(format!("{error:#}"));
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Raise the limit of open files as far as it may and need be.
fn allow_files(count: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls take a pointer to a value of this frame.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 && limit.rlim_cur < count {
            limit.rlim_cur = count.min(limit.rlim_max);
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}
