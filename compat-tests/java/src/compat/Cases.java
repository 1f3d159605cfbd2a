package compat;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/** Runs cases and tells the suite what came of each, as a line of JSON. */
public final class Cases {
    public static final String BOOTSTRAP = System.getenv("BOOTSTRAP");
    public static final String VERSION = System.getenv("CLIENT_VERSION");
    private static final long PATIENCE_MS = 30_000;
    private static int count;

    /** A case's body; what it throws is what is wrong. */
    public interface Body {
        void run() throws Exception;
    }

    /** A case that cannot be run, and why. */
    public static final class Skipped extends RuntimeException {
        public Skipped(String why) {
            super(why);
        }
    }

    private Cases() {}

    public static void run(String name, Body body) {
        long began = System.nanoTime();
        try {
            body.run();
            say(name, "\"error\": null", began);
        } catch (Skipped reason) {
            say(name, "\"skipped\": " + quoted(reason.getMessage()), began);
        } catch (Throwable error) {
            say(name, "\"error\": " + quoted(told(error)), began);
        }
    }

    /** Say what a case was answered, for the tables, and whether that is what it should be. */
    public static void answered(String name, String answer, String expected) {
        String error = "null";
        if (!answer.equals(expected)) {
            error = quoted("answered " + answer + " instead of " + expected);
        }
        say(name, "\"answer\": " + quoted(answer) + ", \"error\": " + error, System.nanoTime());
    }

    /** Say what a case was answered where a broker has none of what it asks for. */
    public static void left(String name, String answer, String why) {
        say(name, "\"answer\": " + quoted(answer) + ", \"skipped\": " + quoted(why),
            System.nanoTime());
    }

    public static void end() {
        System.out.println("\n{\"end\": " + count + "}");
        System.out.flush();
    }

    public static void equal(Object found, Object expected, String what) {
        if (!Objects.equals(found, expected)) {
            throw new AssertionError(what + ": found " + found + ", expected " + expected);
        }
    }

    public static void until(String what, BooleanSupplier condition) throws Exception {
        long limit = System.currentTimeMillis() + PATIENCE_MS;
        while (!condition.getAsBoolean()) {
            if (System.currentTimeMillis() > limit) {
                throw new AssertionError("not within " + PATIENCE_MS + " ms: " + what);
            }
            Thread.sleep(10);
        }
    }

    /** Fail unless something is refused with an error of this class. */
    public static void refused(String expected, Callable<?> what) {
        Object found;
        try {
            found = what.call();
        } catch (Throwable error) {
            equal(cause(error).getClass().getSimpleName(), expected, "error " + cause(error));
            return;
        }
        throw new AssertionError("not refused with " + expected + ": " + found);
    }

    /** What is behind an error of a future. */
    public static Throwable cause(Throwable error) {
        Throwable found = error;
        while (found instanceof ExecutionException && found.getCause() != null) {
            found = found.getCause();
        }
        return found;
    }

    private static void say(String name, String what, long began) {
        count++;
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.println("\n{\"case\": " + quoted(name) + ", " + what
            + ", \"seconds\": " + String.format("%.3f", seconds) + "}");
        System.out.flush();
    }

    private static String told(Throwable error) {
        StringBuilder text = new StringBuilder(cause(error).toString());
        for (StackTraceElement place : cause(error).getStackTrace()) {
            if (place.getClassName().startsWith("compat.")) {
                text.append(" at ").append(place);
            }
        }
        return text.toString();
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : String.valueOf(text).toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
