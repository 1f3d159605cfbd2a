// What @confluentinc/kafka-javascript can do, against any broker.

import confluent from "@confluentinc/kafka-javascript";
import { bootstrap, end } from "./cases.mjs";
import { Story } from "./kafkajs_story.mjs";

const { ConsumerGroupStates, CompressionTypes, Kafka, logLevel } = confluent.KafkaJS;
const kafka = new Kafka({ kafkaJS: { brokers: [bootstrap], logLevel: logLevel.NOTHING } });
const codec = (compression) => ({ compression });

const story = new Story({
  producer: ({ idempotent, transactionalId, compression, large }) =>
    kafka.producer({
      kafkaJS: { ...(idempotent ? { idempotent } : {}), ...(transactionalId ? { transactionalId } : {}), ...(compression ? { compression } : {}) },
      "linger.ms": 5,
      ...(large ? { "message.max.bytes": 8_000_000 } : {}),
    }),
  consumer: ({ groupId }) => kafka.consumer({ kafkaJS: { groupId, fromBeginning: true, autoCommitInterval: 100 }, "heartbeat.interval.ms": 200 }),
  admin: () => kafka.admin(),
  codecs: { none: codec(CompressionTypes.None), gzip: codec(CompressionTypes.GZIP), snappy: codec(CompressionTypes.Snappy), lz4: codec(CompressionTypes.LZ4), zstd: codec(CompressionTypes.ZSTD) },
  codeOf: (error) => error.code,
  can: { large: { large: true }, stableState: ConsumerGroupStates.STABLE },
});
await story.tell();
end();
