import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Members of a consumer group, a thread each, that tell on stdout what they own and get.
 *
 * <p>Arguments: bootstrap servers, group, topic. A line of stdin lets a member join, with settings
 * of its own, or leave; at the end of stdin all leave. Lines of stdout begin with
 * System.nanoTime() and the member's name:
 *
 * <pre>
 * join m1 group.protocol=consumer client.rack=a
 * leave m1
 *
 * 123 m1 A 0 3          it was given partitions 0 and 3
 * 124 m1 G 0 17 19      it got offsets 17 to 19 of partition 0
 * 125 m1 R 0            it gives up partition 0
 * 126 m1 L 3            it has lost partition 3
 * 127 m1 E error        it failed
 * 128 m1 C              it has left
 * </pre>
 */
public final class GroupMembers {
    private final PrintStream out =
        new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);
    private final Map<String, AtomicBoolean> leaving = new ConcurrentHashMap<>();
    private final String bootstrap;
    private final String group;
    private final String topic;

    private GroupMembers(String[] args) {
        bootstrap = args[0];
        group = args[1];
        topic = args[2];
    }

    public static void main(String[] args) throws Exception {
        new GroupMembers(args).run();
    }

    private void run() throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.trim().split(" ");
            if (words[0].equals("join")) {
                AtomicBoolean flag = new AtomicBoolean();
                leaving.put(words[1], flag);
                new Thread(() -> live(words, flag), words[1]).start();
            } else {
                leaving.get(words[1]).set(true);
            }
        }
        leaving.values().forEach(flag -> flag.set(true));
    }

    private void live(String[] words, AtomicBoolean isLeaving) {
        String name = words[1];
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("group.id", group);
        properties.put("client.id", name);
        properties.put("auto.offset.reset", "earliest");
        properties.put("reconnect.backoff.max.ms", "100");
        for (int place = 2; place < words.length; place++) {
            String[] pair = words[place].split("=", 2);
            properties.put(pair[0], pair[1]);
        }
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(properties, bytes, bytes)) {
            consumer.subscribe(List.of(topic), new Listener(name));
            while (!isLeaving.get()) {
                tell(name, consumer.poll(Duration.ofMillis(100)));
            }
        } catch (Exception e) {
            say(name, "E " + e);
        }
        say(name, "C");
    }

    private void tell(String name, ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> found = records.records(partition);
            long first = found.get(0).offset();
            long last = found.get(found.size() - 1).offset();
            say(name, "G " + partition.partition() + " " + first + " " + last);
        }
    }

    private synchronized void say(String name, String text) {
        out.println(System.nanoTime() + " " + name + " " + text);
        out.flush();
    }

    /** Tells of what its member owns. */
    private final class Listener implements ConsumerRebalanceListener {
        private final String name;

        private Listener(String name) {
            this.name = name;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            say("A", partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            say("R", partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            say("L", partitions);
        }

        private void say(String kind, Collection<TopicPartition> partitions) {
            StringBuilder text = new StringBuilder(kind);
            partitions.forEach(partition -> text.append(' ').append(partition.partition()));
            GroupMembers.this.say(name, text.toString());
        }
    }
}
