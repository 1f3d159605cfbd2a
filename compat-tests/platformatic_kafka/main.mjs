// What @platformatic/kafka can do, against any broker: a client with high floors (Produce 9, Fetch 15).

import assert from "node:assert/strict";
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { bootstrap, end, records, refused, run, START_MS, until } from "./cases.mjs";

const basic = { clientId: "cases", bootstrapBrokers: [bootstrap], retries: 5, retryDelay: 100 };
const FETCH_ALL = { mode: "earliest", maxWaitTime: 100, isolationLevel: 1 };

async function withAdmin(use) {
  const admin = new Admin(basic);
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}

async function topic(name, partitions, configs = []) {
  await withAdmin(async (admin) => {
    await admin.createTopics({ topics: [name], partitions, replicas: 1, configs });
    // Without idempotence this client sends a batch again that was refused in part: leaders first.
    const all = Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1n }));
    await until("leaders", () => admin.listOffsets({ topics: [{ name, partitions: all }] }).then(() => true, () => false));
  });
  return name;
}

const outgoing = (name, sent) => sent.map((each) => ({ ...each, topic: name, timestamp: BigInt(each.timestamp) }));

async function produce(name, sent, options = {}) {
  const producer = new Producer({ ...basic, serializers: stringSerializers, ...options });
  try {
    return await producer.send({ messages: outgoing(name, sent), acks: -1 });
  } finally {
    await producer.close();
  }
}

const consumer = (groupId, options = {}) => new Consumer({ ...basic, groupId, deserializers: stringDeserializers, ...options });

/** Consume as a member of a group until there are `number` records, and commit. */
async function consume(name, groupId, number, { how = FETCH_ALL, options = {} } = {}) {
  const reader = consumer(groupId, options);
  const stream = await reader.consume({ topics: [name], autocommit: true, ...how });
  const found = [];
  stream.on("data", (message) => found.push(message));
  await until(`${number} records of ${name}`, () => found.length >= number);
  await reader.close(true);
  return found;
}

const text = ({ partition, key, value, headers }) => `${partition} ${key}=${value} ${[...headers].map(([k, v]) => `${k}:${v}`)}`;
const sentText = (each) => text({ ...each, headers: Object.entries(each.headers) });
const code = (expected) => (error) => JSON.stringify(error.findBy?.("apiId", expected) ?? [error, error.errors]).includes(expected);

for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"]) {
  // zstd came to Node itself with 22.15.
  if (compression === "zstd" && !("zstdCompressSync" in (await import("node:zlib")))) continue;
  await run(`records come back exactly, ${compression}`, async () => {
    const name = await topic(`codec-${compression}`, 3);
    await produce(name, records(90, { nulls: false }), { compression });
    const found = await consume(name, `codec-${compression}`, 90);
    assert.deepEqual(found.map(text).sort(), records(90, { nulls: false }).map(sentText).sort());
    assert.deepEqual(found.map(({ timestamp }) => String(timestamp)).sort(), records(90).map(({ timestamp }) => timestamp));
  });
}
await run("an idempotent producer", async () => {
  const name = await topic("idempotent", 3);
  await produce(name, records(30), { idempotent: true });
  assert.equal((await consume(name, "idempotent", 30)).length, 30);
});
await run("transactions are committed and aborted", async () => {
  const name = await topic("transactions", 3);
  const producer = new Producer({ ...basic, serializers: stringSerializers, idempotent: true, transactionalId: "platformatic" });
  const aborted = await producer.beginTransaction();
  await aborted.send({ messages: outgoing(name, records(30, { nulls: false })) });
  await aborted.abort();
  const committed = await producer.beginTransaction();
  await committed.send({ messages: outgoing(name, records(3, { nulls: false })) });
  await committed.commit();
  await producer.close();
  // This client reads up to the last stable offset, but does not leave aborted records out.
  const found = await consume(name, "transactions", 33);
  assert.equal(found.length, 33);
  await withAdmin(async (admin) => {
    const ends = await admin.listOffsets({ topics: [{ name, partitions: [{ partitionIndex: 0, timestamp: -1n }] }], isolationLevel: "READ_COMMITTED" });
    assert.equal(ends[0].partitions[0].offset, 13n); // Eleven records and two markers.
  });
});
await run("a record that is too large is refused", async () => {
  const name = await topic("large", 1);
  await refused(produce(name, [{ ...records(1)[0], value: "x".repeat(4 << 20) }]), code("MESSAGE_TOO_LARGE"));
});
await run("a group of the consumer protocol", async () => {
  const name = await topic("newer", 3);
  await produce(name, records(30));
  assert.equal((await consume(name, "newer", 30, { options: { groupProtocol: "consumer" } })).length, 30);
});
await run("offsets are committed and a group goes on there", async () => {
  const name = await topic("committed", 3);
  await produce(name, records(30));
  await consume(name, "committing", 30);
  await produce(name, records(3));
  const next = await consume(name, "committing", 3, { how: { ...FETCH_ALL, mode: "committed" } });
  assert.deepEqual(next.map(({ offset }) => offset), [10n, 10n, 10n]);
});
await run("two members share the partitions", async () => {
  const name = await topic("shared", 4);
  const members = [consumer("sharing"), consumer("sharing")];
  await Promise.all(members.map((member) => member.consume({ topics: [name], ...FETCH_ALL, sessionTimeout: 6000, heartbeatInterval: 200 })));
  await until("two partitions each", () => members.every((member) => member.assignments?.[0]?.partitions.length === 2));
  await Promise.all(members.map((member) => member.close(true)));
});
await run("topics are created, grown and deleted", () =>
  withAdmin(async (admin) => {
    await topic("admin", 2, [{ name: "retention.ms", value: "60000" }]);
    await refused(admin.createTopics({ topics: ["admin"], partitions: 1, replicas: 1 }), code("TOPIC_ALREADY_EXISTS"));
    await admin.createPartitions({ topics: [{ name: "admin", count: 4 }] });
    await until("four partitions", async () => (await admin.metadata({ topics: ["admin"], forceUpdate: true })).topics.get("admin").partitionsCount === 4);
    await admin.deleteTopics({ topics: ["admin"] });
    await until("the topic is gone", async () => !(await admin.listTopics()).includes("admin"));
  }));
await run("configurations are described and changed", () =>
  withAdmin(async (admin) => {
    const resourceName = await topic("configured", 1);
    const read = async () => (await admin.describeConfigs({ resources: [{ resourceType: 2, resourceName, configurationKeys: ["retention.ms"] }] }))[0].configs[0].value;
    await admin.incrementalAlterConfigs({ resources: [{ resourceType: 2, resourceName, configs: [{ name: "retention.ms", configOperation: 0, value: "1234" }] }] });
    await until("the new value", async () => (await read()) === "1234");
    await admin.alterConfigs({ resources: [{ resourceType: 2, resourceName, configs: [{ name: "retention.ms", value: "4321" }] }] });
    await until("another value", async () => (await read()) === "4321");
  }));
await run("offsets are listed, by time too, and records deleted", () =>
  withAdmin(async (admin) => {
    const name = await topic("places", 3);
    await produce(name, records(90));
    const at = async (timestamp) => (await admin.listOffsets({ topics: [{ name, partitions: [{ partitionIndex: 1, timestamp }] }] }))[0].partitions[0].offset;
    assert.deepEqual([await at(-1n), await at(-2n), await at(BigInt(START_MS + 45_000))], [30n, 0n, 15n]);
    await admin.deleteRecords({ topics: [{ name, partitions: [{ partition: 1, offset: 10n }] }] });
    assert.equal(await at(-2n), 10n);
  }));
await run("log dirs, quotas and groups are described", () =>
  withAdmin(async (admin) => {
    const name = await topic("described", 1);
    const [{ results }] = await admin.describeLogDirs({ topics: [{ name, partitions: [0] }] });
    assert.equal(results.flatMap(({ topics }) => topics).length, 1);
    await admin.alterClientQuotas({ entries: [{ entities: [{ entityType: "user", entityName: "alice" }], ops: [{ key: "producer_byte_rate", value: 1000, remove: false }] }] });
    await until("the quota", async () => (await admin.describeClientQuotas({ components: [{ entityType: "user", matchType: 0, match: "alice" }] })).length === 1);
    assert.ok((await admin.listGroups()).has("committing"));
    assert.equal((await admin.describeGroups({ groups: ["committing"] })).get("committing").members.size, 0);
    await admin.deleteGroups({ groups: ["committing"] });
    assert.ok(!(await admin.listGroups()).has("committing"));
  }));
await run("without an authorizer there are no ACLs", () =>
  withAdmin((admin) =>
    refused(
      admin.describeAcls({ filter: { resourceType: 1, resourceName: null, resourcePatternType: 1, principal: null, host: null, operation: 1, permissionType: 1 } }),
      code("SECURITY_DISABLED"),
    ),
  ));
end();
