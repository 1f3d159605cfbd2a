//! What a run is measured by: time, the client's CPU time, latencies; and the line it prints.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::{json, Map, Value};

const LONGEST_NS: u64 = 600 * NS_PER_SECOND;
pub const NS_PER_SECOND: u64 = 1_000_000_000;

/// Monotonic time in nanoseconds since the first call in this process.
pub fn now_ns() -> u64 {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    EPOCH.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// Latencies in nanoseconds, to three digits, at most ten minutes each.
pub struct Latencies(Histogram<u64>);

impl Latencies {
    pub fn new() -> Self {
        Latencies(Histogram::new_with_bounds(1, LONGEST_NS, 3).expect("bounds are constant"))
    }

    pub fn record(&mut self, ns: u64) {
        self.0.saturating_record(ns);
    }

    pub fn add(&mut self, other: &Latencies) {
        self.0.add(&other.0).expect("all have the same bounds");
    }

    pub fn count(&self) -> u64 {
        self.0.len()
    }

    fn json_ms(&self) -> Value {
        let ms = |quantile: f64| self.0.value_at_quantile(quantile) as f64 / 1e6;
        json!({
            "p50": ms(0.5), "p99": ms(0.99), "p999": ms(0.999), "max": self.0.max() as f64 / 1e6,
        })
    }
}

/// What one run did; printed as one line of JSON.
pub struct Outcome {
    pub records: u64,
    pub requests: u64,
    pub bytes: u64,
    pub seconds: f64,
    pub client_cpu_seconds: f64,
    pub latencies: Option<Latencies>,
    pub extra: Map<String, Value>,
    /// Why the run counts as failed although it has figures.
    pub failure: Option<String>,
}

impl Outcome {
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    pub fn line(&self) -> String {
        let mut fields = Map::new();
        fields.insert("records".into(), self.records.into());
        fields.insert("requests".into(), self.requests.into());
        fields.insert("bytes".into(), self.bytes.into());
        fields.insert("seconds".into(), self.seconds.into());
        fields.insert("client_cpu_seconds".into(), self.client_cpu_seconds.into());
        if let Some(latencies) = &self.latencies {
            fields.insert("latency_ms".into(), latencies.json_ms());
        }
        fields.extend(self.extra.clone());
        Value::Object(fields).to_string()
    }
}

/// A running measurement of wall and CPU time.
pub struct Meter {
    began: Instant,
    cpu_began: Duration,
}

impl Meter {
    pub fn start() -> Self {
        Meter { began: Instant::now(), cpu_began: process_cpu() }
    }

    pub fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// End the measurement now, with what was done meanwhile.
    pub fn finish(self, records: u64, requests: u64, bytes: u64) -> Outcome {
        Outcome {
            records,
            requests,
            bytes,
            seconds: self.seconds(),
            client_cpu_seconds: (process_cpu() - self.cpu_began).as_secs_f64(),
            latencies: None,
            extra: Map::new(),
            failure: None,
        }
    }
}

fn process_cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of this frame.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
