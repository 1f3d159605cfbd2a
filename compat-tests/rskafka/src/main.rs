//! What rskafka can do, against any broker: a pure-Rust client without groups.

use std::collections::BTreeMap;

use cases::{bootstrap, same, Outcome, Suite};
use chrono::{DateTime, TimeZone, Utc};
use rskafka::client::error::{Error, ProtocolError};
use rskafka::client::partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder};
use rskafka::record::Record;

const PATIENCE_MS: i32 = 10_000;

fn at(second: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(1_600_000_000_000 + second * 1000).unwrap()
}

fn records(count: usize) -> Vec<Record> {
    (0..count)
        .map(|i| Record {
            key: Some(format!("key {i}").into_bytes()),
            value: (i % 5 > 0).then(|| format!("value {i} ").repeat(i * 3).into_bytes()),
            headers: BTreeMap::from([("trace".to_string(), vec![i as u8])]),
            timestamp: at(i as i64),
        })
        .collect()
}

async fn topic(client: &Client, name: &str) -> Result<PartitionClient, Error> {
    client.controller_client()?.create_topic(name, 1, 1, PATIENCE_MS).await?;
    client.partition_client(name, 0, UnknownTopicHandling::Retry).await
}

async fn comes_back(client: &Client, name: &str, codec: Compression) -> Outcome {
    let partition = topic(client, name).await?;
    let offsets = partition.produce(records(90), codec).await?;
    same!(offsets, (0..90).collect::<Vec<i64>>());
    let mut found = Vec::new();
    while found.len() < 90 {
        let (batch, high_watermark) = partition.fetch_records(found.len() as i64, 1..1_000_000, 1_000).await?;
        same!(high_watermark, 90);
        found.extend(batch.into_iter().map(|each| each.record));
    }
    same!(found, records(90));
    Ok(())
}

async fn bounds(client: &Client) -> Outcome {
    let partition = topic(client, "bounds").await?;
    partition.produce(records(90), Compression::NoCompression).await?;
    same!(partition.get_offset(OffsetAt::Earliest).await?, 0);
    same!(partition.get_offset(OffsetAt::Latest).await?, 90);
    same!(partition.get_offset(OffsetAt::Timestamp(at(45))).await?, 45);
    partition.delete_records(10, PATIENCE_MS).await?;
    same!(partition.get_offset(OffsetAt::Earliest).await?, 10);
    match partition.fetch_records(3, 1..1_000_000, 100).await {
        Err(Error::ServerError { protocol_error: ProtocolError::OffsetOutOfRange, .. }) => Ok(()),
        other => Err(format!("a deleted offset was answered with {other:?}").into()),
    }
}

async fn topics(client: &Client) -> Outcome {
    topic(client, "listed").await?;
    let controller = client.controller_client()?;
    match controller.create_topic("listed", 1, 1, PATIENCE_MS).await {
        Err(Error::ServerError { protocol_error: ProtocolError::TopicAlreadyExists, .. }) => {}
        other => return Err(format!("made twice: {other:?}").into()),
    }
    same!(client.list_topics().await?.iter().any(|each| each.name == "listed"), true);
    controller.delete_topic("listed", PATIENCE_MS).await?;
    same!(client.list_topics().await?.iter().any(|each| each.name == "listed"), false);
    Ok(())
}

#[tokio::main]
async fn main() {
    let client = ClientBuilder::new(vec![bootstrap()]).build().await.expect("a client");
    let mut suite = Suite::default();
    for (name, codec) in [
        ("none", Compression::NoCompression),
        ("gzip", Compression::Gzip),
        ("lz4", Compression::Lz4),
        ("snappy", Compression::Snappy),
        ("zstd", Compression::Zstd),
    ] {
        let case = format!("records come back exactly, {name}");
        suite.run(&case, comes_back(&client, &format!("codec-{name}"), codec)).await;
    }
    suite.run("offsets by place and time, and deleted records", bounds(&client)).await;
    suite.run("topics are created, listed and deleted", topics(&client)).await;
    suite.end();
}
