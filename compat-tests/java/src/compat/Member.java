package compat;

import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** A member of a group that polls in a thread of its own until it is closed. */
public final class Member implements ConsumerRebalanceListener {
    /** What it was told that it has. */
    public final Set<TopicPartition> held = ConcurrentHashMap.newKeySet();
    public volatile int revoked;
    private final KafkaConsumer<String, String> consumer;
    private final Thread thread;
    private volatile boolean closing;
    private volatile Throwable error;

    public Member(KafkaConsumer<String, String> consumer, String topic) {
        this.consumer = consumer;
        this.thread = new Thread(() -> live(topic));
        thread.setDaemon(true);
        thread.start();
    }

    private void live(String topic) {
        try {
            consumer.subscribe(Collections.singletonList(topic), this);
            while (!closing) {
                Clients.poll(consumer);
            }
        } catch (WakeupException wanted) {
            // Closed while it waited.
        } catch (Throwable found) {
            error = found;
        } finally {
            consumer.close();
        }
    }

    public boolean hasFailed() {
        return error != null;
    }

    /** Leave the group, and fail if anything was wrong. */
    public void close() throws Exception {
        closing = true;
        consumer.wakeup();
        thread.join(30_000);
        Cases.equal(thread.isAlive(), false, "is alive");
        Cases.equal(error, null, "error of a member");
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        held.removeAll(partitions);
        revoked += partitions.size();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        held.addAll(partitions);
    }

    /** A listener that versions need which cannot subscribe to a pattern without one. */
    public static final class Ignoring implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
    }
}
