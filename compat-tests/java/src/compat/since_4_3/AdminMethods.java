package compat.since_4_3;

import static compat.Cases.until;

import compat.Cases;
import compat.Clients;
import compat.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListStreamsGroupOffsetsSpec;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Every method of Admin, and what the broker answers: "ok", or the class of the error.
 *
 * <p>What is expected is in a file that a run against the real Kafka wrote.
 */
public final class AdminMethods {
    private static final TopicPartition FIRST = new TopicPartition("methods", 0);
    private static final TopicPartition ADDED = new TopicPartition("methods", 1);
    private static final Properties EXPECTED = new Properties();
    private static final Set<String> CALLED = new TreeSet<>();

    private final Admin admin;

    private AdminMethods(Admin admin) {
        this.admin = admin;
    }

    public static void run() throws Exception {
        try (var expected = Files.newBufferedReader(Path.of(System.getenv("EXPECTED")))) {
            EXPECTED.load(expected);
        }
        Clients.sent(Clients.topic("methods"), 30);
        try (Admin admin = Admin.create(Clients.config("enable.metrics.push", "true"))) {
            AdminMethods methods = new AdminMethods(admin);
            methods.topics();
            methods.configs();
            methods.cluster();
            methods.security();
            methods.consumerGroups();
            methods.shareGroups();
            methods.streamsGroups();
            methods.transactions();
            methods.client();
        }
        Cases.run("admin method: none was forgotten", () -> Cases.equal(CALLED, all(), "methods"));
    }

    private static Set<String> all() {
        Set<String> names = new TreeSet<>();
        for (Method method : Admin.class.getMethods()) {
            if (!Modifier.isStatic(method.getModifiers())) {
                names.add(method.getName());
            }
        }
        return names;
    }

    private static void call(String method, Callable<?> body) {
        String answer = "ok";
        try {
            if (body.call() instanceof KafkaFuture<?> future) {
                future.get();
            }
        } catch (Throwable error) {
            answer = Cases.cause(error).getClass().getSimpleName();
        }
        CALLED.add(method);
        String expected = EXPECTED.getProperty(method, "nothing");
        if (method.contains("Streams") && answer.equals("UnsupportedVersionException")) {
            Cases.left("admin method: " + method, answer, "the broker has no streams groups (KIP-1071)");
        } else {
            Cases.answered("admin method: " + method, answer, expected);
        }
    }

    private void topics() throws Exception {
        call("createTopics", () ->
            admin.createTopics(List.of(new NewTopic("methods-new", 1, (short) 1))).all());
        call("listTopics", () -> admin.listTopics().names());
        until("listed", () -> {
            try {
                return admin.listTopics().names().get().contains("methods-new");
            } catch (Exception error) {
                throw new AssertionError(error);
            }
        });
        call("describeTopics", () -> admin.describeTopics(Set.of("methods-new")).allTopicNames());
        call("createPartitions", () ->
            admin.createPartitions(Map.of("methods-new", NewPartitions.increaseTo(2))).all());
        call("deleteTopics", () -> admin.deleteTopics(Set.of("methods-new")).all());
        call("deleteRecords", () ->
            admin.deleteRecords(Map.of(FIRST, RecordsToDelete.beforeOffset(3))).all());
        call("listOffsets", () -> admin.listOffsets(Map.of(FIRST, OffsetSpec.latest())).all());
        call("electLeaders", () ->
            admin.electLeaders(ElectionType.PREFERRED, Set.of(FIRST)).all());
        call("alterPartitionReassignments", () -> admin.alterPartitionReassignments(Map.of(
            FIRST, Optional.of(new NewPartitionReassignment(List.of(1))))).all());
        call("listPartitionReassignments", () ->
            admin.listPartitionReassignments().reassignments());
        TopicPartitionReplica replica = new TopicPartitionReplica("methods", 0, 1);
        call("describeLogDirs", () -> admin.describeLogDirs(List.of(1)).allDescriptions());
        call("describeReplicaLogDirs", () ->
            admin.describeReplicaLogDirs(List.of(replica)).all());
        String directory = admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica)
            .getCurrentReplicaLogDir();
        call("alterReplicaLogDirs", () ->
            admin.alterReplicaLogDirs(Map.of(replica, directory)).all());
        call("describeProducers", () -> admin.describeProducers(List.of(FIRST)).all());
    }

    private void configs() {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "methods");
        call("describeConfigs", () -> admin.describeConfigs(List.of(topic)).all());
        call("incrementalAlterConfigs", () -> admin.incrementalAlterConfigs(Map.of(topic, List.of(
            new AlterConfigOp(new ConfigEntry("retention.ms", "-1"), AlterConfigOp.OpType.SET))))
            .all());
        call("listConfigResources", () -> admin.listConfigResources().all());
        call("listClientMetricsResources", () -> admin.listClientMetricsResources().all());
        ClientQuotaEntity client =
            new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "methods"));
        call("alterClientQuotas", () -> admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
            client, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e9))))).all());
        call("describeClientQuotas", () ->
            admin.describeClientQuotas(ClientQuotaFilter.all()).entities());
    }

    private void cluster() {
        call("describeCluster", () -> admin.describeCluster().nodes());
        call("describeFeatures", () -> admin.describeFeatures().featureMetadata());
        call("updateFeatures", () -> admin.updateFeatures(Map.of("transaction.version",
            new FeatureUpdate((short) 2, FeatureUpdate.UpgradeType.UPGRADE)),
            new org.apache.kafka.clients.admin.UpdateFeaturesOptions()).all());
        call("describeMetadataQuorum", () -> admin.describeMetadataQuorum().quorumInfo());
        call("unregisterBroker", () -> admin.unregisterBroker(77).all());
        Uuid id = new Uuid(1, 2);
        call("addRaftVoter", () -> admin.addRaftVoter(77, id,
            Set.of(new RaftVoterEndpoint("CONTROLLER", "127.0.0.1", 1))).all());
        call("removeRaftVoter", () -> admin.removeRaftVoter(77, id).all());
    }

    private void security() {
        AclBinding acl = new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, "methods", PatternType.LITERAL),
            new AccessControlEntry("User:u", "*", AclOperation.READ, AclPermissionType.ALLOW));
        call("createAcls", () -> admin.createAcls(List.of(acl)).all());
        call("describeAcls", () -> admin.describeAcls(AclBindingFilter.ANY).values());
        call("deleteAcls", () -> admin.deleteAcls(List.of(AclBindingFilter.ANY)).all());
        byte[] hmac = {1, 2, 3};
        call("createDelegationToken", () -> admin.createDelegationToken().delegationToken());
        call("renewDelegationToken", () -> admin.renewDelegationToken(hmac).expiryTimestamp());
        call("expireDelegationToken", () -> admin.expireDelegationToken(hmac).expiryTimestamp());
        call("describeDelegationToken", () -> admin.describeDelegationToken().delegationTokens());
        call("alterUserScramCredentials", () -> admin.alterUserScramCredentials(List.of(
            new UserScramCredentialUpsertion("methods",
                new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"))).all());
        call("describeUserScramCredentials", () -> admin.describeUserScramCredentials().all());
    }

    private void consumerGroups() throws Exception {
        String group = "methods-group";
        Member member = new Member(
            Clients.consumer("group.id", group, "group.instance.id", "one"), "methods");
        until("assigned", () -> member.held.size() == 3);
        call("listGroups", () -> admin.listGroups().all());
        call("listConsumerGroups", () -> admin.listConsumerGroups().all());
        call("describeConsumerGroups", () -> admin.describeConsumerGroups(Set.of(group)).all());
        call("describeClassicGroups", () -> admin.describeClassicGroups(Set.of(group)).all());
        member.close();
        call("removeMembersFromConsumerGroup", () -> admin.removeMembersFromConsumerGroup(group,
            new RemoveMembersFromConsumerGroupOptions(Set.of(new MemberToRemove("one")))).all());
        call("alterConsumerGroupOffsets", () -> admin.alterConsumerGroupOffsets(group,
            Map.of(FIRST, new OffsetAndMetadata(5), ADDED, new OffsetAndMetadata(5))).all());
        call("listConsumerGroupOffsets", () -> admin.listConsumerGroupOffsets(
            Map.of(group, new ListConsumerGroupOffsetsSpec())).all());
        call("deleteConsumerGroupOffsets", () ->
            admin.deleteConsumerGroupOffsets(group, Set.of(FIRST)).all());
        call("deleteConsumerGroups", () -> admin.deleteConsumerGroups(Set.of(group)).all());
    }

    private void shareGroups() throws Exception {
        String group = "methods-share";
        try (KafkaShareConsumer<String, String> consumer = ShareConsumers.member(group)) {
            consumer.subscribe(List.of("methods"));
            until("a record", () -> !consumer.poll(Duration.ofMillis(100)).isEmpty());
            call("describeShareGroups", () -> admin.describeShareGroups(Set.of(group)).all());
        }
        call("alterShareGroupOffsets", () ->
            admin.alterShareGroupOffsets(group, Map.of(ADDED, 2L)).all());
        call("listShareGroupOffsets", () -> admin.listShareGroupOffsets(
            Map.of(group, new ListShareGroupOffsetsSpec())).all());
        call("deleteShareGroupOffsets", () ->
            admin.deleteShareGroupOffsets(group, Set.of("methods")).all());
        call("deleteShareGroups", () -> admin.deleteShareGroups(Set.of(group)).all());
    }

    /** Of a group without members: those are of another library. */
    private void streamsGroups() {
        String group = "methods-streams";
        call("alterStreamsGroupOffsets", () -> admin.alterStreamsGroupOffsets(group,
            Map.of(FIRST, new OffsetAndMetadata(5), ADDED, new OffsetAndMetadata(5))).all());
        call("listStreamsGroupOffsets", () -> admin.listStreamsGroupOffsets(
            Map.of(group, new ListStreamsGroupOffsetsSpec())).all());
        call("describeStreamsGroups", () -> admin.describeStreamsGroups(Set.of(group)).all());
        call("deleteStreamsGroupOffsets", () ->
            admin.deleteStreamsGroupOffsets(group, Set.of(FIRST)).all());
        call("deleteStreamsGroups", () -> admin.deleteStreamsGroups(Set.of(group)).all());
    }

    private void transactions() throws Exception {
        String id = "methods-transaction";
        try (KafkaProducer<String, String> producer = Clients.producer("transactional.id", id)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("methods", 0, "k", "v")).get();
            call("listTransactions", () -> admin.listTransactions().all());
            call("describeTransactions", () -> admin.describeTransactions(Set.of(id)).all());
            var open = admin.describeProducers(List.of(FIRST)).partitionResult(FIRST).get()
                .activeProducers().stream()
                .filter(each -> each.currentTransactionStartOffset().isPresent()).findFirst().get();
            call("abortTransaction", () -> admin.abortTransaction(new AbortTransactionSpec(FIRST,
                open.producerId(), (short) open.producerEpoch(),
                open.coordinatorEpoch().orElse(0))).all());
            call("forceTerminateTransaction", () -> admin.forceTerminateTransaction(id).result());
            call("fenceProducers", () -> admin.fenceProducers(Set.of(id)).all());
        }
    }

    /** What is answered by the client alone, or almost. */
    private void client() {
        call("clientInstanceId", () -> admin.clientInstanceId(Duration.ofSeconds(5)));
        call("metrics", admin::metrics);
        var metric = admin.metrics().values().iterator().next();
        call("registerMetricForSubscription", () -> {
            admin.registerMetricForSubscription(
                (org.apache.kafka.common.metrics.KafkaMetric) metric);
            return null;
        });
        call("unregisterMetricFromSubscription", () -> {
            admin.unregisterMetricFromSubscription(
                (org.apache.kafka.common.metrics.KafkaMetric) metric);
            return null;
        });
        call("close", () -> {
            admin.close();
            return null;
        });
    }
}
