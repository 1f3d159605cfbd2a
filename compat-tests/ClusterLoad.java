import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Produces numbers and consumes them, until stdin ends and all that was produced is consumed.
 *
 * <p>Arguments: bootstrap servers, topic, records a second. Lines of stdout: {@code A 17} is
 * acknowledged, {@code G 17 0 5} was got from partition 0 at offset 5, {@code E text} is an error.
 */
public final class ClusterLoad {
    private static final PrintStream OUT =
        new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);

    private ClusterLoad() {}

    public static void main(String[] args) throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        Thread consuming = new Thread(() -> consume(args, isOver));
        consuming.start();
        Properties properties = common(args[0]);
        properties.put("acks", "all");
        properties.put("enable.idempotence", "true");
        StringSerializer text = new StringSerializer();
        try (KafkaProducer<String, String> producer =
            new KafkaProducer<>(properties, text, text)) {
            long pause = 1_000_000_000L / Integer.parseInt(args[2]);
            long due = System.nanoTime();
            for (int number = 0; System.in.available() == 0; number++) {
                String value = Integer.toString(number);
                producer.send(
                    new ProducerRecord<>(args[1], value, value),
                    (metadata, error) -> say(error == null ? "A " + value : "E " + error));
                due += pause;
                long left = due - System.nanoTime();
                if (left > 0) {
                    Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
                }
            }
            producer.flush();
        }
        say("F");
        while (System.in.read() >= 0) {
            // More is said when all was got.
        }
        isOver.set(true);
        consuming.join();
    }

    private static Properties common(String bootstrap) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    private static void consume(String[] args, AtomicBoolean isOver) {
        Properties properties = common(args[0]);
        properties.put("group.id", args[1] + "-java");
        properties.put("auto.offset.reset", "earliest");
        StringDeserializer text = new StringDeserializer();
        try (KafkaConsumer<String, String> consumer =
            new KafkaConsumer<>(properties, text, text)) {
            consumer.subscribe(List.of(args[1]));
            while (!isOver.get()) {
                for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(100))) {
                    say("G " + each.value() + " " + each.partition() + " " + each.offset());
                }
            }
        } catch (Exception e) {
            say("E " + e);
        }
    }

    private static synchronized void say(String line) {
        OUT.println(line);
        OUT.flush();
    }
}
