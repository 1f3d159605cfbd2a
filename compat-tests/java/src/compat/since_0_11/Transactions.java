package compat.since_0_11;

import static compat.Cases.equal;
import static compat.Cases.refused;
import static compat.Cases.until;

import compat.Cases;
import compat.Clients;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** What came with message format 2: headers, idempotence, transactions. */
public final class Transactions {
    private Transactions() {}

    public static void run() {
        Cases.run("producer: headers", Transactions::headers);
        Cases.run("producer: records come back, idempotent", () -> {
            String topic = Clients.topic("back-idempotent");
            Map<String, String> sent = Clients.sent(topic, 90, "enable.idempotence", "true",
                "acks", "all", "retries", "5", "max.in.flight.requests.per.connection", "1");
            equal(Clients.all(topic, 90), sent, "records");
        });
        Cases.run("transactions: committed, aborted, isolation", Transactions::isolation);
        Cases.run("transactions: offsets of a group", Transactions::offsets);
        Cases.run("transactions: the older producer is fenced", Transactions::fenced);
    }

    private static void headers() throws Exception {
        String topic = Clients.topic("headers");
        ProducerRecord<String, String> record = new ProducerRecord<>(topic, 0, "k", "v");
        record.headers().add("trace", "1".getBytes(StandardCharsets.UTF_8)).add("empty", new byte[0])
            .add("trace", "2".getBytes(StandardCharsets.UTF_8)).add("none", null);
        try (KafkaProducer<String, String> producer = Clients.producer()) {
            producer.send(record).get();
        }
        Map<String, String> found = new TreeMap<>();
        try (KafkaConsumer<String, String> consumer = Clients.consumer()) {
            consumer.assign(Clients.partitions(topic));
            until("a record", () -> {
                for (ConsumerRecord<String, String> each : Clients.poll(consumer)) {
                    for (Header header : each.headers()) {
                        String value = header.value() == null ? "null"
                            : "[" + new String(header.value(), StandardCharsets.UTF_8) + "]";
                        found.merge(header.key(), value, String::concat);
                    }
                }
                return !found.isEmpty();
            });
        }
        equal(found.toString(), "{empty=[], none=null, trace=[1][2]}", "headers");
    }

    private static KafkaProducer<String, String> begun(String id) {
        KafkaProducer<String, String> producer = Clients.producer("transactional.id", id,
            "enable.idempotence", "true", "acks", "all", "retries", "10",
            "max.in.flight.requests.per.connection", "1");
        producer.initTransactions();
        producer.beginTransaction();
        return producer;
    }

    private static void isolation() throws Exception {
        String topic = Clients.topic("transactions");
        try (KafkaProducer<String, String> producer = begun("isolation")) {
            Map<String, String> committed = Clients.send(producer, Clients.records(topic, 30));
            producer.commitTransaction();
            producer.beginTransaction();
            Clients.send(producer, Clients.records(topic, 30));
            producer.abortTransaction();
            producer.beginTransaction();
            committed.putAll(Clients.send(producer, Clients.records(topic, 30)));
            producer.commitTransaction();
            producer.beginTransaction();
            Clients.send(producer, Clients.records(topic, 30));
            equal(Clients.all(topic, 60, "isolation.level", "read_committed"), committed,
                "what was committed");
            equal(Clients.all(topic, 120).size(), 120, "all that was written");
            producer.abortTransaction();
        }
    }

    private static void offsets() throws Exception {
        String topic = Clients.topic("transactions-offsets");
        TopicPartition first = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer =
                    Clients.consumer("group.id", "transactions-group");
                KafkaProducer<String, String> producer = begun("offsets")) {
            send(producer, consumer, first, 7);
            producer.abortTransaction();
            equal(Clients.committed(consumer, first), null, "after an abort");
            producer.beginTransaction();
            send(producer, consumer, first, 9);
            producer.commitTransaction();
            until("committed", () -> {
                OffsetAndMetadata found = Clients.committed(consumer, first);
                return found != null && found.offset() == 9;
            });
        }
    }

    /** Of a group's name before 2.5, of what its consumer knows of it since. */
    private static void send(KafkaProducer<String, String> producer,
            KafkaConsumer<String, String> consumer, TopicPartition partition, long offset) {
        Map<TopicPartition, OffsetAndMetadata> offsets =
            Collections.singletonMap(partition, new OffsetAndMetadata(offset));
        Object group = Clients.has(KafkaConsumer.class, "groupMetadata")
            ? Clients.call(consumer, "groupMetadata") : "transactions-group";
        Clients.call(producer, "sendOffsetsToTransaction", offsets, group);
    }

    private static void fenced() throws Exception {
        String topic = Clients.topic("transactions-fenced");
        try (KafkaProducer<String, String> older = begun("fenced")) {
            Clients.send(older, Clients.records(topic, 3));
            try (KafkaProducer<String, String> newer = begun("fenced")) {
                refused("ProducerFencedException", () -> {
                    older.commitTransaction();
                    return "committed";
                });
                Map<String, String> sent = Clients.send(newer, Clients.records(topic, 3));
                newer.commitTransaction();
                equal(Clients.all(topic, 3, "isolation.level", "read_committed"), sent, "records");
            }
        }
    }
}
