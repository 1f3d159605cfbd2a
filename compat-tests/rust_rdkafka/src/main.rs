//! What rust-rdkafka can do, against any broker.

use std::collections::BTreeSet;
use std::time::Duration;

use cases::{bootstrap, same, Outcome, Suite};
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};

const PATIENCE: Duration = Duration::from_secs(20);
const START_MS: i64 = 1_600_000_000_000;

type Any = Box<dyn std::error::Error>;

fn config(extra: &[(&str, &str)]) -> ClientConfig {
    let mut made = ClientConfig::new();
    made.set("bootstrap.servers", bootstrap()).set("linger.ms", "5");
    for (name, value) in extra {
        made.set(*name, *value);
    }
    made
}

fn admin() -> Result<AdminClient<DefaultClientContext>, KafkaError> {
    config(&[]).create()
}

async fn topic(name: &str, partitions: i32) -> Result<&str, Any> {
    let wanted = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    for done in admin()?.create_topics(&[wanted], &AdminOptions::new()).await? {
        done.map_err(|(_, code)| KafkaError::AdminOp(code))?;
    }
    Ok(name)
}

fn described(partition: i32, key: &str, value: Option<&[u8]>, trace: &[u8], timestamp_ms: i64) -> String {
    format!("{partition} {key}={value:?} {trace:?} {timestamp_ms}")
}

/// Produces `count` records to three partitions and returns how they should read.
async fn produce(producer: &FutureProducer, topic: &str, count: usize) -> Result<BTreeSet<String>, Any> {
    let mut sent = BTreeSet::new();
    let mut waiting = Vec::new();
    for i in 0..count {
        let (key, partition) = (format!("key {i}"), (i % 3) as i32);
        let value = (i % 5 > 0).then(|| format!("value {i} ").repeat(i * 3));
        let timestamp = START_MS + i as i64 * 1000;
        let trace = [i as u8];
        let mut record = FutureRecord::to(topic)
            .partition(partition)
            .key(&key)
            .timestamp(timestamp)
            .headers(OwnedHeaders::new().insert(Header { key: "trace", value: Some(&trace[..]) }));
        if let Some(text) = &value {
            record = record.payload(text);
        }
        waiting.push(producer.send_result(record).map_err(|(error, _)| error)?);
        sent.insert(described(partition, &key, value.as_ref().map(|text| text.as_bytes()), &trace, timestamp));
    }
    for delivery in waiting {
        delivery.await?.map_err(|(error, _)| error)?;
    }
    Ok(sent)
}

fn member(group: &str) -> Result<StreamConsumer, KafkaError> {
    config(&[("group.id", group), ("auto.offset.reset", "earliest"), ("enable.auto.commit", "false"), ("heartbeat.interval.ms", "200")]).create()
}

async fn consume(topic: &str, group: &str, count: usize) -> Result<BTreeSet<String>, Any> {
    let consumer = member(group)?;
    consumer.subscribe(&[topic])?;
    let mut found = BTreeSet::new();
    while found.len() < count {
        let message = tokio::time::timeout(PATIENCE, consumer.recv()).await??;
        let key = std::str::from_utf8(message.key().unwrap_or_default())?;
        let trace = message.headers().and_then(|each| each.get(0).value.map(<[u8]>::to_vec)).unwrap_or_default();
        let timestamp = message.timestamp().to_millis().unwrap_or(-1);
        found.insert(described(message.partition(), key, message.payload(), &trace, timestamp));
    }
    consumer.commit_consumer_state(CommitMode::Sync)?;
    Ok(found)
}

async fn comes_back(codec: &str) -> Outcome {
    let name = format!("codec-{codec}");
    let topic = topic(&name, 3).await?;
    let producer: FutureProducer = config(&[("compression.type", codec)]).create()?;
    let sent = produce(&producer, topic, 90).await?;
    same!(consume(topic, topic, 90).await?, sent);
    Ok(())
}

async fn transactions() -> Outcome {
    let topic = topic("transactions", 3).await?;
    let producer: FutureProducer = config(&[("transactional.id", "rust")]).create()?;
    producer.init_transactions(PATIENCE)?;
    producer.begin_transaction()?;
    produce(&producer, topic, 60).await?;
    producer.abort_transaction(PATIENCE)?;
    producer.begin_transaction()?;
    let sent = produce(&producer, topic, 30).await?;
    producer.commit_transaction(PATIENCE)?;
    same!(consume(topic, "transactions", 30).await?, sent);
    Ok(())
}

async fn too_large() -> Outcome {
    let topic = topic("large", 1).await?;
    let producer: FutureProducer = config(&[("message.max.bytes", "8000000")]).create()?;
    let payload = "x".repeat(4 << 20);
    let sending = producer.send(FutureRecord::<(), _>::to(topic).payload(&payload), PATIENCE).await;
    match sending {
        Err((error, _)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge) => Ok(()),
        other => Err(format!("{:?}", other.map_err(|(error, _)| error)).into()),
    }
}

async fn places() -> Outcome {
    let topic = topic("places", 3).await?;
    let producer: FutureProducer = config(&[]).create()?;
    produce(&producer, topic, 90).await?;
    let consumer: BaseConsumer = config(&[("group.id", "places")]).create()?;
    same!(consumer.fetch_watermarks(topic, 1, PATIENCE)?, (0, 30));
    let mut times = TopicPartitionList::new();
    times.add_partition_offset(topic, 1, Offset::Offset(START_MS + 45_000))?;
    let found = consumer.offsets_for_times(times, PATIENCE)?;
    same!(found.elements()[0].offset(), Offset::Offset(15));
    let mut start = TopicPartitionList::new();
    start.add_partition_offset(topic, 1, Offset::OffsetTail(3))?;
    consumer.assign(&start)?;
    let message = consumer.poll(PATIENCE).ok_or("nothing came")??;
    same!(message.offset(), 27);
    Ok(())
}

async fn groups() -> Outcome {
    let topic = topic("group", 3).await?;
    let producer: FutureProducer = config(&[]).create()?;
    produce(&producer, topic, 30).await?;
    consume(topic, "group", 30).await?;
    let sent = produce(&producer, topic, 3).await?;
    same!(consume(topic, "group", 3).await?, sent);
    let reader = member("group")?;
    let mut wanted = TopicPartitionList::new();
    wanted.add_partition(topic, 0);
    same!(reader.committed_offsets(wanted, PATIENCE)?.elements()[0].offset(), Offset::Offset(11));
    let listed = reader.fetch_group_list(Some("group"), PATIENCE)?;
    same!(listed.groups().len(), 1);
    Ok(())
}

async fn topics() -> Outcome {
    let (admin, options) = (admin()?, AdminOptions::new());
    topic("admin", 1).await?;
    let again = NewTopic::new("admin", 1, TopicReplication::Fixed(1));
    let refused = admin.create_topics(&[again], &options).await?;
    same!(refused[0].as_ref().err().map(|(_, code)| *code), Some(RDKafkaErrorCode::TopicAlreadyExists));
    for done in admin.create_partitions(&[NewPartitions::new("admin", 3)], &options).await? {
        done.map_err(|(_, code)| KafkaError::AdminOp(code))?;
    }
    let resource = ResourceSpecifier::Topic("admin");
    for done in admin.alter_configs(&[AlterConfig::new(resource).set("retention.ms", "1234")], &options).await? {
        done.map_err(|(_, code)| KafkaError::AdminOp(code))?;
    }
    let mut value = None;
    for _ in 0..100 {
        let described = admin.describe_configs(&[resource], &options).await?.remove(0)?;
        value = described.get("retention.ms").and_then(|entry| entry.value.clone());
        if value.as_deref() == Some("1234") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    same!(value.as_deref(), Some("1234"));
    for done in admin.delete_topics(&["admin"], &options).await? {
        done.map_err(|(_, code)| KafkaError::AdminOp(code))?;
    }
    Ok(())
}

#[tokio::main]
async fn main() {
    let mut suite = Suite::default();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        suite.run(&format!("records come back exactly, {codec}"), comes_back(codec)).await;
    }
    suite.run("transactions are all or nothing", transactions()).await;
    suite.run("a record that is too large is refused", too_large()).await;
    suite.run("offsets by place and time", places()).await;
    suite.run("offsets are committed and a group goes on there", groups()).await;
    suite.run("topics are created, configured, grown and deleted", topics()).await;
    suite.end();
}
