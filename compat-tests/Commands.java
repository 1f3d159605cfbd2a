import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs many of Kafka's command-line tools in one process.
 *
 * <p>Each line of input is "class TAB argument TAB argument..."; each line of output is, in
 * Base64, all that the tool printed, and how it ended if it did not just return. An argument
 * "&lt;path" is no argument: the tool reads that file as its input. What a tool wants done when
 * its process ends is done after each run. Where one ends the process behind our back, the last
 * line has a "!" before it.
 */
public final class Commands {
    private static final class Ended extends RuntimeException {
        Ended(int code) {
            super("exit " + code);
        }
    }

    /** Loads a tool anew for each run, as some count in static fields; the rest is shared. */
    private static final class ToolLoader extends URLClassLoader {
        ToolLoader(URL[] jars) {
            super(jars, Commands.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("org.apache.kafka.tools.") && !name.startsWith("kafka.tools.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }

    /** Of all runs, as Scala's console keeps the stream that it found first. */
    private static final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private static final List<Runnable> hooks = new ArrayList<>();
    private static URL[] jars;
    private static volatile boolean isRunning;

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream printer = new PrintStream(printed, true, StandardCharsets.UTF_8);
        System.setOut(printer);
        System.setErr(printer);
        jars = classPath();
        Exit.Procedure end = (code, message) -> {
            throw new Ended(code);
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        Exit.setShutdownHookAdder((name, hook) -> hooks.add(hook));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (isRunning) {
                answer(out, "!");
            }
        }));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            printed.reset();
            run(line.split("\t", -1));
            answer(out, "");
        }
    }

    private static void answer(PrintStream out, String mark) {
        out.println(mark + Base64.getEncoder().encodeToString(printed.toByteArray()));
        out.flush();
    }

    private static URL[] classPath() throws IOException {
        List<URL> found = new ArrayList<>();
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            found.add(Path.of(path).toUri().toURL());
        }
        return found.toArray(new URL[0]);
    }

    private static void run(String[] command) throws Exception {
        List<String> arguments = new ArrayList<>(Arrays.asList(command).subList(1, command.length));
        System.setIn(input(arguments));
        ClassLoader usual = Thread.currentThread().getContextClassLoader();
        try (ToolLoader loader = new ToolLoader(jars)) {
            Thread.currentThread().setContextClassLoader(loader);
            Method main = Class.forName(command[0], true, loader).getMethod("main", String[].class);
            isRunning = true;
            try {
                main.invoke(null, (Object) arguments.toArray(new String[0]));
            } catch (InvocationTargetException error) {
                System.out.println(error.getCause() instanceof Ended ended
                    ? ended.getMessage()
                    : "threw " + error.getCause());
            } finally {
                isRunning = false;
            }
            hooks.forEach(Runnable::run);
            hooks.clear();
        } finally {
            Thread.currentThread().setContextClassLoader(usual);
        }
    }

    private static InputStream input(List<String> arguments) throws IOException {
        for (String argument : arguments) {
            if (argument.startsWith("<")) {
                arguments.remove(argument);
                return new ByteArrayInputStream(Files.readAllBytes(Path.of(argument.substring(1))));
            }
        }
        return InputStream.nullInputStream();
    }
}
