import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;

/** Kafka's client under faults: commands and answers are those of commands.py. */
public final class Faults {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int REQUEST_TIMEOUT_MS = 2_000;
    private static final int GIVE_UP_MS = 8_000;
    private static final int SESSION_TIMEOUT_MS = 1_500;
    private static final int AT_ONCE = 6;
    private static final String PACKAGE = "org.apache.kafka.common.serialization.";

    /** Nothing came of it in GIVE_UP_MS, and nothing was raised. */
    private static final class GaveUp extends Exception {}

    private interface Reading {
        void with(KafkaConsumer<String, String> consumer, TopicPartition place) throws Exception;
    }

    private Faults() {}

    /** Gets an address; or "retriable", and prints the errors that are, by Kafka's own classes. */
    public static void main(String[] args) throws Exception {
        if (args[0].equals("retriable")) {
            for (Errors error : Errors.values()) {
                if (error.exception() instanceof RetriableException) {
                    System.out.println(error.name());
                }
            }
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode asked = JSON.readTree(line);
            pool.submit(() -> answer(args[0], asked));
        }
        System.exit(0);
    }

    private static void answer(String servers, JsonNode asked) {
        long began = System.nanoTime();
        String error = "null";
        try {
            perform(servers, asked);
        } catch (GaveUp nothing) {
            error = "\"\"";
        } catch (Throwable raised) {
            error = "\"" + raised.getClass().getSimpleName() + "\"";
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        synchronized (JSON) {
            System.out.printf(
                "{\"id\": %d, \"error\": %s, \"seconds\": %.2f}%n", asked.get("id").asInt(), error, seconds);
            System.out.flush();
        }
    }

    private static void perform(String servers, JsonNode asked) throws Throwable {
        switch (asked.get("do").asText()) {
            case "produce" -> produce(servers, asked);
            case "fetch" -> reading(servers, asked, (consumer, place) -> {
                consumer.assign(List.of(place));
                consumer.seek(place, 0);
                pollUntilThere(consumer);
            });
            case "commit" -> reading(servers, asked, (consumer, place) -> {
                consumer.assign(List.of(place));
                consumer.commitSync(Map.of(place, new OffsetAndMetadata(1)));
            });
            default -> reading(servers, asked, (consumer, place) -> {
                consumer.subscribe(List.of(place.topic()));
                pollUntilThere(consumer);
            });
        }
    }

    private static Map<String, Object> common(String servers, JsonNode asked) {
        return new HashMap<>(Map.of(
            "bootstrap.servers", servers,
            "client.id", asked.get("client_id").asText(),
            "request.timeout.ms", REQUEST_TIMEOUT_MS));
    }

    private static void produce(String servers, JsonNode asked) throws Throwable {
        Map<String, Object> settings = common(servers, asked);
        settings.put("key.serializer", PACKAGE + "StringSerializer");
        settings.put("value.serializer", PACKAGE + "StringSerializer");
        settings.put("enable.idempotence", asked.get("idempotent").asBoolean());
        settings.put("acks", "all");
        settings.put("delivery.timeout.ms", GIVE_UP_MS);
        settings.put("max.block.ms", GIVE_UP_MS);
        var producer = new KafkaProducer<String, String>(settings);
        try {
            producer.send(new ProducerRecord<>(asked.get("topic").asText(), "x")).get();
        } catch (ExecutionException failed) {
            throw failed.getCause();
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    private static void reading(String servers, JsonNode asked, Reading act) throws Exception {
        Map<String, Object> settings = common(servers, asked);
        settings.put("key.deserializer", PACKAGE + "StringDeserializer");
        settings.put("value.deserializer", PACKAGE + "StringDeserializer");
        settings.put("group.id", asked.get("group").asText());
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        settings.put("session.timeout.ms", SESSION_TIMEOUT_MS);
        settings.put("heartbeat.interval.ms", 400);
        settings.put("max.poll.interval.ms", GIVE_UP_MS);
        settings.put("default.api.timeout.ms", GIVE_UP_MS);
        var consumer = new KafkaConsumer<String, String>(settings);
        try {
            act.with(consumer, new TopicPartition(asked.get("topic").asText(), 0));
        } finally {
            consumer.close(Duration.ZERO);
        }
    }

    private static void pollUntilThere(KafkaConsumer<String, String> consumer) throws GaveUp {
        long end = System.nanoTime() + GIVE_UP_MS * 1_000_000L;
        while (consumer.poll(Duration.ofMillis(100)).isEmpty()) {
            if (System.nanoTime() > end) {
                throw new GaveUp();
            }
        }
    }
}
