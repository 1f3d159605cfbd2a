// What users do with the API of KafkaJS, which more than one client offers.

import assert from "node:assert/strict";
import { records, refused, run, START_MS, until } from "./cases.mjs";

const text = ({ partition, key, value, headers }) =>
  `${partition} ${key}=${value} ${Object.entries(headers).map(([k, v]) => `${k}:${v}`)}`;

/** The parts of a client that differ: how producers, consumers and admins are made. */
export class Story {
  constructor({ producer, consumer, admin, codecs, subscribeOptions = {}, codeOf, can = {} }) {
    Object.assign(this, { producer, consumer, admin, codecs, subscribeOptions, codeOf, can });
  }

  async topic(topic, numPartitions, configEntries = []) {
    await this.withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1, configEntries }] }));
    return topic;
  }

  async withAdmin(use) {
    const admin = this.admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  }

  async produce(topic, messages, options = {}) {
    const producer = this.producer(options);
    await producer.connect();
    try {
      await producer.send({ topic, messages, ...(options.send ?? {}) });
    } finally {
      await producer.disconnect();
    }
  }

  /** Consume as a member of a group until there are `number` records. */
  async consume(topic, groupId, number, options = {}) {
    const found = new Map();
    const member = await this.join(topic, groupId, (record) => found.set(`${record.partition}/${record.message.offset}`, record), options);
    try {
      await until(`${number} records of ${topic}`, () => found.size >= number);
    } finally {
      await member.disconnect();
    }
    return [...found.values()];
  }

  async join(topic, groupId, each, options = {}) {
    const consumer = this.consumer({ groupId, ...options });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], ...this.subscribeOptions });
    await consumer.run({ eachMessage: async (record) => each(record) });
    return consumer;
  }

  async tell() {
    await this.codecCases();
    await this.producerCases();
    await this.groupCases();
    await this.adminCases();
  }

  async codecCases() {
    for (const [name, options] of Object.entries(this.codecs)) {
      await run(`records come back exactly, ${name}`, async () => {
        const topic = await this.topic(`codec-${name}`, 3);
        await this.produce(topic, records(90), options);
        const found = await this.consume(topic, `codec-${name}`, 90);
        assert.deepEqual(found.map(({ partition, message }) => text({ partition, ...message })).sort(), records(90).map(text).sort());
        assert.deepEqual(found.map(({ message }) => message.timestamp).sort(), records(90).map((each) => each.timestamp));
      });
    }
  }

  async producerCases() {
    await run("an idempotent producer", async () => {
      const topic = await this.topic("idempotent", 3);
      await this.produce(topic, records(30), { idempotent: true });
      assert.equal((await this.consume(topic, "idempotent", 30)).length, 30);
    });
    await run("transactions are all or nothing", async () => {
      const topic = await this.topic("transactions", 3);
      const producer = this.producer({ transactionalId: "story", idempotent: true });
      await producer.connect();
      const aborted = await producer.transaction();
      await aborted.send({ topic, messages: records(30).map((each) => ({ ...each, value: "aborted" })) });
      await aborted.abort();
      const committed = await producer.transaction();
      await committed.send({ topic, messages: records(30) });
      await committed.commit();
      await producer.disconnect();
      const found = await this.consume(topic, "transactions", 30);
      assert.deepEqual(found.map(({ partition, message }) => text({ partition, ...message })).sort(), records(30).map(text).sort());
    });
    await run("a record that is too large is refused", async () => {
      const topic = await this.topic("large", 1);
      const sending = this.produce(topic, [{ value: "x".repeat(4 << 20) }], this.can.large ?? {});
      await refused(sending, (error) => this.codeOf(error) === 10);
    });
  }

  async groupCases() {
    await run("two members share the partitions", async () => {
      const topic = await this.topic("shared", 4);
      const members = [await this.join(topic, "sharing", () => {}), await this.join(topic, "sharing", () => {})];
      await this.withAdmin(async (admin) => {
        await until("two members in a stable group", async () => {
          const { groups } = await admin.describeGroups(["sharing"]);
          return groups[0].members.length === 2 && this.isStable(groups[0]);
        });
      });
      await Promise.all(members.map((member) => member.disconnect()));
    });
    await run("offsets are committed and a group goes on there", async () => {
      const topic = await this.topic("committed", 3);
      await this.produce(topic, records(30));
      await this.consume(topic, "committing", 30);
      await this.withAdmin(async (admin) => {
        await until("committed offsets", async () => {
          const [{ partitions }] = await admin.fetchOffsets({ groupId: "committing", topics: [topic] });
          return partitions.length === 3 && partitions.every(({ offset }) => String(offset) === "10");
        });
      });
      await this.produce(topic, records(3));
      const next = await this.consume(topic, "committing", 3);
      assert.deepEqual(next.map(({ message }) => message.offset), ["10", "10", "10"]);
    });
    await run("groups are listed and deleted", () =>
      this.withAdmin(async (admin) => {
        const { groups } = await admin.listGroups();
        assert.ok(groups.some(({ groupId }) => groupId === "committing"));
        await admin.deleteGroups(["committing"]);
        assert.ok(!(await admin.listGroups()).groups.some(({ groupId }) => groupId === "committing"));
      }));
  }

  isStable(group) {
    return group.state === "Stable" || group.state === this.can.stableState;
  }

  async adminCases() {
    await run("topics are created, described and deleted", () =>
      this.withAdmin(async (admin) => {
        await this.topic("admin", 2);
        assert.ok((await admin.listTopics()).includes("admin"));
        const described = await admin.fetchTopicMetadata({ topics: ["admin"] });
        const [found] = described.topics ?? described;
        assert.equal(found.partitions.length, 2);
        await admin.deleteTopics({ topics: ["admin"] });
        await until("the topic is gone", async () => !(await admin.listTopics()).includes("admin"));
      }));
    await run("offsets of a topic are listed, by time too, and records deleted", () =>
      this.withAdmin(async (admin) => {
        const topic = await this.topic("places", 3);
        await this.produce(topic, records(90));
        const found = await admin.fetchTopicOffsets(topic);
        assert.deepEqual(found.map(({ high }) => String(high)), ["30", "30", "30"]);
        const byTime = await admin.fetchTopicOffsetsByTimestamp(topic, START_MS + 45_000);
        assert.deepEqual(byTime.map(({ offset }) => String(offset)), ["15", "15", "15"]);
        await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "10" }] });
        const after = await admin.fetchTopicOffsets(topic);
        assert.equal(String(after.find(({ partition }) => partition === 0).low), "10");
      }));
  }
}
