import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A share consumer that accepts, releases, rejects and renews by a rule, and then accepts all by
 * polling on; prints what became of each offset of a topic of one partition.
 *
 * <p>Arguments: bootstrap servers, group, topic, whether the topic holds transactions.
 */
public final class ShareStory {
    private static final int RECORDS = 20;
    private static final Duration POLL = Duration.ofMillis(1500);
    private static final Map<Long, String> FATES = new TreeMap<>();

    private ShareStory() {}

    public static void main(String[] args) throws Exception {
        produce(args[0], args[2], Boolean.parseBoolean(args[3]));
        try (KafkaShareConsumer<String, String> consumer = consumer(args, "explicit")) {
            for (int quiet = 0; quiet < 2; ) {
                ConsumerRecords<String, String> records = consumer.poll(POLL);
                quiet = records.isEmpty() && !FATES.isEmpty() ? quiet + 1 : 0;
                for (ConsumerRecord<String, String> record : records) {
                    consumer.acknowledge(record, choose(record));
                }
                consumer.commitSync().values().forEach(
                    error -> error.ifPresent(e -> System.out.println("failed: " + e)));
            }
        }
        produce(args[0], args[2], false);
        int before = FATES.size();
        try (KafkaShareConsumer<String, String> consumer = consumer(args, "implicit")) {
            for (int quiet = 0; quiet < 2; ) {
                ConsumerRecords<String, String> records = consumer.poll(POLL);
                quiet = records.isEmpty() && FATES.size() > before ? quiet + 1 : 0;
                records.forEach(record -> note(record, "implicit"));
            }
        }
        FATES.forEach((offset, fate) -> System.out.println(offset + fate));
    }

    private static AcknowledgeType choose(ConsumerRecord<String, String> record) {
        int key = Integer.parseInt(record.key());
        boolean isFirst = !FATES.containsKey(record.offset());
        AcknowledgeType type = AcknowledgeType.ACCEPT;
        if (key % 5 == 1 && isFirst) {
            type = AcknowledgeType.RELEASE;
        } else if (key % 5 == 2) {
            type = AcknowledgeType.REJECT;
        } else if (key % 5 == 3 && isFirst) {
            type = AcknowledgeType.RENEW;
        }
        note(record, type.name());
        return type;
    }

    private static void note(ConsumerRecord<String, String> record, String what) {
        String told = " " + record.value() + "/" + record.deliveryCount().orElse((short) -1);
        FATES.merge(record.offset(), told + " " + what, String::concat);
    }

    private static KafkaShareConsumer<String, String> consumer(String[] args, String mode) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("group.id", args[1]);
        properties.put("share.acknowledgement.mode", mode);
        StringDeserializer strings = new StringDeserializer();
        KafkaShareConsumer<String, String> made =
            new KafkaShareConsumer<>(properties, strings, strings);
        made.subscribe(List.of(args[2]));
        return made;
    }

    private static void produce(String bootstrap, String topic, boolean inTransactions) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("linger.ms", "50");
        if (inTransactions) {
            properties.put("transactional.id", topic);
        }
        StringSerializer strings = new StringSerializer();
        try (KafkaProducer<String, String> producer =
            new KafkaProducer<>(properties, strings, strings)) {
            if (inTransactions) {
                producer.initTransactions();
                producer.beginTransaction();
                send(producer, topic, "aborted");
                producer.abortTransaction();
                producer.beginTransaction();
            }
            send(producer, topic, "good");
            if (inTransactions) {
                producer.commitTransaction();
            }
        }
    }

    private static void send(KafkaProducer<String, String> producer, String topic, String value) {
        for (int key = 0; key < RECORDS; key++) {
            producer.send(new ProducerRecord<>(topic, 0, String.valueOf(key), value));
        }
        producer.flush();
    }
}
