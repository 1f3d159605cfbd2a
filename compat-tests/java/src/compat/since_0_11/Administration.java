package compat.since_0_11;

import static compat.Cases.equal;
import static compat.Cases.refused;
import static compat.Cases.until;

import compat.Cases;
import compat.Clients;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;

/** The first AdminClient. */
public final class Administration {
    private Administration() {}

    public static AdminClient admin() {
        return AdminClient.create(Clients.config());
    }

    /** What a call on an AdminClient does. */
    public interface Body {
        void run(AdminClient admin) throws Exception;
    }

    public static void with(String name, Body body) {
        Cases.run("admin: " + name, () -> {
            try (AdminClient admin = admin()) {
                body.run(admin);
            }
        });
    }

    public static void run() {
        with("create, list, describe and delete topics", Administration::topics);
        with("topics with settings and assignments", Administration::settled);
        with("topics that cannot be", Administration::impossible);
        with("describe the cluster", admin -> {
            equal(admin.describeCluster().nodes().get().size(), 1, "nodes");
            equal(admin.describeCluster().controller().get().id(), 1, "controller");
            equal(admin.describeCluster().clusterId().get().isEmpty(), false, "no cluster id");
        });
        with("replace a topic's configuration", Administration::alter);
        with("a broker's configuration", admin -> {
            ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
            equal(config(admin, broker).get("num.partitions").value(), "3", "num.partitions");
        });
        with("ACLs without an authorizer", admin -> refused("SecurityDisabledException",
            () -> admin.describeAcls((AclBindingFilter) AclBindingFilter.class
                .getField("ANY").get(null)).values().get()));
    }

    @SuppressWarnings("unchecked")
    public static Map<String, TopicDescription> described(AdminClient admin, String... topics)
            throws Exception {
        Collection<String> names = Arrays.asList(topics);
        DescribeTopicsResult result = admin.describeTopics(names);
        String all = Clients.has(DescribeTopicsResult.class, "allTopicNames")
            ? "allTopicNames" : "all";
        return ((KafkaFuture<Map<String, TopicDescription>>) Clients.call(result, all)).get();
    }

    public static Config config(AdminClient admin, ConfigResource resource) throws Exception {
        return admin.describeConfigs(Collections.singleton(resource)).all().get().get(resource);
    }

    private static boolean lists(AdminClient admin, String topic) {
        try {
            return admin.listTopics().names().get().contains(topic);
        } catch (Exception error) {
            throw new AssertionError(error);
        }
    }

    private static void topics(AdminClient admin) throws Exception {
        admin.createTopics(Arrays.asList(
            new NewTopic("admin-a", 2, (short) 1), new NewTopic("admin-b", 1, (short) 1))).all().get();
        until("listed", () -> lists(admin, "admin-a") && lists(admin, "admin-b"));
        TopicDescription found = described(admin, "admin-a", "admin-b").get("admin-a");
        equal(found.partitions().size() + " " + found.isInternal(), "2 false", "described");
        equal(found.partitions().get(1).leader().id(), 1, "leader");
        admin.deleteTopics(Collections.singleton("admin-a")).all().get();
        until("gone", () -> !lists(admin, "admin-a"));
        refused("UnknownTopicOrPartitionException", () -> described(admin, "admin-a"));
    }

    private static void settled(AdminClient admin) throws Exception {
        admin.createTopics(Collections.singleton(new NewTopic("admin-assigned",
            Collections.singletonMap(0, Collections.singletonList(1)))
            .configs(Collections.singletonMap("retention.ms", "12345")))).all().get();
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "admin-assigned");
        until("listed", () -> lists(admin, "admin-assigned"));
        ConfigEntry entry = config(admin, topic).get("retention.ms");
        equal(entry.value() + entry.isDefault(), "12345false", "retention.ms");
    }

    private static void impossible(AdminClient admin) {
        refused("TopicExistsException", () -> created(admin, "admin-b", 1, 1));
        refused("InvalidTopicException", () -> created(admin, "no blanks", 1, 1));
        refused("InvalidReplicationFactorException", () -> created(admin, "admin-c", 1, 2));
        refused("InvalidPartitionsException", () -> created(admin, "admin-c", 0, 1));
        refused("UnknownTopicOrPartitionException",
            () -> admin.deleteTopics(Collections.singleton("admin-c")).all().get());
    }

    private static Object created(AdminClient admin, String name, int partitions, int replicas)
            throws Exception {
        NewTopic topic = new NewTopic(name, partitions, (short) replicas);
        return admin.createTopics(Collections.singleton(topic)).all().get();
    }

    /** Kafka 4 has taken alterConfigs from the client. */
    private static void alter(AdminClient admin) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "admin-b");
        Config wanted = new Config(Collections.singleton(new ConfigEntry("segment.ms", "77777")));
        Object result =
            Clients.call(admin, "alterConfigs", Collections.singletonMap(topic, wanted));
        ((KafkaFuture<?>) Clients.call(result, "all")).get();
        until("changed", () -> {
            try {
                return config(admin, topic).get("segment.ms").value().equals("77777");
            } catch (Exception error) {
                throw new AssertionError(error);
            }
        });
    }
}
