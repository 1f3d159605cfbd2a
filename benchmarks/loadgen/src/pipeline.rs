//! Requests on one connection with a window of unanswered ones, flat out or on a schedule.
//!
//! One thread writes and reads. Frames are built before and shared; what the window allows goes
//! out in one system call, never later than it could; each answer is checked and timed.

use std::collections::VecDeque;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use anyhow::{bail, ensure, Context, Result};

use crate::client::{wait_ready, PATIENCE};
use crate::stats::{now_ns, Latencies, NS_PER_SECOND};

const MOST_QUEUED_FRAMES: usize = 256;
const MOST_VECTORS: usize = 512;
const INBOX_BYTES: usize = 64 * 1024;
const LARGEST_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A request that can be sent any number of times; its pieces may be shared with others.
pub struct Frame {
    pub correlation_id: i32,
    pub pieces: Vec<Arc<[u8]>>,
}

/// How much is to be sent, how many requests unanswered, and how much a second (None: flat out).
///
/// Units are requests, or what requests are made of where they take several (records).
#[derive(Clone, Copy)]
pub struct Plan {
    pub units: u64,
    pub window: usize,
    pub rate: Option<f64>,
}

/// The units that the next request may take.
pub struct Due {
    /// Of the first of them, counted from 0.
    pub number: u64,
    /// How many are due by now, at least one.
    pub available: u64,
}

/// Send the plan's requests, each of one unit, and take their answers.
///
/// `next` gives the frame of the n-th request; `check` sees the body of each answer. Latency
/// counts from when a request was due, or flat out from when it was queued.
pub fn run(
    stream: &TcpStream,
    plan: Plan,
    mut next: impl FnMut(u64) -> Arc<Frame>,
    check: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Latencies> {
    let schedule = Schedule::new(plan);
    run_schedule(stream, schedule, |due, _| (next(due.number), 1), check)
}

/// The same with requests of several units: `next` says how many it took.
pub fn run_schedule(
    stream: &TcpStream,
    mut schedule: Schedule,
    mut next: impl FnMut(Due, &Schedule) -> (Arc<Frame>, u64),
    mut check: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Latencies> {
    let mut latencies = Latencies::new();
    let plan = schedule.plan;
    let mut outbox = Outbox::default();
    let mut inbox = Inbox::new(INBOX_BYTES);
    let mut unanswered: VecDeque<(i32, u64)> = VecDeque::with_capacity(plan.window.min(65_536));
    while schedule.sent < plan.units || !unanswered.is_empty() {
        let now = now_ns();
        while let Some(due) = schedule.due(now, unanswered.len(), outbox.frames.len()) {
            let due_ns = schedule.due_ns(due.number).unwrap_or(now);
            let (frame, taken) = next(due, &schedule);
            unanswered.push_back((frame.correlation_id, due_ns));
            outbox.frames.push_back(frame);
            schedule.sent += taken;
        }
        outbox.write(stream)?;
        let stuck = !outbox.frames.is_empty();
        let idle_ns = schedule.idle_ns(now_ns(), unanswered.len()).filter(|_| !stuck);
        let may_block = idle_ns.is_none() && !stuck;
        if !may_block {
            let ready = wait_ready(stream, stuck, idle_ns.unwrap_or(PATIENCE.as_nanos() as u64))?;
            ensure!(ready || !stuck, "nothing was read for {} seconds", PATIENCE.as_secs());
        }
        if !inbox.read(stream, may_block)? {
            continue;
        }
        let now = now_ns();
        inbox.drain(|correlation_id, body| {
            let (expected, due_ns) = unanswered.pop_front().context("an answer to no request")?;
            ensure!(correlation_id == expected, "answer {correlation_id}, not {expected}");
            latencies.record(now.saturating_sub(due_ns));
            check(body)
        })?;
    }
    Ok(latencies)
}

/// Send the plan's requests, which have no answers (acks=0).
pub fn send_only(
    stream: &TcpStream,
    plan: Plan,
    mut next: impl FnMut(u64) -> Arc<Frame>,
) -> Result<()> {
    let mut outbox = Outbox::default();
    for number in 0..plan.units {
        outbox.frames.push_back(next(number));
        let last = number + 1 == plan.units;
        while !outbox.frames.is_empty() && (last || outbox.frames.len() >= plan.window.min(64)) {
            outbox.write(stream)?;
            if !outbox.frames.is_empty() {
                wait_ready(stream, true, PATIENCE.as_nanos() as u64)?;
            }
        }
    }
    Ok(())
}

/// When the units of a plan are due, and how many are sent.
pub struct Schedule {
    plan: Plan,
    began_ns: u64,
    sent: u64,
}

impl Schedule {
    /// Begin now.
    pub fn new(plan: Plan) -> Self {
        Schedule { plan, began_ns: now_ns(), sent: 0 }
    }

    /// When a unit is due; None: at once.
    pub fn due_ns(&self, number: u64) -> Option<u64> {
        let after = |rate: f64| (number as f64 * NS_PER_SECOND as f64 / rate) as u64;
        self.plan.rate.map(|rate| self.began_ns + after(rate))
    }

    /// What the next request may take, if one may be queued now.
    fn due(&self, now: u64, unanswered: usize, queued: usize) -> Option<Due> {
        if unanswered >= self.plan.window || queued >= MOST_QUEUED_FRAMES {
            return None;
        }
        let left = self.plan.units - self.sent;
        let available = match self.plan.rate {
            None => left,
            Some(rate) => {
                let passed = (now - self.began_ns) as f64 * rate / NS_PER_SECOND as f64;
                (passed as u64 + 1).saturating_sub(self.sent).min(left)
            }
        };
        (available > 0).then_some(Due { number: self.sent, available })
    }

    /// How long there is nothing new to send; None: not before an answer came.
    fn idle_ns(&self, now: u64, unanswered: usize) -> Option<u64> {
        if self.sent == self.plan.units || unanswered >= self.plan.window {
            return None;
        }
        Some(self.due_ns(self.sent).map_or(0, |due_ns| due_ns.saturating_sub(now)))
    }
}

/// Frames that are not yet written, and how far the first of them is.
#[derive(Default)]
pub struct Outbox {
    pub frames: VecDeque<Arc<Frame>>,
    piece: usize,
    offset: usize,
}

impl Outbox {
    /// Write as much as the socket takes, without waiting.
    pub fn write(&mut self, stream: &impl AsRawFd) -> Result<()> {
        while !self.frames.is_empty() {
            let vectors = self.vectors();
            // SAFETY: all of a msghdr may be zero.
            let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
            message.msg_iov = vectors.as_ptr().cast_mut();
            message.msg_iovlen = vectors.len() as _;
            let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
            // SAFETY: the vectors point into frames that this outbox keeps.
            let count = unsafe { libc::sendmsg(stream.as_raw_fd(), &message, flags) };
            if count < 0 {
                match io::Error::last_os_error() {
                    error if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                    error if error.kind() == io::ErrorKind::Interrupted => continue,
                    error => return Err(error).context("write requests"),
                }
            }
            self.advance(count as usize);
        }
        Ok(())
    }

    fn vectors(&self) -> Vec<libc::iovec> {
        let pieces = self.frames.iter().flat_map(|frame| &frame.pieces);
        let mut vectors: Vec<libc::iovec> = pieces
            .skip(self.piece)
            .take(MOST_VECTORS)
            .map(|piece| libc::iovec {
                iov_base: piece.as_ptr().cast_mut().cast(),
                iov_len: piece.len(),
            })
            .collect();
        // SAFETY: the offset is within the first piece.
        vectors[0].iov_base = unsafe { vectors[0].iov_base.add(self.offset) };
        vectors[0].iov_len -= self.offset;
        vectors
    }

    fn advance(&mut self, mut count: usize) {
        while let Some(frame) = self.frames.front() {
            let left = frame.pieces[self.piece].len() - self.offset;
            if count < left {
                self.offset += count;
                return;
            }
            count -= left;
            (self.piece, self.offset) = (self.piece + 1, 0);
            if self.piece == frame.pieces.len() {
                self.piece = 0;
                self.frames.pop_front();
            }
        }
    }
}

/// Answers that came in, the last perhaps in part.
pub struct Inbox {
    buffer: Vec<u8>,
    filled: usize,
}

impl Inbox {
    /// A buffer of so many bytes at first; it grows with its largest answer.
    pub fn new(bytes: usize) -> Self {
        Inbox { buffer: vec![0; bytes], filled: 0 }
    }

    /// Read what there is; say whether there was anything. Errors: the connection has ended.
    pub fn read(&mut self, stream: &impl AsRawFd, block: bool) -> Result<bool> {
        if self.filled == self.buffer.len() {
            ensure!(self.filled < LARGEST_ANSWER_BYTES, "an answer larger than 16 MB");
            self.buffer.resize(self.filled * 2, 0);
        }
        let free = &mut self.buffer[self.filled..];
        let flags = if block { 0 } else { libc::MSG_DONTWAIT };
        // SAFETY: the pointer and the length are those of the free part of the buffer.
        let count =
            unsafe { libc::recv(stream.as_raw_fd(), free.as_mut_ptr().cast(), free.len(), flags) };
        match count {
            0 => bail!("the broker closed the connection"),
            1.. => self.filled += count as usize,
            _ => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
                error if error.kind() == io::ErrorKind::WouldBlock => {
                    ensure!(!block, "no answer within {} seconds", PATIENCE.as_secs());
                    return Ok(false);
                }
                error => return Err(error).context("read answers"),
            },
        }
        Ok(true)
    }

    /// Hand over each whole answer: its correlation id and its body.
    pub fn drain(&mut self, mut take: impl FnMut(i32, &[u8]) -> Result<()>) -> Result<()> {
        let mut at = 0;
        while self.filled - at >= 8 {
            let field = |at: usize| i32::from_be_bytes(self.buffer[at..at + 4].try_into().unwrap());
            let size = field(at) as usize;
            ensure!((4..=LARGEST_ANSWER_BYTES).contains(&size), "an answer of {size} bytes");
            if self.filled - at < 4 + size {
                break;
            }
            take(field(at + 4), &self.buffer[at + 8..at + 4 + size])?;
            at += 4 + size;
        }
        self.buffer.copy_within(at..self.filled, 0);
        self.filled -= at;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    const REQUEST_BYTES: usize = 8;

    /// Connect to a broker that answers groups of so many requests, each with its own bytes.
    fn broker(group: usize) -> (TcpStream, JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut other = listener.accept().unwrap().0;
        let answers = std::thread::spawn(move || {
            let mut requests = vec![0; REQUEST_BYTES * group];
            let mut count = 0;
            while other.read_exact(&mut requests).is_ok() {
                other.write_all(&requests).unwrap();
                count += group;
            }
            count
        });
        (stream, answers)
    }

    /// A request of its size and its correlation id alone, which is its own answer.
    fn frame(correlation_id: i32) -> Arc<Frame> {
        let size = Arc::from(4i32.to_be_bytes());
        Arc::new(Frame { correlation_id, pieces: vec![size, correlation_id.to_be_bytes().into()] })
    }

    #[test]
    fn all_requests_are_sent_and_their_answers_timed() {
        let (stream, answers) = broker(10);
        let plan = Plan { units: 5000, window: 10, rate: None };
        let latencies = run(&stream, plan, |n| frame(n as i32), |_| Ok(())).unwrap();
        drop(stream);
        assert_eq!((latencies.count(), answers.join().unwrap()), (5000, 5000));
    }

    #[test]
    fn a_rate_is_kept() {
        let (stream, _answers) = broker(1);
        let plan = Plan { units: 20, window: 10, rate: Some(1000.0) };
        let began_ns = now_ns();
        run(&stream, plan, |n| frame(n as i32), |_| Ok(())).unwrap();
        assert!(now_ns() - began_ns >= 19_000_000);
    }

    #[test]
    fn a_request_can_take_all_that_is_due() {
        let (stream, _answers) = broker(1);
        let schedule = Schedule::new(Plan { units: 20, window: 1, rate: Some(1e9) });
        std::thread::sleep(std::time::Duration::from_millis(1));
        let mut taken = Vec::new();
        let next = |due: Due, _: &Schedule| {
            taken.push((due.number, due.available));
            (frame(0), due.available.min(15))
        };
        run_schedule(&stream, schedule, next, |_| Ok(())).unwrap();
        assert_eq!(taken, [(0, 20), (15, 5)]);
    }

    #[test]
    fn an_answer_that_is_refused_ends_the_run() {
        let (stream, _answers) = broker(1);
        let plan = Plan { units: 3, window: 1, rate: None };
        let result = run(&stream, plan, |n| frame(n as i32), |_| bail!("refused"));
        assert_eq!(result.err().unwrap().to_string(), "refused");
    }

    #[test]
    fn an_answer_out_of_turn_ends_the_run() {
        let (stream, _answers) = broker(1);
        let wrong = |_| {
            let pieces = frame(7).pieces.clone();
            Arc::new(Frame { correlation_id: 8, pieces })
        };
        let plan = Plan { units: 1, window: 1, rate: None };
        let result = run(&stream, plan, wrong, |_| Ok(()));
        assert_eq!(result.err().unwrap().to_string(), "answer 7, not 8");
    }

    #[test]
    fn a_closed_connection_ends_the_run() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        drop(listener.accept().unwrap());
        let plan = Plan { units: 1, window: 1, rate: None };
        assert!(run(&stream, plan, |n| frame(n as i32), |_| Ok(())).is_err());
    }
}
