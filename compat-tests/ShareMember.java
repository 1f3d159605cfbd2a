import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A member of a share group that tells on stdout what it gets and what it says of it.
 *
 * <p>Arguments: bootstrap servers, group, topic, seed, percent released, percent rejected. It
 * stops when stdin ends. Lines begin with System.nanoTime():
 *
 * <pre>
 * 123 G 0 17 1 ACCEPT   got partition 0, offset 17, delivery 1, and will accept it
 * 124 D 0               what it said of partition 0 since the last such line is durable
 * 124 F 0 error         it may or may not be
 * </pre>
 */
public final class ShareMember {
    /** A record is released at most so often, so that the limit of deliveries is not reached. */
    private static final int MAX_RELEASES = 3;

    private final PrintStream out =
        new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);
    private final Random random;
    private final int released;
    private final int rejected;

    private ShareMember(String[] args) {
        random = new Random(Long.parseLong(args[3]));
        released = Integer.parseInt(args[4]);
        rejected = Integer.parseInt(args[5]);
    }

    public static void main(String[] args) throws Exception {
        new ShareMember(args).run(args[0], args[1], args[2]);
    }

    private void run(String bootstrap, String group, String topic) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.id", group);
        properties.put("share.acknowledgement.mode", "explicit");
        properties.put("reconnect.backoff.max.ms", "100");
        StringDeserializer strings = new StringDeserializer();
        try (KafkaShareConsumer<String, String> consumer =
            new KafkaShareConsumer<>(properties, strings, strings)) {
            consumer.subscribe(List.of(topic));
            while (System.in.available() == 0) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
                if (!records.isEmpty()) {
                    acknowledge(consumer, records);
                }
            }
        }
        say("stopped");
    }

    private void acknowledge(
        KafkaShareConsumer<String, String> consumer, ConsumerRecords<String, String> records) {
        Set<Integer> told = new HashSet<>();
        for (ConsumerRecord<String, String> record : records) {
            int delivery = record.deliveryCount().orElse((short) 0);
            AcknowledgeType type = choose(delivery);
            out.println(
                System.nanoTime() + " G " + record.partition() + " " + record.offset() + " "
                    + delivery + " " + type.name());
            told.add(record.partition());
            consumer.acknowledge(record, type);
        }
        out.flush();
        Map<TopicIdPartition, Optional<KafkaException>> results = consumer.commitSync();
        Map<Integer, String> failures = new HashMap<>();
        results.forEach(
            (key, error) -> error.ifPresent(e -> failures.put(key.partition(), e.toString())));
        Set<Integer> answered = new HashSet<>();
        results.keySet().forEach(key -> answered.add(key.partition()));
        for (int partition : told) {
            if (failures.containsKey(partition) || !answered.contains(partition)) {
                say("F " + partition + " " + failures.getOrDefault(partition, "no answer"));
            } else {
                say("D " + partition);
            }
        }
    }

    private AcknowledgeType choose(int delivery) {
        int roll = random.nextInt(100);
        if (roll < rejected) {
            return AcknowledgeType.REJECT;
        }
        if (roll < rejected + released && delivery <= MAX_RELEASES) {
            return AcknowledgeType.RELEASE;
        }
        return AcknowledgeType.ACCEPT;
    }

    private void say(String text) {
        out.println(System.nanoTime() + " " + text);
        out.flush();
    }
}
