package compat.since_3_9;

import static compat.Cases.equal;
import static compat.Cases.until;
import static compat.since_0_11.Administration.with;

import compat.Clients;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Transactions, the quorum, metrics of clients: KIP-664, 836, 714. */
public final class Administration {
    private Administration() {}

    public static void run() {
        with("the quorum", admin -> equal(admin.describeMetadataQuorum().quorumInfo().get()
            .leaderId(), 1, "leader"));
        with("resources of client metrics", admin -> equal(
            admin.listClientMetricsResources().all().get().isEmpty(), true, "none"));
        with("offset of the greatest timestamp", admin -> {
            TopicPartition first = new TopicPartition("admin-3-9", 0);
            Clients.sent(Clients.topic("admin-3-9"), 30);
            equal(admin.listOffsets(Map.of(first, OffsetSpec.maxTimestamp())).all().get()
                .get(first).offset(), 9L, "offset");
        });
        with("transactions and their producers", Administration::transactions);
    }

    private static void transactions(AdminClient admin) throws Exception {
        TopicPartition first = new TopicPartition("admin-3-9", 0);
        try (KafkaProducer<String, String> producer =
                Clients.producer("transactional.id", "admin-transaction")) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("admin-3-9", 0, "k", "v")).get();
            List<ProducerState> states =
                admin.describeProducers(Set.of(first)).partitionResult(first).get().activeProducers();
            ProducerState open = states.stream()
                .filter(each -> each.currentTransactionStartOffset().isPresent()).findFirst().get();
            equal(admin.listTransactions().all().get().stream().anyMatch(each ->
                each.transactionalId().equals("admin-transaction")
                    && each.state() == TransactionState.ONGOING), true, "listed");
            equal(admin.describeTransactions(Set.of("admin-transaction")).all().get()
                .get("admin-transaction").topicPartitions(), Set.of(first), "described");
            admin.abortTransaction(new AbortTransactionSpec(first, open.producerId(),
                (short) open.producerEpoch(), open.coordinatorEpoch().orElse(0))).all().get();
            admin.fenceProducers(Set.of("admin-transaction")).all().get();
        }
        until("complete", () -> {
            try {
                return admin.describeTransactions(Set.of("admin-transaction")).all().get()
                    .get("admin-transaction").state() != TransactionState.ONGOING;
            } catch (Exception error) {
                throw new AssertionError(error);
            }
        });
    }
}
