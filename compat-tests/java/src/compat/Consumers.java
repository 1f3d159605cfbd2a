package compat;

import static compat.Cases.equal;
import static compat.Cases.refused;
import static compat.Cases.until;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** What a consumer of any version can do. */
public final class Consumers {
    private static String topic;
    private static Map<String, String> sent;

    private Consumers() {}

    public static void run() {
        Cases.run("consumer: assign", () -> {
            topic = Clients.topic("read");
            sent = Clients.sent(topic, 90);
            equal(Clients.all(topic, 90), sent, "records");
        });
        Cases.run("consumer: small fetches", () -> equal(
            Clients.all(topic, 90, "max.poll.records", "7", "max.partition.fetch.bytes", "100"),
            sent, "records"));
        Cases.run("consumer: seek", Consumers::seek);
        Cases.run("consumer: seek to a time", Consumers::seekToTime);
        Cases.run("consumer: beginning and end offsets", Consumers::ends);
        Cases.run("consumer: an offset out of range", Consumers::outOfRange);
        Cases.run("consumer: pause and resume", Consumers::pause);
        Cases.run("consumer: wake-up", Consumers::wakeUp);
        Cases.run("consumer: topics and partitions", Consumers::topics);
        Cases.run("consumer: interceptors", Consumers::interceptors);
        inGroups("", new Object[0]);
    }

    /** What members of groups do, whatever the protocol of the group is. */
    public static void inGroups(String how, Object... config) {
        Groups groups = new Groups(how.isEmpty() ? "classic" : how.replace(' ', '-'), config);
        String suffix = how.isEmpty() ? "" : ", " + how;
        Cases.run("group: subscribe" + suffix, groups::subscribe);
        Cases.run("group: subscribe to a pattern" + suffix, groups::pattern);
        Cases.run("group: commit and go on" + suffix, groups::commit);
        Cases.run("group: commit without waiting" + suffix, groups::commitAsync);
        Cases.run("group: commit by itself" + suffix, groups::autoCommit);
        Cases.run("group: members share, listeners hear of it" + suffix, groups::rebalance);
    }

    private static void seek() throws Exception {
        try (KafkaConsumer<String, String> consumer = Clients.consumer()) {
            TopicPartition first = new TopicPartition(topic, 0);
            consumer.assign(Collections.singletonList(first));
            consumer.seek(first, 27);
            equal(Clients.poll(consumer, 3).keySet(),
                new TreeSet<>(Arrays.asList("0/27", "0/28", "0/29")), "from 27");
            equal(consumer.position(first), 30L, "position");
            consumer.seekToBeginning(Collections.singletonList(first));
            equal(consumer.position(first), 0L, "beginning");
            equal(Clients.poll(consumer, 30).size(), 30, "all");
            consumer.seekToEnd(Collections.singletonList(first));
            equal(consumer.position(first), 30L, "end");
        }
    }

    private static void seekToTime() {
        try (KafkaConsumer<String, String> consumer = Clients.consumer()) {
            Map<TopicPartition, Long> times = new HashMap<>();
            times.put(new TopicPartition(topic, 0), Clients.START_MS + 10_000);
            times.put(new TopicPartition(topic, 1), Clients.START_MS - 1);
            times.put(new TopicPartition(topic, 2), Clients.START_MS + 1_000_000);
            Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
            OffsetAndTimestamp later = found.get(new TopicPartition(topic, 0));
            equal(later.offset() + " " + later.timestamp(), "4 " + (Clients.START_MS + 12_000),
                "the first not before");
            equal(found.get(new TopicPartition(topic, 1)).offset(), 0L, "the first of all");
            equal(found.get(new TopicPartition(topic, 2)), null, "none");
        }
    }

    private static void ends() {
        try (KafkaConsumer<String, String> consumer = Clients.consumer()) {
            Map<TopicPartition, Long> beginning = new HashMap<>();
            Map<TopicPartition, Long> end = new HashMap<>();
            for (TopicPartition partition : Clients.partitions(topic)) {
                beginning.put(partition, 0L);
                end.put(partition, 30L);
            }
            equal(consumer.beginningOffsets(Clients.partitions(topic)), beginning, "beginning");
            equal(consumer.endOffsets(Clients.partitions(topic)), end, "end");
        }
    }

    private static void outOfRange() throws Exception {
        TopicPartition first = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer =
                Clients.consumer("auto.offset.reset", "none")) {
            consumer.assign(Collections.singletonList(first));
            consumer.seek(first, 1000);
            AtomicReference<String> error = new AtomicReference<>();
            until("an error", () -> {
                try {
                    Clients.poll(consumer);
                } catch (RuntimeException found) {
                    error.set(found.getClass().getSimpleName());
                }
                return error.get() != null;
            });
            equal(error.get(), "OffsetOutOfRangeException", "error");
        }
        try (KafkaConsumer<String, String> consumer = Clients.consumer()) {
            consumer.assign(Collections.singletonList(first));
            consumer.seek(first, 1000);
            equal(Clients.poll(consumer, 30).size(), 30, "from the beginning instead");
        }
    }

    private static void pause() throws Exception {
        try (KafkaConsumer<String, String> consumer = Clients.consumer()) {
            consumer.assign(Clients.partitions(topic));
            consumer.pause(Clients.partitions(topic).subList(0, 2));
            equal(Clients.poll(consumer, 30).keySet().iterator().next().charAt(0), '2', "read");
            consumer.resume(Clients.partitions(topic).subList(0, 2));
            equal(Clients.poll(consumer, 60).size(), 60, "the rest");
        }
    }

    private static void wakeUp() {
        try (KafkaConsumer<String, String> consumer = Clients.consumer()) {
            consumer.assign(Clients.partitions(topic));
            consumer.wakeup();
            refused(WakeupException.class.getSimpleName(), () -> Clients.poll(consumer));
        }
    }

    private static void topics() {
        try (KafkaConsumer<String, String> consumer = Clients.consumer()) {
            equal(consumer.listTopics().get(topic).size(), Clients.PARTITIONS, "listed");
            equal(consumer.partitionsFor(topic).get(2).replicas().length, 1, "replicas");
        }
    }

    /** Takes every other record away. */
    public static final class Sieve implements ConsumerInterceptor<String, String> {
        static int committed;

        @Override
        public ConsumerRecords<String, String> onConsume(ConsumerRecords<String, String> records) {
            Map<TopicPartition, List<ConsumerRecord<String, String>>> kept = new HashMap<>();
            for (TopicPartition partition : records.partitions()) {
                for (ConsumerRecord<String, String> record : records.records(partition)) {
                    if (record.offset() % 2 == 0) {
                        kept.computeIfAbsent(partition, any -> new ArrayList<>()).add(record);
                    }
                }
            }
            return of(kept);
        }

        @SuppressWarnings("unchecked")
        private static ConsumerRecords<String, String> of(
                Map<TopicPartition, List<ConsumerRecord<String, String>>> kept) {
            try {
                java.lang.reflect.Constructor<?> first =
                    ConsumerRecords.class.getConstructors()[0];
                Object made = first.getParameterCount() == 1
                    ? first.newInstance(kept) : first.newInstance(kept, new HashMap<>());
                return (ConsumerRecords<String, String>) made;
            } catch (ReflectiveOperationException error) {
                throw new AssertionError(error);
            }
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
            committed += offsets.size();
        }

        @Override
        public void close() {}

        @Override
        public void configure(Map<String, ?> configs) {}
    }

    private static void interceptors() throws Exception {
        try (KafkaConsumer<String, String> consumer = Clients.consumer(
                "interceptor.classes", Sieve.class.getName(), "group.id", "intercepted")) {
            consumer.assign(Clients.partitions(topic));
            equal(Clients.poll(consumer, 45).size(), 45, "half of them");
            consumer.commitSync();
            equal(Sieve.committed, 3, "commits heard of");
        }
    }

    /** Cases of a group of one protocol. */
    private static final class Groups {
        private final String prefix;
        private final Object[] config;

        Groups(String prefix, Object... config) {
            this.prefix = prefix;
            this.config = config;
        }

        private KafkaConsumer<String, String> member(String group, Object... more) {
            List<Object> pairs = new ArrayList<>(Arrays.asList("group.id", prefix + group));
            pairs.addAll(Arrays.asList(config));
            pairs.addAll(Arrays.asList(more));
            return Clients.consumer(pairs.toArray());
        }

        private void subscribe() throws Exception {
            try (KafkaConsumer<String, String> consumer = member("-subscribe")) {
                consumer.subscribe(Collections.singletonList(topic));
                equal(Clients.poll(consumer, 90), sent, "records");
                equal(consumer.assignment().size(), 3, "assigned");
                consumer.unsubscribe();
                equal(consumer.assignment().size(), 0, "assigned");
            }
        }

        private void pattern() throws Exception {
            Clients.sent(Clients.topic(prefix + "-pattern-a"), 30);
            Clients.sent(Clients.topic(prefix + "-pattern-b"), 30);
            Map<String, TreeSet<String>> read = new TreeMap<>();
            try (KafkaConsumer<String, String> consumer =
                    member("-pattern", "metadata.max.age.ms", "200")) {
                consumer.subscribe(Pattern.compile(prefix + "-pattern-.*"), new Member.Ignoring());
                count(consumer, read, 60);
                Clients.sent(Clients.topic(prefix + "-pattern-new"), 30);
                count(consumer, read, 90);
            }
            equal(read.values().stream().map(TreeSet::size).collect(Collectors.toList()).toString(),
                "[30, 30, 30]", "records of each topic");
        }

        private static void count(
                KafkaConsumer<String, String> consumer, Map<String, TreeSet<String>> read, int number)
                throws Exception {
            until(number + " records", () -> {
                for (ConsumerRecord<String, String> record : Clients.poll(consumer)) {
                    read.computeIfAbsent(record.topic(), any -> new TreeSet<>())
                        .add(record.partition() + "/" + record.offset());
                }
                return read.values().stream().mapToInt(TreeSet::size).sum() >= number;
            });
        }

        private void commit() throws Exception {
            TopicPartition first = new TopicPartition(topic, 0);
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            for (TopicPartition partition : Clients.partitions(topic)) {
                offsets.put(partition, new OffsetAndMetadata(25, "so far"));
            }
            try (KafkaConsumer<String, String> consumer = member("-commit")) {
                consumer.subscribe(Collections.singletonList(topic));
                Clients.poll(consumer, 90);
                consumer.commitSync(offsets);
                OffsetAndMetadata found = Clients.committed(consumer, first);
                equal(found.offset() + found.metadata(), "25so far", "committed");
            }
            try (KafkaConsumer<String, String> consumer = member("-commit")) {
                consumer.subscribe(Collections.singletonList(topic));
                equal(Clients.poll(consumer, 15).size(), 15, "the rest");
                consumer.commitSync();
                equal(Clients.committed(consumer, first).offset(), 30L, "committed");
            }
        }

        private void commitAsync() throws Exception {
            AtomicReference<Object> heard = new AtomicReference<>();
            try (KafkaConsumer<String, String> consumer = member("-async")) {
                consumer.subscribe(Collections.singletonList(topic));
                Clients.poll(consumer, 90);
                consumer.commitAsync((offsets, error) ->
                    heard.set(error == null ? (Object) offsets.size() : error));
                until("a callback", () -> {
                    Clients.poll(consumer);
                    return heard.get() != null;
                });
                equal(heard.get(), 3, "partitions committed");
            }
        }

        private void autoCommit() throws Exception {
            TopicPartition first = new TopicPartition(topic, 0);
            try (KafkaConsumer<String, String> consumer = member("-auto",
                    "enable.auto.commit", "true", "auto.commit.interval.ms", "100")) {
                consumer.subscribe(Collections.singletonList(topic));
                Clients.poll(consumer, 90);
                until("committed", () -> {
                    Clients.poll(consumer);
                    OffsetAndMetadata found = Clients.committed(consumer, first);
                    return found != null && found.offset() == 30;
                });
            }
        }

        private void rebalance() throws Exception {
            Member one = new Member(member("-rebalance"), topic);
            until("all partitions", () -> one.held.size() == 3);
            Member two = new Member(member("-rebalance"), topic);
            until("shared partitions", () -> one.held.size() + two.held.size() == 3
                && !one.held.isEmpty() && !two.held.isEmpty());
            equal(Collections.disjoint(one.held, two.held), true, "one owner each");
            two.close();
            until("all partitions again", () -> one.held.size() == 3);
            one.close();
            equal(one.revoked > 0, true, "revocations heard of");
        }
    }
}
