// What kafkajs can do, against any broker.

import assert from "node:assert/strict";
import kafkajs from "kafkajs";
import LZ4 from "kafkajs-lz4";
import SnappyCodec from "kafkajs-snappy";
import { bootstrap, end, refused, run, until } from "./cases.mjs";
import { Story } from "./kafkajs_story.mjs";

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel, Partitioners, ResourcePatternTypes } = kafkajs;
CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;
CompressionCodecs[CompressionTypes.LZ4] = new LZ4().codec;

const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50, retries: 8 } });
const codec = (compression) => ({ send: { compression } });

const story = new Story({
  producer: ({ idempotent, transactionalId }) =>
    kafka.producer({ idempotent, transactionalId, maxInFlightRequests: idempotent ? 1 : undefined, createPartitioner: Partitioners.DefaultPartitioner, retry: { retries: 3 } }),
  consumer: ({ groupId }) => kafka.consumer({ groupId, heartbeatInterval: 200, maxWaitTimeInMs: 100, readUncommitted: false }),
  admin: () => kafka.admin(),
  subscribeOptions: { fromBeginning: true },
  codecs: { none: codec(CompressionTypes.None), gzip: codec(CompressionTypes.GZIP), snappy: codec(CompressionTypes.Snappy), lz4: codec(CompressionTypes.LZ4) },
  codeOf: (error) => error.code ?? error.cause?.code,
});
await story.tell();

await run("topics grow", () =>
  story.withAdmin(async (admin) => {
    const topic = await story.topic("grown", 1);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await until("three partitions", async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length === 3);
    await refused(admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }), (error) => error.type === "INVALID_PARTITIONS" || error.errors?.[0]?.type === "INVALID_PARTITIONS");
  }));
await run("configurations are described and changed", () =>
  story.withAdmin(async (admin) => {
    const name = await story.topic("configured", 1);
    await admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries: [{ name: "retention.ms", value: "1234" }] }] });
    await until("the new value", async () => {
      const { resources } = await admin.describeConfigs({ includeSynonyms: true, resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames: ["retention.ms"] }] });
      return resources[0].configEntries[0].configValue === "1234";
    });
  }));
await run("the cluster is described", () =>
  story.withAdmin(async (admin) => {
    const { brokers, controller, clusterId } = await admin.describeCluster();
    assert.equal(brokers.length, 1);
    assert.equal(controller, 1);
    assert.ok(clusterId);
  }));
await run("group offsets are set and reset", () =>
  story.withAdmin(async (admin) => {
    const topic = await story.topic("reset", 1);
    await admin.setOffsets({ groupId: "resetting", topic, partitions: [{ partition: 0, offset: "5" }] });
    const [{ partitions }] = await admin.fetchOffsets({ groupId: "resetting", topics: [topic] });
    assert.equal(partitions[0].offset, "5");
    await admin.resetOffsets({ groupId: "resetting", topic, earliest: true });
  }));
await run("partitions are where they can be", () =>
  story.withAdmin(async (admin) => {
    const topic = await story.topic("placed", 1);
    await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: [{ partition: 0, replicas: [1] }] }] });
    assert.deepEqual((await admin.listPartitionReassignments({})).topics, []);
  }));
await run("without an authorizer there are no ACLs", () =>
  story.withAdmin((admin) =>
    refused(
      admin.describeAcls({ resourceType: AclResourceTypes.ANY, resourcePatternType: ResourcePatternTypes.ANY, operation: AclOperationTypes.ANY, permissionType: AclPermissionTypes.ANY }),
      (error) => error.type === "SECURITY_DISABLED",
    ),
  ));
end();
