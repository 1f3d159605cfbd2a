package compat.since_2_8;

import static compat.Cases.equal;
import static compat.Cases.refused;
import static compat.Cases.until;

import compat.Cases;
import compat.Clients;
import compat.Consumers;
import compat.Member;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.StickyAssignor;

/** Cooperative rebalances, static members. */
public final class Members {
    private Members() {}

    public static void run() {
        Consumers.inGroups("cooperative", "partition.assignment.strategy",
            CooperativeStickyAssignor.class.getName());
        Consumers.inGroups("sticky", "partition.assignment.strategy",
            StickyAssignor.class.getName());
        Cases.run("group: a static member comes back", Members::comesBack);
        Cases.run("group: a static member is replaced", Members::replaced);
        Cases.run("consumer: rebalance when it is told to", () -> {
            try (KafkaConsumer<String, String> consumer = Clients.consumer("group.id", "enforced")) {
                consumer.subscribe(java.util.Collections.singletonList(Clients.topic("enforced")));
                until("assigned", () -> {
                    Clients.poll(consumer);
                    return consumer.assignment().size() == 3;
                });
                int before = consumer.groupMetadata().generationId();
                consumer.enforceRebalance();
                until("another generation", () -> {
                    Clients.poll(consumer);
                    return consumer.groupMetadata().generationId() > before;
                });
            }
        });
    }

    private static KafkaConsumer<String, String> member(String instance) {
        return Clients.consumer("group.id", "static", "group.instance.id", instance);
    }

    private static void comesBack() throws Exception {
        String topic = Clients.topic("static");
        Member one = new Member(member("one"), topic);
        Member two = new Member(member("two"), topic);
        until("shared", () -> one.held.size() + two.held.size() == 3
            && !one.held.isEmpty() && !two.held.isEmpty());
        java.util.Set<?> held = java.util.Set.copyOf(two.held);
        int revoked = one.revoked;
        two.close();
        Member again = new Member(member("two"), topic);
        until("assigned", () -> !again.held.isEmpty());
        equal(again.held, held, "the same partitions");
        equal(one.revoked, revoked, "what the other had to give up");
        again.close();
        one.close();
    }

    private static void replaced() throws Exception {
        String topic = Clients.topic("static-replaced");
        Member first = new Member(Clients.consumer(
            "group.id", "static-replaced", "group.instance.id", "one"), topic);
        until("assigned", () -> first.held.size() == 3);
        Member second = new Member(Clients.consumer(
            "group.id", "static-replaced", "group.instance.id", "one"), topic);
        until("assigned", () -> second.held.size() == 3);
        until("fenced", first::hasFailed);
        refused("AssertionError", () -> {
            first.close();
            return "closed";
        });
        second.close();
    }
}
