package orders;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BillingTest {
    private static TestBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @BeforeEach
    void beginAnew() throws Exception {
        broker.post("/reset", Map.of());
        broker.post("/topics", Map.of("name", "orders", "partitions", 3));
        broker.post("/topics", Map.of("name", "bills"));
    }

    private void order(int price) throws Exception {
        String value = "{\"price\": " + price + "}";
        broker.post("/records", Map.of("topic", "orders", "key", "order-" + price, "value", value));
    }

    @Test
    void everyOrderIsBilled() throws Exception {
        for (int price = 0; price < 3; price++) {
            order(price);
        }
        Billing.billAll(broker.servers, 3);
        var bills = broker.get("/records?topic=bills");
        assertEquals(
            Set.of("{\"due\":0}", "{\"due\":1}", "{\"due\":2}"),
            StreamSupport.stream(bills.spliterator(), false)
                .map(bill -> bill.get("value").asText())
                .collect(Collectors.toSet()));
        broker.post("/wait/group", Map.of("group", "billing", "state", "Empty"));
    }

    @Test
    void aLostAnswerMakesNoSecondBill() throws Exception {
        order(7);
        broker.post("/faults",
            Map.of("kind", "disconnect_after", "api", "Produce", "topic", "bills", "times", 1));
        Billing.billAll(broker.servers, 1);
        assertEquals(1, broker.get("/records?topic=bills").size());
        assertEquals(2, broker.get("/requests?api=Produce&topic=bills").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS"})
    void errorsThatPassAreSurvived(String error) throws Exception {
        order(7);
        broker.post("/faults", Map.of(
            "kind", "error", "api", "Produce", "code", error, "topic", "bills", "times", 2));
        Billing.billAll(broker.servers, 1);
        assertEquals(2, broker.get("/faults").get(0).get("fired").asInt());
        assertEquals(1, broker.get("/records?topic=bills").size());
    }
}
