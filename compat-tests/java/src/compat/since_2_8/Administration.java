package compat.since_2_8;

import static compat.Cases.equal;
import static compat.Cases.refused;
import static compat.Cases.until;
import static compat.since_0_11.Administration.config;
import static compat.since_0_11.Administration.with;

import compat.Clients;
import compat.Member;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;

/** What KIP-339, 396, 455, 460, 546, 554 and 584 gave the AdminClient. */
public final class Administration {
    private static final TopicPartition FIRST = new TopicPartition("admin-2-8", 0);

    private Administration() {}

    public static void run() {
        with("change single settings", Administration::incremental);
        with("offsets of partitions", admin -> {
            equal(admin.listOffsets(Map.of(FIRST, OffsetSpec.latest())).all().get()
                .get(FIRST).offset(), 10L, "latest");
            equal(admin.listOffsets(Map.of(FIRST, OffsetSpec.forTimestamp(Clients.START_MS + 1)))
                .all().get().get(FIRST).offset(), 1L, "of a time");
        });
        with("offsets of a group", Administration::groupOffsets);
        with("remove members", Administration::removeMembers);
        with("elect leaders", admin -> refused("ElectionNotNeededException", () -> admin
            .electLeaders(ElectionType.PREFERRED, Set.of(FIRST)).partitions().get()
            .get(FIRST).map(error -> {
                throw (RuntimeException) error;
            })));
        with("reassign partitions", admin -> {
            admin.alterPartitionReassignments(Map.of(FIRST, Optional.of(
                new NewPartitionReassignment(List.of(1))))).all().get();
            equal(admin.listPartitionReassignments().reassignments().get(), Map.of(), "under way");
            refused("InvalidReplicaAssignmentException", () -> admin.alterPartitionReassignments(
                Map.of(FIRST, Optional.of(new NewPartitionReassignment(List.of(9))))).all().get());
        });
        with("quotas", admin -> {
            ClientQuotaEntity user = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "u"));
            admin.alterClientQuotas(List.of(new ClientQuotaAlteration(user,
                List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1024.0))))).all().get();
            until("stored", () -> got(() -> admin.describeClientQuotas(ClientQuotaFilter.all())
                .entities().get()).equals(Map.of(user, Map.of("producer_byte_rate", 1024.0))));
        });
        with("SCRAM credentials", Administration::credentials);
        with("features", admin -> equal(admin.describeFeatures().featureMetadata().get()
            .supportedFeatures().containsKey("metadata.version"), true, "metadata.version"));
    }

    private interface Getting<T> {
        T get() throws Exception;
    }

    private static <T> T got(Getting<T> what) {
        try {
            return what.get();
        } catch (Exception error) {
            throw new AssertionError(error);
        }
    }

    private static void incremental(AdminClient admin) throws Exception {
        Clients.sent(Clients.topic("admin-2-8"), 30);
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "admin-2-8");
        admin.incrementalAlterConfigs(Map.of(topic, Arrays.asList(
            new AlterConfigOp(new ConfigEntry("segment.ms", "77777"), AlterConfigOp.OpType.SET),
            new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"),
                AlterConfigOp.OpType.APPEND)))).all().get();
        until("changed", () -> got(() -> config(admin, topic).get("cleanup.policy").value())
            .equals("delete,compact"));
        admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(
            new ConfigEntry("cleanup.policy", ""), AlterConfigOp.OpType.DELETE)))).all().get();
        until("default", () -> got(() -> config(admin, topic).get("cleanup.policy").isDefault()));
        refused("InvalidConfigurationException", () -> admin.incrementalAlterConfigs(Map.of(topic,
            List.of(new AlterConfigOp(new ConfigEntry("segment.ms", "soon"),
                AlterConfigOp.OpType.SET)))).all().get());
    }

    private static void groupOffsets(AdminClient admin) throws Exception {
        admin.alterConsumerGroupOffsets("admin-offsets",
            Map.of(FIRST, new OffsetAndMetadata(5, "mine"))).all().get();
        OffsetAndMetadata found = admin.listConsumerGroupOffsets("admin-offsets")
            .partitionsToOffsetAndMetadata().get().get(FIRST);
        equal(found.offset() + found.metadata(), "5mine", "committed");
        admin.deleteConsumerGroupOffsets("admin-offsets", Set.of(FIRST)).all().get();
        equal(admin.listConsumerGroupOffsets("admin-offsets").partitionsToOffsetAndMetadata().get()
            .get(FIRST), null, "committed");
    }

    private static void removeMembers(AdminClient admin) throws Exception {
        Member member = new Member(Clients.consumer(
            "group.id", "admin-remove", "group.instance.id", "one"), "admin-2-8");
        until("assigned", () -> member.held.size() == 3);
        member.close();
        admin.removeMembersFromConsumerGroup("admin-remove",
            new RemoveMembersFromConsumerGroupOptions(
                Collections.singleton(new MemberToRemove("one")))).all().get();
        equal(admin.describeConsumerGroups(Set.of("admin-remove")).all().get().get("admin-remove")
            .members().size(), 0, "members");
    }

    private static void credentials(AdminClient admin) throws Exception {
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("scram",
            new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"))).all().get();
        until("stored", () -> got(() -> admin.describeUserScramCredentials().all().get())
            .get("scram") != null);
        equal(admin.describeUserScramCredentials(List.of("scram")).description("scram").get()
            .credentialInfos().get(0).iterations(), 4096, "iterations");
        admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion(
            "scram", ScramMechanism.SCRAM_SHA_256))).all().get();
        refused("ResourceNotFoundException", () -> admin.alterUserScramCredentials(List.of(
            new UserScramCredentialDeletion("scram", ScramMechanism.SCRAM_SHA_512))).all().get());
    }
}
