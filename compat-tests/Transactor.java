import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own clients for the transactions of transacting.py, which has the protocol. */
public final class Transactor {
    private final String bootstrap;
    private final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();
    private final Map<String, KafkaConsumer<String, String>> consumers = new HashMap<>();

    private Transactor(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] args) throws Exception {
        Transactor transactor = new Transactor(args[0]);
        ObjectMapper json = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, String> answer = new HashMap<>();
            try {
                transactor.run(json.readTree(line));
            } catch (Exception error) {
                Throwable cause = error instanceof java.util.concurrent.ExecutionException
                    ? error.getCause() : error;
                answer.put("error", cause.getClass().getSimpleName());
                answer.put("text", cause.toString());
            }
            System.out.println(json.writeValueAsString(answer));
        }
        System.exit(0);
    }

    private void run(JsonNode line) throws Exception {
        String name = line.get(1).asText();
        KafkaProducer<String, String> producer = producers.get(name);
        switch (line.get(0).asText()) {
            case "open" -> open(name, line);
            case "begin" -> producer.beginTransaction();
            case "send" -> producer.send(new ProducerRecord<>(
                line.get(2).asText(), line.get(3).asInt(), null, line.get(4).asText())).get();
            case "transform" -> transform(name, line.get(2).asText(), line.get(3).asInt());
            case "commit" -> producer.commitTransaction();
            case "abort" -> producer.abortTransaction();
            case "close" -> close(name);
            default -> throw new IllegalArgumentException(line.toString());
        }
    }

    private void open(String name, JsonNode line) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("transactional.id", line.get(2).asText());
        properties.put("transaction.timeout.ms", line.get(3).asText());
        StringSerializer out = new StringSerializer();
        KafkaProducer<String, String> producer = new KafkaProducer<>(properties, out, out);
        producers.put(name, producer);
        producer.initTransactions();
        if (line.get(4).asText().isEmpty()) {
            return;
        }
        Properties reading = new Properties();
        reading.put("bootstrap.servers", bootstrap);
        reading.put("group.id", line.get(4).asText());
        reading.put("auto.offset.reset", "earliest");
        reading.put("enable.auto.commit", "false");
        reading.put("isolation.level", "read_committed");
        StringDeserializer in = new StringDeserializer();
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(reading, in, in);
        consumer.subscribe(List.of(line.get(5).asText()));
        consumers.put(name, consumer);
    }

    private void transform(String name, String topic, int count) {
        KafkaProducer<String, String> producer = producers.get(name);
        KafkaConsumer<String, String> consumer = consumers.get(name);
        for (int missing = count; missing > 0;) {
            for (ConsumerRecord<String, String> got : consumer.poll(Duration.ofMillis(500))) {
                producer.send(new ProducerRecord<>(
                    topic, got.partition(), null, got.value().toUpperCase()));
                missing--;
            }
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition part : consumer.assignment()) {
            offsets.put(part, new OffsetAndMetadata(consumer.position(part)));
        }
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    }

    private void close(String name) {
        producers.remove(name).close(Duration.ofSeconds(1));
        if (consumers.containsKey(name)) {
            consumers.remove(name).close();
        }
    }
}
