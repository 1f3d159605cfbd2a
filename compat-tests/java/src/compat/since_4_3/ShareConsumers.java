package compat.since_4_3;

import static compat.Cases.equal;
import static compat.Cases.until;

import compat.Cases;
import compat.Clients;
import compat.Member;
import compat.since_0_11.Administration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.config.ConfigResource;

/** What came with 4.x: share groups (KIP-932), patterns that the broker resolves. */
public final class ShareConsumers {
    private ShareConsumers() {}

    public static void run() {
        Cases.run("share: records are taken once", ShareConsumers::once);
        Cases.run("share: accept, release, reject", ShareConsumers::explicit);
        Cases.run("share: two members read one partition", ShareConsumers::shared);
        Cases.run("group: a pattern of RE2/J", ShareConsumers::pattern);
        Cases.run("group: a static member, consumer protocol", ShareConsumers::staticMember);
    }

    /** A member of a share group that begins at the beginning. */
    public static KafkaShareConsumer<String, String> member(String group, Object... pairs)
            throws Exception {
        try (AdminClient admin = Administration.admin()) {
            admin.incrementalAlterConfigs(Map.of(
                new ConfigResource(ConfigResource.Type.GROUP, group),
                List.of(new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"),
                    AlterConfigOp.OpType.SET)))).all().get();
        }
        Map<String, Object> config = Clients.config(pairs);
        config.put("group.id", group);
        String type = "org.apache.kafka.common.serialization.StringDeserializer";
        config.put("key.deserializer", type);
        config.put("value.deserializer", type);
        return new KafkaShareConsumer<>(config);
    }

    private static List<ConsumerRecord<String, String>> poll(
            KafkaShareConsumer<String, String> consumer) {
        List<ConsumerRecord<String, String>> found = new java.util.ArrayList<>();
        consumer.poll(Duration.ofMillis(100)).forEach(found::add);
        return found;
    }

    private static String place(ConsumerRecord<String, String> record) {
        return record.partition() + "/" + record.offset();
    }

    private static void once() throws Exception {
        String topic = Clients.topic("share-once");
        Map<String, String> sent = Clients.sent(topic, 90);
        Map<String, String> found = new TreeMap<>();
        try (KafkaShareConsumer<String, String> consumer = member("share-once")) {
            consumer.subscribe(List.of(topic));
            until("all records", () -> {
                poll(consumer).forEach(each -> found.put(place(each), Clients.read(each)));
                return found.size() == 90;
            });
            consumer.commitSync().values().forEach(error -> equal(error.isPresent(), false, "error"));
        }
        equal(found, sent, "records");
    }

    private static void explicit() throws Exception {
        String topic = Clients.topic("share-explicit");
        Clients.sent(topic, 12);
        TreeSet<String> again = new TreeSet<>();
        try (KafkaShareConsumer<String, String> consumer =
                member("share-explicit", "share.acknowledgement.mode", "explicit")) {
            consumer.subscribe(List.of(topic));
            int[] seen = {0};
            until("all records and those that come again", () -> {
                for (ConsumerRecord<String, String> each : poll(consumer)) {
                    seen[0]++;
                    boolean isSecond = each.deliveryCount().orElse((short) 0) == 2;
                    if (isSecond) {
                        again.add(place(each));
                    }
                    consumer.acknowledge(each, isSecond || each.offset() == 0 ? AcknowledgeType.ACCEPT
                        : each.offset() == 1 ? AcknowledgeType.RELEASE : AcknowledgeType.REJECT);
                }
                consumer.commitSync();
                return seen[0] == 15;
            });
        }
        equal(again.toString(), "[0/1, 1/1, 2/1]", "what was released came again");
    }

    private static void shared() throws Exception {
        String topic = Clients.topic("share-two");
        TreeSet<String> one = new TreeSet<>();
        TreeSet<String> two = new TreeSet<>();
        try (KafkaShareConsumer<String, String> first =
                    member("share-two", "max.poll.records", "1");
                KafkaShareConsumer<String, String> second =
                    member("share-two", "max.poll.records", "1")) {
            first.subscribe(List.of(topic));
            second.subscribe(List.of(topic));
            until("records for both", () -> {
                try {
                    Clients.sent(topic, 3);
                } catch (Exception error) {
                    throw new AssertionError(error);
                }
                poll(first).forEach(each -> one.add(place(each)));
                poll(second).forEach(each -> two.add(place(each)));
                return one.size() > 2 && two.size() > 2;
            });
        }
        one.retainAll(two);
        equal(one.toString(), "[]", "records that both got");
    }

    private static void pattern() throws Exception {
        Clients.sent(Clients.topic("re2j-a"), 30);
        Clients.sent(Clients.topic("re2j-b"), 30);
        try (KafkaConsumer<String, String> consumer =
                Clients.consumer("group.id", "re2j", "group.protocol", "consumer")) {
            consumer.subscribe(new SubscriptionPattern("re2j-[ab]"));
            until("assigned", () -> {
                Clients.poll(consumer);
                return consumer.assignment().size() == 6;
            });
        }
    }

    private static void staticMember() throws Exception {
        String topic = Clients.topic("static-consumer");
        Object[] config = {"group.id", "static-consumer", "group.protocol", "consumer",
            "group.instance.id", "one"};
        Member member = new Member(Clients.consumer(config), topic);
        until("assigned", () -> member.held.size() == 3);
        member.close();
        Member again = new Member(Clients.consumer(config), topic);
        until("assigned", () -> again.held.size() == 3);
        again.close();
    }
}
