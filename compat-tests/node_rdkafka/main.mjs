// What node-rdkafka can do, against any broker: librdkafka with callbacks.

import assert from "node:assert/strict";
import rdkafka from "node-rdkafka";
import { bootstrap, end, records, refused, run, START_MS, until } from "./cases.mjs";

const basic = { "metadata.broker.list": bootstrap, "socket.timeout.ms": 20_000 };

const promised = (call) => new Promise((done, fail) => call((error, result) => (error ? fail(error) : done(result))));

function withAdmin(use) {
  const admin = rdkafka.AdminClient.create(basic);
  return use(admin).finally(() => admin.disconnect());
}

async function topic(name, partitions) {
  await withAdmin((admin) => promised((told) => admin.createTopic({ topic: name, num_partitions: partitions, replication_factor: 1 }, 10_000, told)));
  return name;
}

async function connected(client) {
  await promised((told) => client.connect({ timeout: 10_000 }, told));
  return client;
}

/** Produce and return the offsets by delivery reports. */
async function produce(name, sent, config = {}) {
  const producer = await connected(new rdkafka.Producer({ ...basic, dr_cb: true, "linger.ms": 5, ...config }));
  const reports = [];
  producer.setPollInterval(10).on("delivery-report", (error, report) => reports.push(error ?? report));
  for (const each of sent) {
    const value = each.value === null ? null : Buffer.from(each.value);
    const headers = Object.entries(each.headers ?? {}).map(([key, text]) => ({ [key]: text }));
    producer.produce(name, each.partition ?? 0, value, each.key, Number(each.timestamp ?? START_MS), null, headers);
  }
  await until("delivery reports", () => reports.length === sent.length);
  await promised((told) => producer.disconnect(told));
  const failed = reports.find((report) => report instanceof Error);
  if (failed) throw failed;
  return reports;
}

const text = ({ partition, key, value, headers }) => `${partition} ${key}=${value} ${Object.entries(headers).map(([k, v]) => `${k}:${v}`)}`;
const plain = (message) => ({ ...message, headers: Object.assign({}, ...(message.headers ?? [])) });

async function consume(name, group, number) {
  const consumer = await connected(new rdkafka.KafkaConsumer({ ...basic, "group.id": group, "enable.auto.commit": false }, { "auto.offset.reset": "earliest" }));
  const found = [];
  consumer.on("data", (message) => found.push(message));
  consumer.subscribe([name]);
  consumer.consume();
  await until(`${number} records`, () => found.length >= number);
  consumer.commitSync(consumer.position());
  await promised((told) => consumer.disconnect(told));
  return found;
}

for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
  await run(`records come back exactly, ${codec}`, async () => {
    const name = await topic(`codec-${codec}`, 3);
    await produce(name, records(90), { "compression.codec": codec });
    const found = await consume(name, `codec-${codec}`, 90);
    assert.deepEqual(found.map((each) => text(plain({ ...each, key: each.key?.toString() }))).sort(), records(90).map(text).sort());
  });
}
await run("an idempotent producer", async () => {
  const name = await topic("idempotent", 3);
  await produce(name, records(30), { "enable.idempotence": true });
  assert.equal((await consume(name, "idempotent", 30)).length, 30);
});
await run("transactions are all or nothing", async () => {
  const name = await topic("transactions", 1);
  const producer = await connected(new rdkafka.Producer({ ...basic, "transactional.id": "node" }));
  producer.setPollInterval(10);
  await promised((told) => producer.initTransactions(10_000, told));
  for (const [word, finish] of [["aborted", "abortTransaction"], ["committed", "commitTransaction"]]) {
    await promised((told) => producer.beginTransaction(told));
    producer.produce(name, 0, Buffer.from(word));
    await promised((told) => producer[finish](10_000, told));
  }
  await promised((told) => producer.disconnect(told));
  assert.deepEqual((await consume(name, "transactions", 1)).map((each) => each.value.toString()), ["committed"]);
});
await run("a record that is too large is refused", async () => {
  const name = await topic("large", 1);
  await refused(produce(name, [{ value: "x".repeat(4 << 20) }], { "message.max.bytes": 8_000_000 }), (error) => /message size too large/i.test(error.message));
});
await run("offsets are committed and a group goes on there", async () => {
  const name = await topic("committed", 3);
  await produce(name, records(30));
  await consume(name, "committing", 30);
  await produce(name, records(3));
  assert.deepEqual((await consume(name, "committing", 3)).map((each) => each.offset), [10, 10, 10]);
});
await run("watermarks and offsets by time", async () => {
  const name = await topic("places", 3);
  await produce(name, records(90));
  const producer = await connected(new rdkafka.Producer(basic));
  const marks = await promised((told) => producer.queryWatermarkOffsets(name, 1, 10_000, told));
  assert.deepEqual([marks.lowOffset, marks.highOffset], [0, 30]);
  await promised((told) => producer.disconnect(told));
  const consumer = await connected(new rdkafka.KafkaConsumer({ ...basic, "group.id": "times" }, {}));
  const times = await promised((told) => consumer.offsetsForTimes([{ topic: name, partition: 1, offset: START_MS + 45_000 }], 10_000, told));
  assert.equal(times[0].offset, 15);
  await promised((told) => consumer.disconnect(told));
});
await run("topics grow and are deleted", async () => {
  const name = await topic("grown", 1);
  await withAdmin(async (admin) => {
    await promised((told) => admin.createPartitions(name, 3, 10_000, told));
    await promised((told) => admin.deleteTopic(name, 10_000, told));
  });
  const producer = await connected(new rdkafka.Producer(basic));
  const metadata = await promised((told) => producer.getMetadata({ timeout: 10_000 }, told));
  assert.ok(!metadata.topics.some((each) => each.name === name));
  await promised((told) => producer.disconnect(told));
});
end();
