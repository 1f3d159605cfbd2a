import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Encodes messages as Apache Kafka itself does.
 *
 * <p>Each line of input is "name TAB version TAB json"; each line of output the message in hex,
 * "-" where this Kafka has no such message or version, or "! " and what was wrong.
 */
public final class Oracle {
    private static final String[] PACKAGES = {
        "org.apache.kafka.common.message.",
        "org.apache.kafka.common.metadata.",
        "org.apache.kafka.coordinator.group.generated.",
        "org.apache.kafka.coordinator.transaction.generated.",
        "org.apache.kafka.coordinator.share.generated.",
    };

    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<String, Class<?>> found = new HashMap<>();

    public static void main(String[] args) throws Exception {
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Oracle oracle = new Oracle();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", 3);
            out.println(oracle.answer(parts[0], Short.parseShort(parts[1]), parts[2]));
        }
        out.flush();
    }

    private String answer(String name, short version, String json) throws Exception {
        Class<?> type = found.computeIfAbsent(name, Oracle::find);
        if (type == Void.class) {
            return "-";
        }
        Message empty = (Message) type.getConstructor().newInstance();
        if (version < empty.lowestSupportedVersion() || version > empty.highestSupportedVersion()) {
            return "-";
        }
        try {
            Method read = Class.forName(type.getName() + "JsonConverter")
                .getMethod("read", JsonNode.class, short.class);
            Message message = (Message) read.invoke(null, mapper.readTree(json), version);
            return HexFormat.of().formatHex(encode(message, version));
        } catch (InvocationTargetException e) {
            return "! " + e.getCause();
        }
    }

    private static byte[] encode(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.array();
    }

    private static Class<?> find(String name) {
        for (String start : PACKAGES) {
            for (String end : new String[] {"Data", ""}) {
                try {
                    return Class.forName(start + name + end);
                } catch (ClassNotFoundException e) {
                    continue;
                }
            }
        }
        return Void.class;
    }
}
