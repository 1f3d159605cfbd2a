package compat.since_2_0;

import static compat.Cases.equal;
import static compat.Cases.refused;
import static compat.since_0_11.Administration.with;

import compat.Clients;
import compat.Member;
import java.util.Collections;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Groups, and delegation tokens that need a secret to be there. */
public final class Administration {
    private Administration() {}

    public static void run() {
        with("groups and their offsets", Administration::groups);
        with("tokens over a plain connection", admin -> {
            refused("UnsupportedByAuthenticationException",
                () -> admin.createDelegationToken().delegationToken().get());
            refused("UnsupportedByAuthenticationException",
                () -> admin.describeDelegationToken().delegationTokens().get());
        });
    }

    private static void groups(AdminClient admin) throws Exception {
        String topic = Clients.topic("admin-group");
        Clients.sent(topic, 30);
        Member member = new Member(Clients.consumer("group.id", "admin-group"), topic);
        compat.Cases.until("assigned", () -> member.held.size() == 3);
        ConsumerGroupDescription found = described(admin);
        equal(found.members().size() + " " + found.partitionAssignor(), "1 range", "described");
        equal(found.members().iterator().next().assignment().topicPartitions(), member.held,
            "assignment");
        refused("GroupNotEmptyException",
            () -> admin.deleteConsumerGroups(Collections.singleton("admin-group")).all().get());
        member.close();
        try (KafkaConsumer<String, String> consumer = Clients.consumer("group.id", "admin-group")) {
            consumer.assign(Clients.partitions(topic));
            Clients.poll(consumer, 30);
            consumer.commitSync();
        }
        equal(admin.listConsumerGroupOffsets("admin-group").partitionsToOffsetAndMetadata().get()
            .get(new TopicPartition(topic, 0)).offset(), 10L, "offset");
        equal(admin.listConsumerGroups().all().get().stream()
            .anyMatch(each -> each.groupId().equals("admin-group")), true, "listed");
        admin.deleteConsumerGroups(Collections.singleton("admin-group")).all().get();
        refused("GroupIdNotFoundException",
            () -> admin.deleteConsumerGroups(Collections.singleton("admin-group")).all().get());
    }

    private static ConsumerGroupDescription described(AdminClient admin) throws Exception {
        return admin.describeConsumerGroups(Collections.singleton("admin-group")).all().get()
            .get("admin-group");
    }
}
