package compat;

import static compat.Cases.equal;
import static compat.Cases.refused;
import static compat.Cases.run;
import static compat.Cases.until;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;

/** What a producer of any version can do. */
public final class Producers {
    private Producers() {}

    public static void run() {
        Cases.run("producer: one record after the other", Producers::oneByOne);
        Cases.run("producer: callbacks", Producers::callbacks);
        comesBack("batches", "linger.ms", "50", "batch.size", "65536");
        comesBack("acks all", "acks", "all");
        comesBack("acks 1", "acks", "1");
        comesBack("one request in flight", "max.in.flight.requests.per.connection", "1");
        List<String> codecs = new ArrayList<>(Arrays.asList("none", "gzip", "snappy", "lz4"));
        if (Integer.parseInt(Cases.VERSION.replaceFirst("\\..*", "")) > 2
                || Cases.VERSION.startsWith("2.8")) {
            codecs.add("zstd");
        }
        for (String codec : codecs) {
            comesBack("codec " + codec, "compression.type", codec, "linger.ms", "50");
        }
        Cases.run("producer: acks 0", Producers::withoutAnswer);
        Cases.run("producer: custom partitioner", Producers::partitioner);
        Cases.run("producer: interceptors", Producers::interceptors);
        Cases.run("producer: a record that is too large is refused", Producers::tooLarge);
        Cases.run("producer: an illegal topic is refused", () -> {
            boolean waits = Cases.VERSION.matches("0\\..*|1\\..*|2\\.0\\..*");
            try (KafkaProducer<String, String> producer =
                    Clients.producer("max.block.ms", "2000")) {
                refused(waits ? "TimeoutException" : "InvalidTopicException",
                    () -> producer.send(new ProducerRecord<>("a b", "v")).get());
            }
        });
        Cases.run("producer: partitions of a topic, and metrics", () -> {
            String topic = Clients.topic("producer-partitions");
            try (KafkaProducer<String, String> producer = Clients.producer()) {
                equal(producer.partitionsFor(topic).get(0).leader().id(), 1, "leader");
                equal(producer.metrics().isEmpty(), false, "no metrics");
            }
        });
    }

    private static void comesBack(String name, Object... config) {
        Cases.run("producer: records come back, " + name, () -> {
            String topic = Clients.topic("back-" + name.replace(' ', '-'));
            Map<String, String> sent = Clients.sent(topic, 90, config);
            equal(Clients.all(topic, 90), sent, "records");
        });
    }

    private static void oneByOne() throws Exception {
        String topic = Clients.topic("one-by-one");
        try (KafkaProducer<String, String> producer = Clients.producer()) {
            for (long at = 0; at < 10; at++) {
                RecordMetadata where = producer.send(new ProducerRecord<>(topic, 1, "k", "v")).get();
                equal(where.topic() + " " + where.partition() + " " + where.offset(),
                    topic + " 1 " + at, "place");
            }
        }
    }

    private static void callbacks() throws Exception {
        String topic = Clients.topic("callbacks");
        List<Long> offsets = Collections.synchronizedList(new ArrayList<>());
        List<Long> expected = new ArrayList<>();
        try (KafkaProducer<String, String> producer = Clients.producer("linger.ms", "5")) {
            for (long at = 0; at < 100; at++) {
                expected.add(at);
                producer.send(new ProducerRecord<>(topic, 0, "k", "v" + at),
                    (where, error) -> offsets.add(error == null ? where.offset() : -1L));
            }
            producer.flush();
        }
        equal(offsets, expected, "offsets in their order");
    }

    private static void withoutAnswer() throws Exception {
        String topic = Clients.topic("acks-0");
        Object[] idempotent = {"acks", "0"};
        if (!Cases.VERSION.startsWith("0.10")) {
            idempotent = new Object[] {"acks", "0", "enable.idempotence", "false"};
        }
        try (KafkaProducer<String, String> producer = Clients.producer(idempotent)) {
            equal(producer.send(new ProducerRecord<>(topic, 0, "k", "v")).get().offset(), -1L,
                "offset");
        }
        equal(Clients.all(topic, 1).size(), 1, "records");
    }

    /** Sends everything to the last partition. */
    public static final class ToTheLast implements Partitioner {
        @Override
        public int partition(String topic, Object key, byte[] keyBytes, Object value,
                byte[] valueBytes, Cluster cluster) {
            return cluster.partitionsForTopic(topic).size() - 1;
        }

        @Override
        public void close() {}

        @Override
        public void configure(Map<String, ?> configs) {}
    }

    private static void partitioner() throws Exception {
        String topic = Clients.topic("partitioner");
        try (KafkaProducer<String, String> producer =
                Clients.producer("partitioner.class", ToTheLast.class.getName())) {
            for (int at = 0; at < 5; at++) {
                equal(producer.send(new ProducerRecord<>(topic, "k" + at, "v")).get().partition(),
                    2, "partition");
            }
        }
    }

    /** Changes what is sent, and counts what is acknowledged. */
    public static final class Intercepting implements ProducerInterceptor<String, String> {
        static final AtomicInteger ACKNOWLEDGED = new AtomicInteger();

        @Override
        public ProducerRecord<String, String> onSend(ProducerRecord<String, String> record) {
            return new ProducerRecord<>(record.topic(), 0, record.key(), record.value() + "!");
        }

        @Override
        public void onAcknowledgement(RecordMetadata where, Exception error) {
            ACKNOWLEDGED.addAndGet(error == null ? 1 : 1000);
        }

        @Override
        public void close() {}

        @Override
        public void configure(Map<String, ?> configs) {}
    }

    private static void interceptors() throws Exception {
        String topic = Clients.topic("intercepted");
        try (KafkaProducer<String, String> producer =
                Clients.producer("interceptor.classes", Intercepting.class.getName())) {
            producer.send(new ProducerRecord<>(topic, "k", "v")).get();
            until("acknowledged", () -> Intercepting.ACKNOWLEDGED.get() == 1);
        }
        equal(Clients.all(topic, 1).get("0/0").startsWith("k=v!"), true, "the changed record");
    }

    private static void tooLarge() throws Exception {
        String topic = Clients.topic("too-large");
        String large = String.join("", Collections.nCopies(2 << 20, "x"));
        try (KafkaProducer<String, String> producer = Clients.producer(
                "max.request.size", "8000000", "batch.size", "0", "buffer.memory", "33554432")) {
            refused("RecordTooLargeException",
                () -> producer.send(new ProducerRecord<>(topic, 0, "k", large)).get());
            equal(producer.send(new ProducerRecord<>(topic, 0, "k", "v")).get().offset(), 0L,
                "offset of what is small enough");
        }
    }
}
