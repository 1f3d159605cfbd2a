//! A connection to the broker, and a buffer through which its answers stream.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};

use crate::wire::{api, Reader, Writer};

/// How long any answer may take.
pub const PATIENCE: Duration = Duration::from_secs(120);
const LARGEST_ANSWER_BYTES: usize = 256 * 1024 * 1024;
const BUFFER_BYTES: usize = 256 * 1024;

/// Connect, with no delay of small writes and a bound on every wait.
pub fn connect(bootstrap: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(bootstrap).with_context(|| format!("connect {bootstrap}"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// A connection for requests that are made one at a time.
pub struct Connection {
    pub stream: TcpStream,
    correlation_id: i32,
}

impl Connection {
    pub fn open(bootstrap: &str) -> Result<Self> {
        Ok(Self::over(connect(bootstrap)?))
    }

    pub fn over(stream: TcpStream) -> Self {
        Connection { stream, correlation_id: 0 }
    }

    /// Make one request and return the body of its answer.
    pub fn call(&mut self, api: api::Api, body: impl FnOnce(&mut Writer)) -> Result<Vec<u8>> {
        self.correlation_id += 1;
        let mut request = Writer::request(api, self.correlation_id);
        body(&mut request);
        self.stream.write_all(&request.finish())?;
        let answer = self.answer().with_context(|| format!("an answer of API {}", api.0))?;
        let mut reader = Reader::new(&answer);
        ensure!(reader.i32()? == self.correlation_id, "an answer to another request");
        Ok(answer[4..].to_vec())
    }

    /// Ask for the API versions, as clients do before all else.
    pub fn greet(&mut self) -> Result<()> {
        let answer = self.call(api::API_VERSIONS, |_| ())?;
        crate::wire::check(Reader::new(&answer).i16()?, || "ApiVersions".into())
    }

    fn answer(&mut self) -> Result<Vec<u8>> {
        let mut size = [0; 4];
        self.stream.read_exact(&mut size)?;
        let size = i32::from_be_bytes(size) as usize;
        ensure!(size <= LARGEST_ANSWER_BYTES, "an answer of {size} bytes");
        let mut answer = vec![0; size];
        self.stream.read_exact(&mut answer)?;
        Ok(answer)
    }
}

/// Answers as they come in, through one small buffer, so that none is ever held whole.
pub struct Incoming<R: Read> {
    source: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl<R: Read> Incoming<R> {
    pub fn new(source: R) -> Self {
        let buffer = vec![0; BUFFER_BYTES].into_boxed_slice();
        Incoming { source, buffer, start: 0, end: 0 }
    }

    /// What the answers are read from.
    pub fn source(&self) -> &R {
        &self.source
    }

    /// The next `length` bytes, which stay unread. At most 256 KB.
    pub fn peek(&mut self, length: usize) -> Result<&[u8]> {
        ensure!(length <= self.buffer.len(), "a field of {length} bytes");
        if self.start + length > self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        while self.end - self.start < length {
            self.end += read_some(&mut self.source, &mut self.buffer[self.end..])?;
        }
        Ok(&self.buffer[self.start..self.start + length])
    }

    pub fn skip(&mut self, length: usize) -> Result<()> {
        let held = length.min(self.end - self.start);
        self.start += held;
        let mut left = length - held;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        while left > 0 {
            let count = read_some(&mut self.source, &mut self.buffer)?;
            if count > left {
                (self.start, self.end) = (left, count);
            }
            left -= left.min(count);
        }
        Ok(())
    }

    /// Read an answer's next fields; `length` bytes in all.
    pub fn fields<T>(
        &mut self,
        length: usize,
        read: impl FnOnce(&mut Reader) -> Result<T>,
    ) -> Result<T> {
        let value = read(&mut Reader::new(self.peek(length)?))?;
        self.skip(length)?;
        Ok(value)
    }
}

fn read_some(source: &mut impl Read, into: &mut [u8]) -> Result<usize> {
    loop {
        match source.read(into) {
            Ok(0) => bail!("the broker closed the connection"),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => return result.context("read an answer"),
        }
    }
}

/// Wait until the socket can be read (or written, when asked), or until the time is over.
pub fn wait_ready(stream: &TcpStream, to_write: bool, timeout_ns: u64) -> io::Result<bool> {
    let writing = if to_write { libc::POLLOUT } else { 0 };
    wait_fd(stream.as_raw_fd(), libc::POLLIN | writing, timeout_ns)
}

/// Wait for events of a file descriptor, with the kernel's finest timer.
pub fn wait_fd(fd: i32, events: i16, timeout_ns: u64) -> io::Result<bool> {
    let mut poll = libc::pollfd { fd, events, revents: 0 };
    let timeout = libc::timespec {
        tv_sec: (timeout_ns / crate::stats::NS_PER_SECOND) as libc::time_t,
        tv_nsec: (timeout_ns % crate::stats::NS_PER_SECOND) as libc::c_long,
    };
    // SAFETY: both pointers are to values of this frame, and the count of one is right.
    let count = unsafe { libc::ppoll(&mut poll, 1, &timeout, std::ptr::null()) };
    match count {
        0 => Ok(false),
        1.. => Ok(true),
        _ => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            error => Err(error),
        },
    }
}

/// Let the timers of this thread fire within a microsecond (Linux's default is 50).
pub fn use_fine_timers() {
    // SAFETY: the call has no memory arguments.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1000) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_skipped_and_peeked_past_the_end_of_the_buffer() {
        let bytes: Vec<u8> = (0..BUFFER_BYTES * 3).map(|n| n as u8).collect();
        let mut incoming = Incoming::new(bytes.as_slice());
        for at in [10, BUFFER_BYTES - 5, BUFFER_BYTES * 2 + 7] {
            let passed = bytes.len() - incoming.source().len() - incoming.end + incoming.start;
            incoming.skip(at - passed).unwrap();
            assert_eq!(incoming.peek(100).unwrap(), &bytes[at..at + 100]);
        }
    }

    #[test]
    fn an_end_within_a_field_is_an_error() {
        let mut incoming = Incoming::new([1u8, 2, 3].as_slice());
        assert!(incoming.peek(4).is_err());
        assert!(incoming.skip(4).is_err());
    }
}
