import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs many of Kafka's command-line tools in one process.
 *
 * <p>Each line of input is "class TAB argument TAB argument..."; each line of output is, in
 * Base64, all that the tool printed, and how it ended if it did not just return.
 */
public final class Commands {
    private static final class Ended extends RuntimeException {
        Ended(int code) {
            super("exit " + code);
        }
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        Exit.Procedure end = (code, message) -> {
            throw new Ended(code);
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String printed = run(line.split("\t", -1));
            out.println(Base64.getEncoder().encodeToString(printed.getBytes(StandardCharsets.UTF_8)));
            out.flush();
        }
    }

    private static String run(String[] command) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream printer = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        System.setOut(printer);
        System.setErr(printer);
        Method main = Class.forName(command[0]).getMethod("main", String[].class);
        try {
            main.invoke(null, (Object) Arrays.copyOfRange(command, 1, command.length));
        } catch (InvocationTargetException error) {
            printer.println(error.getCause() instanceof Ended ended
                ? ended.getMessage()
                : "threw " + error.getCause());
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
