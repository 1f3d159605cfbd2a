//! The workloads `librdkafka-produce` and `librdkafka-consume`: a real client, driven as from C.
//!
//! Configuration and life cycle go through the `rdkafka` crate; the calls made for each record
//! are librdkafka's own, so that the crate's conveniences cost nothing.

use std::ffi::{c_void, CString};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail, ensure, Context as _, Result};
use rdkafka::bindings as native;
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, Producer, ProducerContext};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::client::Connection;
use crate::stats::{Latencies, Meter, Outcome};
use crate::topics::{ends, Topics};

/// Without progress for so long a run has failed.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL_MS: i32 = 100;
const MOST_QUEUED: &str = "2000000";
const MESSAGES_A_CALL: usize = 10_000;
/// Records in a row to one topic when they are not spread round robin.
const RUN_LENGTH: u64 = 1000;
const SERVE_EVERY: u64 = 1000;

#[derive(clap::Args)]
pub struct ProduceArgs {
    #[command(flatten)]
    topics: Topics,
    #[arg(long)]
    record_bytes: usize,
    #[arg(long)]
    records: u64,
    #[arg(long, default_value_t = 5.0)]
    linger_ms: f64,
    /// A configuration of librdkafka, key=value
    #[arg(long)]
    set: Vec<String>,
    /// Wait for each delivery before the next record
    #[arg(long)]
    one_in_flight: bool,
    /// Each record to another partition than the last; else librdkafka chooses
    #[arg(long)]
    round_robin: bool,
}

#[derive(clap::Args)]
pub struct ConsumeArgs {
    #[command(flatten)]
    topics: Topics,
    /// How many records to read; without it all there are
    #[arg(long)]
    records: Option<u64>,
    /// A configuration of librdkafka, key=value
    #[arg(long)]
    set: Vec<String>,
}

/// The delivery reports so far.
#[derive(Default)]
struct Deliveries {
    count: AtomicU64,
    failed: AtomicBool,
    first_failure: Mutex<Option<KafkaError>>,
}

#[derive(Clone, Default)]
struct Reports(Arc<Deliveries>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _: ()) {
        match result {
            Ok(_) => drop(self.0.count.fetch_add(1, Ordering::Relaxed)),
            Err((error, message)) => {
                let failure = format!("a record to {}: {error}", message.topic());
                eprintln!("loadgen: {failure}");
                self.0.failed.store(true, Ordering::Relaxed);
                self.0.first_failure.lock().expect("no panic").get_or_insert(error.clone());
            }
        }
    }
}

pub fn produce(bootstrap: &str, args: &ProduceArgs) -> Result<Outcome> {
    let mut config = configured(bootstrap, &[])?;
    let linger_ms = if args.one_in_flight { 0.0 } else { args.linger_ms };
    config.set("acks", "all").set("linger.ms", linger_ms.to_string());
    config.set("queue.buffering.max.messages", MOST_QUEUED);
    config.set("queue.buffering.max.kbytes", "1048576");
    set_all(&mut config, &args.set)?;
    let reports = Reports::default();
    let producer: BaseProducer<Reports> = config.create_with_context(reports.clone())?;
    let sender = Sender::new(producer, reports, args)?;
    let meter = Meter::start();
    let latencies = sender.run()?;
    let records = sender.delivered();
    let mut outcome = meter.finish(records, 0, records * args.record_bytes as u64);
    outcome.latencies = latencies;
    Ok(outcome)
}

/// A producer with the topics and the one value of a run.
struct Sender<'a> {
    producer: BaseProducer<Reports>,
    reports: Reports,
    args: &'a ProduceArgs,
    topics: Vec<*mut native::rd_kafka_topic_t>,
    value: Vec<u8>,
}

impl<'a> Sender<'a> {
    fn new(
        producer: BaseProducer<Reports>,
        reports: Reports,
        args: &'a ProduceArgs,
    ) -> Result<Self> {
        let mut topics = Vec::new();
        for name in args.topics.names() {
            let c_name = CString::new(name)?;
            let client = producer.client().native_ptr();
            // SAFETY: the client lives as long as the producer; no topic configuration is given.
            let topic =
                unsafe { native::rd_kafka_topic_new(client, c_name.as_ptr(), ptr::null_mut()) };
            ensure!(!topic.is_null(), "librdkafka refuses the topic {c_name:?}");
            topics.push(topic);
        }
        let value = (0..args.record_bytes).map(|n| ((n as u64 * 2_654_435_761) >> 7) as u8);
        Ok(Sender { producer, reports, args, topics, value: value.collect() })
    }

    fn delivered(&self) -> u64 {
        self.reports.0.count.load(Ordering::Relaxed)
    }

    /// Send all records; the latency of each when they go one by one.
    fn run(&self) -> Result<Option<Latencies>> {
        let mut latencies = self.args.one_in_flight.then(Latencies::new);
        for number in 0..self.args.records {
            let began = Instant::now();
            self.send(number)?;
            if let Some(latencies) = &mut latencies {
                self.wait_delivered(number + 1)?;
                latencies.record(began.elapsed().as_nanos() as u64);
            } else if number % SERVE_EVERY == 0 {
                self.serve(0)?;
            }
        }
        self.wait_delivered(self.args.records)?;
        Ok(latencies)
    }

    /// Hand one record to librdkafka, when it has room.
    fn send(&self, number: u64) -> Result<()> {
        let (topic, partition) = self.target(number);
        let full = native::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__QUEUE_FULL;
        let deadline = Instant::now() + PATIENCE;
        loop {
            // SAFETY: topic and value live until all is delivered (librdkafka does not copy);
            // without the flags COPY and FREE the value is only read.
            let result = unsafe {
                native::rd_kafka_produce(
                    topic,
                    partition,
                    0,
                    self.value.as_ptr().cast_mut().cast::<c_void>(),
                    self.value.len(),
                    ptr::null(),
                    0,
                    ptr::null_mut(),
                )
            };
            if result == 0 {
                return Ok(());
            }
            // SAFETY: it reads a number of this thread.
            let error = unsafe { native::rd_kafka_last_error() };
            ensure!(error == full, "librdkafka refuses a record: {error:?}");
            ensure!(Instant::now() < deadline, "librdkafka's queue stays full");
            self.serve(POLL_MS)?;
        }
    }

    /// Where a record goes; partition -1 leaves the partition to librdkafka.
    fn target(&self, number: u64) -> (*mut native::rd_kafka_topic_t, i32) {
        let count = self.topics.len() as u64;
        if self.args.round_robin {
            let partition = number / count % self.args.topics.partitions as u64;
            return (self.topics[(number % count) as usize], partition as i32);
        }
        (self.topics[(number / RUN_LENGTH % count) as usize], -1)
    }

    /// Take delivery reports. Errors: one of them has an error.
    fn serve(&self, timeout_ms: i32) -> Result<()> {
        self.producer.poll(Duration::from_millis(timeout_ms as u64));
        if self.reports.0.failed.load(Ordering::Relaxed) {
            let failure = self.reports.0.first_failure.lock().expect("no panic").clone();
            bail!(failure.map_or(anyhow!("a delivery failed"), anyhow::Error::from));
        }
        Ok(())
    }

    fn wait_delivered(&self, count: u64) -> Result<()> {
        let mut last = (self.delivered(), Instant::now());
        while last.0 < count {
            self.serve(POLL_MS)?;
            let delivered = self.delivered();
            if delivered > last.0 {
                last = (delivered, Instant::now());
            }
            ensure!(last.1.elapsed() < PATIENCE, "{delivered} of {count} records delivered");
        }
        Ok(())
    }
}

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        for topic in &self.topics {
            // SAFETY: each was made by rd_kafka_topic_new and is used no more.
            unsafe { native::rd_kafka_topic_destroy(*topic) };
        }
    }
}

pub fn consume(bootstrap: &str, args: &ConsumeArgs) -> Result<Outcome> {
    let ends = ends(&mut Connection::open(bootstrap)?, &args.topics)?;
    let all = ends.iter().sum::<i64>() as u64;
    let wanted = args.records.unwrap_or(all);
    ensure!(wanted <= all, "there are {all} records, not {wanted}");
    let mut config = configured(bootstrap, &args.set)?;
    if config.get("group.id").is_none() {
        config.set("group.id", "loadgen"); // required, though nothing is committed
    }
    config.set("enable.auto.commit", "false");
    let consumer: BaseConsumer = config.create()?;
    let names = args.topics.names();
    let mut list = TopicPartitionList::new();
    for (topic, partition) in args.topics.all() {
        list.add_partition_offset(&names[topic], partition, Offset::Offset(0))?;
    }
    let assigned = Meter::start();
    consumer.assign(&list).context("assign")?;
    let (records, bytes, meter) = read(&consumer, wanted)?;
    let first_record_seconds = assigned.seconds() - meter.seconds();
    Ok(meter.finish(records, 0, bytes).with("first_record_seconds", first_record_seconds))
}

/// Read so many records in large gulps; returns how many and the bytes of their values.
///
/// The measurement returned began with the first record: until then librdkafka looks for
/// leaders, with pauses of its own.
fn read(consumer: &BaseConsumer, wanted: u64) -> Result<(u64, u64, Meter)> {
    // SAFETY: the client lives as long as the consumer.
    let queue = unsafe { native::rd_kafka_queue_get_consumer(consumer.client().native_ptr()) };
    ensure!(!queue.is_null(), "the consumer has no queue");
    let mut messages = vec![ptr::null_mut(); MESSAGES_A_CALL];
    let (mut records, mut bytes) = (0, 0);
    let mut meter = None;
    let mut last = Instant::now();
    while records < wanted {
        let pointer = messages.as_mut_ptr();
        // SAFETY: there is room for as many messages as are asked for.
        let count = unsafe {
            native::rd_kafka_consume_batch_queue(queue, POLL_MS, pointer, MESSAGES_A_CALL)
        };
        if count > 0 {
            meter.get_or_insert_with(Meter::start);
        }
        for &message in &messages[..count.max(0) as usize] {
            // SAFETY: librdkafka gave these messages; each is destroyed once, after its use.
            let (error, length) = unsafe { ((*message).err, (*message).len) };
            unsafe { native::rd_kafka_message_destroy(message) };
            let none = native::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
            ensure!(error == none, "a record could not be read: {error:?}");
            records += 1;
            bytes += length as u64;
            last = Instant::now();
        }
        ensure!(last.elapsed() < PATIENCE, "{records} of {wanted} records read");
    }
    // SAFETY: the queue is used no more.
    unsafe { native::rd_kafka_queue_destroy(queue) };
    Ok((records, bytes, meter.unwrap_or_else(Meter::start)))
}

fn configured(bootstrap: &str, settings: &[String]) -> Result<ClientConfig> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    set_all(&mut config, settings)?;
    Ok(config)
}

fn set_all(config: &mut ClientConfig, settings: &[String]) -> Result<()> {
    for setting in settings {
        let (key, value) = setting.split_once('=').context("--set has no key=value")?;
        config.set(key, value);
    }
    Ok(())
}
