package orders;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The program under test: bills what is ordered. Producers of Java are idempotent by default. */
public final class Billing {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Billing() {}

    /** Read orders and write bills, until so many were written. */
    public static void billAll(String servers, int stopAfter) throws Exception {
        Map<String, Object> reading = Map.of(
            "bootstrap.servers", servers, "group.id", "billing", "auto.offset.reset", "earliest");
        Map<String, Object> writing = Map.of("bootstrap.servers", servers);
        var text = new StringDeserializer();
        var bytes = new StringSerializer();
        try (var orders = new KafkaConsumer<>(reading, text, text);
                var bills = new KafkaProducer<>(writing, bytes, bytes)) {
            orders.subscribe(List.of("orders"));
            int written = 0;
            while (written < stopAfter) {
                for (ConsumerRecord<String, String> order : orders.poll(Duration.ofSeconds(1))) {
                    int price = JSON.readTree(order.value()).get("price").asInt();
                    String bill = JSON.writeValueAsString(Map.of("due", price));
                    bills.send(new ProducerRecord<>("bills", order.key(), bill)).get();
                    written++;
                }
            }
        }
    }
}
