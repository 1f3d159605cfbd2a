import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The calls of tools for people, in their order; docs/browsing.md says whose they are. */
public final class Browse {
    private static final String BOOTSTRAP = System.getenv("BOOTSTRAP");
    private static final String TOPIC = "orders";
    private static final int PARTITIONS = 3;
    private static final long START_MS = 1_600_000_000_000L;
    private static int count;

    private static Admin admin;

    public static void main(String[] arguments) throws Exception {
        prepare();
        run("AKHQ: nodes, their configuration and log directories", Browse::akhqNodes);
        run("AKHQ: the list of topics with sizes and offsets", Browse::akhqTopics);
        run("AKHQ: the newest messages of a topic, and from a time", Browse::akhqMessages);
        run("AKHQ: groups, members and lag; its ACL page", Browse::akhqGroups);
        run("kafka-ui: the dashboard of a cluster", Browse::kafkaUiCluster);
        run("kafka-ui: a topic's pages", Browse::kafkaUiTopic);
        run("kafka-ui: groups and a reset of offsets", Browse::kafkaUiGroups);
        run("Offset Explorer: brokers, topics, partitions", Browse::offsetExplorerTree);
        run("Offset Explorer: newest and oldest messages, a search", Browse::offsetExplorerMessages);
        run("Offset Explorer: consumers and their offsets", Browse::offsetExplorerConsumers);
        System.out.println("\n{\"end\": " + count + "}");
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static void prepare() throws Exception {
        admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP));
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(Map.of("bootstrap.servers", BOOTSTRAP), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < 90; i++) {
                producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, START_MS + i * 1000L, "key " + i, "value " + i)).get();
            }
        }
        try (KafkaConsumer<String, String> member = consumer("group.id", "billing")) {
            member.subscribe(List.of(TOPIC));
            for (int seen = 0; seen < 90; ) {
                seen += member.poll(Duration.ofMillis(100)).count();
            }
            member.commitSync(Map.of(partition(0), new OffsetAndMetadata(10), partition(1), new OffsetAndMetadata(30), partition(2), new OffsetAndMetadata(30)));
        }
    }

    private static TopicPartition partition(int index) {
        return new TopicPartition(TOPIC, index);
    }

    private static List<TopicPartition> partitions() {
        return List.of(partition(0), partition(1), partition(2));
    }

    private static KafkaConsumer<String, String> consumer(String... extra) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", BOOTSTRAP);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        for (int i = 0; i < extra.length; i += 2) {
            settings.put(extra[i], extra[i + 1]);
        }
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static void akhqNodes() throws Exception {
        var cluster = admin.describeCluster();
        same(cluster.clusterId().get().isEmpty(), false);
        List<Integer> nodes = cluster.nodes().get().stream().map(Node::id).collect(Collectors.toList());
        same(nodes, List.of(cluster.controller().get().id()));
        var broker = new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(nodes.get(0)));
        same(admin.describeConfigs(List.of(broker)).all().get().get(broker).entries().size() > 100, true);
        same(admin.describeLogDirs(nodes).allDescriptions().get().get(nodes.get(0)).size(), 1);
    }

    private static void akhqTopics() throws Exception {
        Set<String> names = admin.listTopics(new ListTopicsOptions().listInternal(true)).listings().get().stream().map(each -> each.name()).collect(Collectors.toSet());
        same(names.containsAll(Set.of(TOPIC, "__consumer_offsets")), true);
        Map<String, TopicDescription> described = admin.describeTopics(List.of(TOPIC)).allTopicNames().get();
        same(described.get(TOPIC).partitions().size(), PARTITIONS);
        try (KafkaConsumer<String, String> reader = consumer()) {
            same(new TreeMap<>(byIndex(reader.beginningOffsets(partitions()))), new TreeMap<>(Map.of(0, 0L, 1, 0L, 2, 0L)));
            same(new TreeMap<>(byIndex(reader.endOffsets(partitions()))), new TreeMap<>(Map.of(0, 30L, 1, 30L, 2, 30L)));
        }
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        same(admin.describeConfigs(List.of(topic)).all().get().get(topic).get(TopicConfig.RETENTION_MS_CONFIG).value(), "604800000");
        var sizes = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).values().iterator().next().replicaInfos();
        same(partitions().stream().allMatch(each -> sizes.get(each).size() > 1000), true);
    }

    private static Map<Integer, Long> byIndex(Map<TopicPartition, Long> found) {
        return found.entrySet().stream().collect(Collectors.toMap(each -> each.getKey().partition(), Map.Entry::getValue));
    }

    /** Every partition from an offset of its own up to where it ended. */
    private static List<ConsumerRecord<String, String>> read(Map<TopicPartition, Long> from, int expected, String... extra) {
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        try (KafkaConsumer<String, String> reader = consumer(extra)) {
            reader.assign(from.keySet());
            from.forEach(reader::seek);
            long limit = System.currentTimeMillis() + 20_000;
            while (found.size() < expected && System.currentTimeMillis() < limit) {
                reader.poll(Duration.ofMillis(200)).forEach(found::add);
            }
        }
        return found;
    }

    private static void akhqMessages() throws Exception {
        Map<TopicPartition, Long> from = new HashMap<>();
        try (KafkaConsumer<String, String> reader = consumer()) {
            reader.endOffsets(partitions()).forEach((where, end) -> from.put(where, Math.max(0, end - 5)));
        }
        var newest = read(from, 15, "max.poll.records", "15");
        same(newest.stream().map(ConsumerRecord::value).collect(Collectors.toSet()), values(75, 90));
        Map<TopicPartition, Long> times = partitions().stream().collect(Collectors.toMap(each -> each, each -> START_MS + 60_000));
        Map<TopicPartition, Long> later = new HashMap<>();
        try (KafkaConsumer<String, String> reader = consumer()) {
            reader.offsetsForTimes(times).forEach((where, found) -> later.put(where, found.offset()));
        }
        same(read(later, 30).stream().map(ConsumerRecord::value).collect(Collectors.toSet()), values(60, 90));
    }

    private static Set<String> values(int first, int end) {
        Set<String> found = new HashSet<>();
        for (int i = first; i < end; i++) {
            found.add("value " + i);
        }
        return found;
    }

    private static void akhqGroups() throws Exception {
        same(admin.listConsumerGroups().all().get().stream().anyMatch(each -> each.groupId().equals("billing")), true);
        var described = admin.describeConsumerGroups(List.of("billing")).all().get().get("billing");
        same(described.members().size(), 0);
        var offsets = admin.listConsumerGroupOffsets("billing").partitionsToOffsetAndMetadata().get();
        same(offsets.get(partition(0)).offset(), 10L);
        try {
            admin.describeAcls(AclBindingFilter.ANY).values().get();
            throw new IllegalStateException("there are ACLs without an authorizer");
        } catch (ExecutionException error) {
            same(error.getCause().getClass(), SecurityDisabledException.class);
        }
    }

    private static void kafkaUiCluster() throws Exception {
        var cluster = admin.describeCluster();
        int controller = cluster.controller().get().id();
        same(admin.describeFeatures().featureMetadata().get().finalizedFeatures().containsKey("metadata.version"), true);
        var broker = new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(controller));
        var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        Collection<ConfigEntry> entries = admin.describeConfigs(List.of(broker), options).all().get().get(broker).entries();
        ConfigEntry retention = entries.stream().filter(each -> each.name().equals("log.retention.hours")).findFirst().orElseThrow();
        same(retention.documentation().isEmpty() || retention.synonyms().isEmpty(), false);
        same(admin.describeLogDirs(List.of(controller)).allDescriptions().get().size(), 1);
        same(admin.describeMetadataQuorum().quorumInfo().get().leaderId(), controller);
    }

    private static void kafkaUiTopic() throws Exception {
        Map<TopicPartition, OffsetSpec> ends = partitions().stream().collect(Collectors.toMap(each -> each, each -> OffsetSpec.latest()));
        Map<TopicPartition, OffsetSpec> starts = partitions().stream().collect(Collectors.toMap(each -> each, each -> OffsetSpec.earliest()));
        same(admin.listOffsets(ends).all().get().values().stream().mapToLong(each -> each.offset()).sum(), 90L);
        same(admin.listOffsets(starts).all().get().values().stream().mapToLong(each -> each.offset()).sum(), 0L);
        same(admin.describeProducers(partitions()).all().get().get(partition(0)).activeProducers().size(), 1);
        admin.createTopics(List.of(new NewTopic("made-by-ui", 1, (short) 1).configs(Map.of("retention.ms", "1000")))).all().get();
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, "made-by-ui");
        var change = new AlterConfigOp(new ConfigEntry("retention.ms", "2000"), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
        until("the change", () -> admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms").value().equals("2000"));
        admin.createPartitions(Map.of("made-by-ui", NewPartitions.increaseTo(2))).all().get();
        admin.deleteRecords(Map.of(new TopicPartition("made-by-ui", 0), RecordsToDelete.beforeOffset(-1))).all().get();
        admin.deleteTopics(List.of("made-by-ui")).all().get();
    }

    private static void kafkaUiGroups() throws Exception {
        var offsets = admin.listConsumerGroupOffsets(Map.of("billing", new ListConsumerGroupOffsetsSpec())).all().get();
        same(offsets.get("billing").get(partition(1)).offset(), 30L);
        admin.alterConsumerGroupOffsets("billing", Map.of(partition(1), new OffsetAndMetadata(5))).all().get();
        until("the reset", () -> admin.listConsumerGroupOffsets("billing").partitionsToOffsetAndMetadata().get().get(partition(1)).offset() == 5);
        admin.alterConsumerGroupOffsets("billing", Map.of(partition(1), new OffsetAndMetadata(30))).all().get();
        admin.deleteConsumerGroupOffsets("billing", Set.of(partition(2))).all().get();
        same(admin.listConsumerGroupOffsets("billing").partitionsToOffsetAndMetadata().get().containsKey(partition(2)), false);
    }

    private static void offsetExplorerTree() throws Exception {
        same(admin.describeCluster().nodes().get().size(), 1);
        try (KafkaConsumer<String, String> reader = consumer()) {
            same(reader.listTopics().get(TOPIC).size(), PARTITIONS);
            same(reader.partitionsFor(TOPIC).stream().allMatch(each -> each.leader().id() == 1), true);
        }
        same(admin.describeConfigs(List.of(new ConfigResource(ConfigResource.Type.TOPIC, TOPIC))).all().get().size(), 1);
    }

    private static void offsetExplorerMessages() throws Exception {
        var oldest = read(Map.of(partition(1), 0L), 30, "max.poll.records", "10");
        same(oldest.get(0).key(), "key 1");
        var newest = read(Map.of(partition(1), 27L), 3);
        same(newest.stream().map(ConsumerRecord::offset).collect(Collectors.toList()), List.of(27L, 28L, 29L));
        var everything = read(partitions().stream().collect(Collectors.toMap(each -> each, each -> 0L)), 90);
        same(everything.stream().filter(each -> each.value().endsWith("7")).count(), 9L);
    }

    private static void offsetExplorerConsumers() throws Exception {
        for (var group : admin.listConsumerGroups().all().get()) {
            admin.describeConsumerGroups(List.of(group.groupId())).all().get();
        }
        try (KafkaConsumer<String, String> reader = consumer("group.id", "billing")) {
            same(reader.committed(Set.of(partition(0))).get(partition(0)).offset(), 10L);
        }
        admin.deleteConsumerGroups(List.of("billing")).all().get();
        same(admin.listConsumerGroups().all().get().stream().anyMatch(each -> each.groupId().equals("billing")), false);
    }

    private interface Body {
        void run() throws Exception;
    }

    private static void same(Object found, Object expected) {
        if (!expected.equals(found)) {
            throw new IllegalStateException(found + " is not " + expected);
        }
    }

    private static void until(String what, Callable<Boolean> condition) throws Exception {
        long limit = System.currentTimeMillis() + 30_000;
        while (!condition.call()) {
            if (System.currentTimeMillis() > limit) {
                throw new IllegalStateException("not within 30 s: " + what);
            }
            Thread.sleep(20);
        }
    }

    private static void run(String name, Body body) {
        long began = System.nanoTime();
        String error = "null";
        try {
            body.run();
        } catch (Throwable wrong) {
            wrong.printStackTrace();
            error = '"' + wrong.toString().replace("\\", "/").replace("\"", "'").replaceAll("\\s+", " ") + '"';
        }
        System.out.printf("%n{\"case\": \"%s\", \"error\": %s, \"seconds\": %.3f}%n", name, error, (System.nanoTime() - began) / 1e9);
        count++;
    }
}
