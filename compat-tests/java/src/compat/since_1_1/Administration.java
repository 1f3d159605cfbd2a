package compat.since_1_1;

import static compat.Cases.equal;
import static compat.Cases.refused;
import static compat.Cases.until;
import static compat.since_0_11.Administration.described;
import static compat.since_0_11.Administration.with;

import compat.Clients;
import java.util.Collections;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.DescribeLogDirsResult;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;

/** Partitions, records and log directories. */
public final class Administration {
    private Administration() {}

    public static void run() {
        with("more partitions", admin -> {
            Clients.topic("admin-more");
            admin.createPartitions(Collections.singletonMap(
                "admin-more", NewPartitions.increaseTo(5))).all().get();
            until("there", () -> partitions(admin, "admin-more") == 5);
            refused("InvalidPartitionsException", () -> admin.createPartitions(
                Collections.singletonMap("admin-more", NewPartitions.increaseTo(4))).all().get());
        });
        with("delete records", admin -> {
            Clients.sent(Clients.topic("admin-deleted"), 30);
            TopicPartition first = new TopicPartition("admin-deleted", 0);
            equal(admin.deleteRecords(Collections.singletonMap(
                first, RecordsToDelete.beforeOffset(4))).lowWatermarks().get(first).get()
                .lowWatermark(), 4L, "low watermark");
            equal(Clients.all("admin-deleted", 26).size(), 26, "records");
            refused("OffsetOutOfRangeException", () -> admin.deleteRecords(Collections.singletonMap(
                first, RecordsToDelete.beforeOffset(1000))).all().get());
        });
        with("log directories", Administration::directories);
    }

    private static int partitions(AdminClient admin, String topic) {
        try {
            return described(admin, topic).get(topic).partitions().size();
        } catch (Exception error) {
            throw new AssertionError(error);
        }
    }

    @SuppressWarnings("unchecked")
    private static void directories(AdminClient admin) throws Exception {
        Clients.sent(Clients.topic("admin-directories"), 3);
        TopicPartitionReplica replica = new TopicPartitionReplica("admin-directories", 0, 1);
        String directory = admin.describeReplicaLogDirs(Collections.singleton(replica)).all().get()
            .get(replica).getCurrentReplicaLogDir();
        String all = Clients.has(DescribeLogDirsResult.class, "allDescriptions")
            ? "allDescriptions" : "all";
        Object result = admin.describeLogDirs(Collections.singleton(1));
        Map<Integer, Map<String, ?>> found =
            ((KafkaFuture<Map<Integer, Map<String, ?>>>) Clients.call(result, all)).get();
        equal(found.get(1).keySet(), Collections.singleton(directory), "directories");
        admin.alterReplicaLogDirs(Collections.singletonMap(replica, directory)).all().get();
        refused("LogDirNotFoundException", () -> admin.alterReplicaLogDirs(
            Collections.singletonMap(replica, "/no/such")).all().get());
    }
}
