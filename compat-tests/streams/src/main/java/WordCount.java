import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/** A word count with Kafka Streams, against any broker: repartition topic, store and changelog. */
public final class WordCount {
    private static final String BOOTSTRAP = System.getenv("BOOTSTRAP");
    private static final List<String> LINES = List.of("the cat and the dog", "and the bird");
    private static int count;

    public static void main(String[] arguments) throws Exception {
        for (String guarantee : List.of("at_least_once", "exactly_once_v2")) {
            String name = guarantee.replace('_', '-');
            run("words are counted, " + guarantee, () -> counts(name, guarantee));
            run("a store is restored from its changelog, " + guarantee, () -> restores(name, guarantee));
        }
        run("internal topics are what they should be", WordCount::internalTopics);
        System.out.println("\n{\"end\": " + count + "}");
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static Void counts(String name, String guarantee) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP))) {
            admin.createTopics(List.of(new NewTopic(name + "-lines", 2, (short) 1), new NewTopic(name + "-counts", 2, (short) 1))).all().get();
        }
        produce(name);
        check(name, guarantee, "first", Map.of("the", 3L, "cat", 1L, "and", 2L, "dog", 1L, "bird", 1L));
        return null;
    }

    private static Void restores(String name, String guarantee) throws Exception {
        produce(name);
        check(name, guarantee, "second", Map.of("the", 6L, "cat", 2L, "and", 4L, "dog", 2L, "bird", 2L));
        return null;
    }

    /** Run the application on a state folder of its own until store and output have the totals. */
    private static void check(String name, String guarantee, String folder, Map<String, Long> totals) throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(name + "-lines")
            .flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word)
            .count(Materialized.as("counts"))
            .toStream()
            .to(name + "-counts", Produced.with(Serdes.String(), Serdes.Long()));
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, BOOTSTRAP);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, Path.of(System.getenv("SCRATCH"), folder).toString());
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // Streams members do not leave: who comes next waits for this.
        settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6000);
        settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 500);
        try (KafkaStreams streams = new KafkaStreams(builder.build(), settings)) {
            streams.start();
            until("totals in the store", () -> totals.equals(store(streams)));
            Map<String, Long> newest = new HashMap<>();
            try (KafkaConsumer<String, Long> reader = reader(name)) {
                until("totals in the topic", () -> {
                    reader.poll(Duration.ofMillis(100)).forEach(each -> newest.put(each.key(), each.value()));
                    return totals.equals(newest);
                });
            }
        }
    }

    private static Map<String, Long> store(KafkaStreams streams) {
        Map<String, Long> found = new HashMap<>();
        if (streams.state() != KafkaStreams.State.RUNNING) {
            return found;
        }
        var view = streams.store(StoreQueryParameters.fromNameAndType("counts", QueryableStoreTypes.<String, Long>keyValueStore()));
        try (var all = view.all()) {
            all.forEachRemaining(each -> found.put(each.key, each.value));
        }
        return found;
    }

    private static KafkaConsumer<String, Long> reader(String name) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", BOOTSTRAP);
        settings.put("group.id", name + "-reader-" + System.nanoTime());
        settings.put("auto.offset.reset", "earliest");
        settings.put("isolation.level", "read_committed");
        KafkaConsumer<String, Long> made = new KafkaConsumer<>(settings, new StringDeserializer(), new LongDeserializer());
        made.subscribe(List.of(name + "-counts"));
        return made;
    }

    private static void produce(String name) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", BOOTSTRAP);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (String line : LINES) {
                producer.send(new ProducerRecord<>(name + "-lines", line)).get();
            }
        }
    }

    private static Void internalTopics() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP))) {
            Set<String> names = new HashSet<>(admin.listTopics().names().get());
            String changelog = "at-least-once-counts-changelog";
            var found = admin.describeTopics(List.of(changelog, "at-least-once-counts-repartition")).allTopicNames().get();
            if (found.get(changelog).partitions().size() != 2 || !names.contains(changelog)) {
                throw new IllegalStateException("the changelog is " + found);
            }
            var resource = new org.apache.kafka.common.config.ConfigResource(org.apache.kafka.common.config.ConfigResource.Type.TOPIC, changelog);
            String policy = admin.describeConfigs(List.of(resource)).all().get().get(resource).get("cleanup.policy").value();
            if (!policy.equals("compact")) {
                throw new IllegalStateException("the changelog's cleanup.policy is " + policy);
            }
        }
        return null;
    }

    private static void until(String what, Callable<Boolean> condition) throws Exception {
        long limit = System.currentTimeMillis() + 60_000;
        while (!condition.call()) {
            if (System.currentTimeMillis() > limit) {
                throw new IllegalStateException("not within 60 s: " + what);
            }
            Thread.sleep(20);
        }
    }

    private static void run(String name, Callable<Void> body) {
        long began = System.nanoTime();
        String error = "null";
        try {
            body.call();
        } catch (Throwable wrong) {
            wrong.printStackTrace();
            error = '"' + wrong.toString().replace("\\", "/").replace("\"", "'").replaceAll("\\s+", " ") + '"';
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf("%n{\"case\": \"%s\", \"error\": %s, \"seconds\": %.3f}%n", name, error, seconds);
        count++;
    }
}
