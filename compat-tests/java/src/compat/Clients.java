package compat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** Clients, and what changed its name between their versions. */
public final class Clients {
    /** An hour ago: what is older than a week is deleted while cases run. */
    public static final long START_MS = System.currentTimeMillis() / 1000 * 1000 - 3_600_000;
    public static final int PARTITIONS = 3;
    private static final String SERIAL = "org.apache.kafka.common.serialization.";

    private Clients() {}

    public static Map<String, Object> config(Object... pairs) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", Cases.BOOTSTRAP);
        for (int at = 0; at < pairs.length; at += 2) {
            config.put((String) pairs[at], pairs[at + 1]);
        }
        return config;
    }

    public static KafkaProducer<String, String> producer(Object... pairs) {
        Map<String, Object> config = config("retries", "10"); // Old versions do not by themselves.
        config.putAll(config(pairs));
        config.put("key.serializer", SERIAL + "StringSerializer");
        config.put("value.serializer", SERIAL + "StringSerializer");
        return new KafkaProducer<>(config);
    }

    /** A consumer that starts at the beginning and commits only what it is told to. */
    public static KafkaConsumer<String, String> consumer(Object... pairs) {
        Map<String, Object> config = config("auto.offset.reset", "earliest",
            "enable.auto.commit", "false", "heartbeat.interval.ms", "100",
            "session.timeout.ms", "6000");
        config.putAll(config(pairs));
        if ("consumer".equals(config.get("group.protocol"))) {
            config.remove("heartbeat.interval.ms");
            config.remove("session.timeout.ms");
        }
        config.put("key.deserializer", SERIAL + "StringDeserializer");
        config.put("value.deserializer", SERIAL + "StringDeserializer");
        return new KafkaConsumer<>(config);
    }

    /** Make a topic by asking for it: any version of the client can do that. */
    public static String topic(String name) throws Exception {
        try (KafkaProducer<String, String> producer = producer()) {
            Cases.until(name, () -> producer.partitionsFor(name).size() == PARTITIONS);
        }
        return name;
    }

    public static List<ProducerRecord<String, String>> records(String topic, int number) {
        List<ProducerRecord<String, String>> made = new ArrayList<>();
        for (int at = 0; at < number; at++) {
            String value = at % 5 == 0 ? null : String.join("", Collections.nCopies(at, "v" + at));
            made.add(new ProducerRecord<>(
                topic, at % PARTITIONS, START_MS + at * 1000L, at % 7 == 0 ? null : "k" + at, value));
        }
        return made;
    }

    /** Send records and return how they are to read, by partition and offset. */
    public static Map<String, String> send(
            KafkaProducer<String, String> producer, List<ProducerRecord<String, String>> records)
            throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ProducerRecord<String, String> record : records) {
            sent.add(producer.send(record));
        }
        producer.flush();
        Map<String, String> found = new TreeMap<>();
        for (int at = 0; at < sent.size(); at++) {
            RecordMetadata where = sent.get(at).get();
            ProducerRecord<String, String> record = records.get(at);
            found.put(where.partition() + "/" + where.offset(),
                record.key() + "=" + record.value() + " at " + record.timestamp());
        }
        return found;
    }

    public static Map<String, String> sent(String topic, int number, Object... pairs)
            throws Exception {
        try (KafkaProducer<String, String> producer = producer(pairs)) {
            return send(producer, records(topic, number));
        }
    }

    public static String read(ConsumerRecord<String, String> record) {
        return record.key() + "=" + record.value() + " at " + record.timestamp();
    }

    public static List<TopicPartition> partitions(String topic) {
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            all.add(new TopicPartition(topic, partition));
        }
        return all;
    }

    /** Poll until there are that many records, and return them by partition and offset. */
    public static Map<String, String> poll(Consumer<String, String> consumer, int number)
            throws Exception {
        Map<String, String> found = new TreeMap<>();
        Cases.until(number + " records", () -> {
            for (ConsumerRecord<String, String> record : poll(consumer)) {
                found.put(record.partition() + "/" + record.offset(), read(record));
            }
            return found.size() >= number;
        });
        return found;
    }

    @SuppressWarnings("unchecked")
    public static ConsumerRecords<String, String> poll(Consumer<String, String> consumer) {
        Object found = has(Consumer.class, "poll", java.time.Duration.class)
            ? call(consumer, "poll", java.time.Duration.ofMillis(100))
            : call(consumer, "poll", 100L);
        return (ConsumerRecords<String, String>) found;
    }

    /** All of a topic as a consumer without a group reads it. */
    public static Map<String, String> all(String topic, int number, Object... pairs)
            throws Exception {
        try (KafkaConsumer<String, String> consumer = consumer(pairs)) {
            consumer.assign(partitions(topic));
            return poll(consumer, number);
        }
    }

    /** What a group has committed: of a set of partitions since 2.4, of one before. */
    public static OffsetAndMetadata committed(
            KafkaConsumer<String, String> consumer, TopicPartition partition) {
        if (has(KafkaConsumer.class, "committed", java.util.Set.class)) {
            Object found = call(consumer, "committed", Collections.singleton(partition));
            return (OffsetAndMetadata) ((Map<?, ?>) found).get(partition);
        }
        return (OffsetAndMetadata) call(consumer, "committed", partition);
    }

    public static boolean has(Class<?> type, String method, Class<?>... parameters) {
        try {
            type.getMethod(method, parameters);
            return true;
        } catch (NoSuchMethodException missing) {
            return false;
        }
    }

    /** Call the public method of this name that takes these arguments. */
    public static Object call(Object target, String name, Object... arguments) {
        for (Method method : target.getClass().getMethods()) {
            if (method.getName().equals(name) && takes(method, arguments)) {
                try {
                    method.setAccessible(true);
                    return method.invoke(target, arguments);
                } catch (InvocationTargetException error) {
                    throw sneaky(error.getCause());
                } catch (IllegalAccessException error) {
                    throw new AssertionError(error);
                }
            }
        }
        throw new Cases.Skipped("this version has no such " + name);
    }

    private static boolean takes(Method method, Object[] arguments) {
        Class<?>[] types = method.getParameterTypes();
        boolean fits = types.length == arguments.length;
        for (int at = 0; fits && at < types.length; at++) {
            fits = types[at] == long.class ? arguments[at] instanceof Long
                : types[at].isInstance(arguments[at]);
        }
        return fits;
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable error) throws E {
        throw (E) error;
    }
}
