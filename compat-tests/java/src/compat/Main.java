package compat;

import java.lang.reflect.InvocationTargetException;

/** Runs the cases of every API level that this version of the client has. */
public final class Main {
    private static final String[] GROUPS = {
        "compat.Producers",
        "compat.Consumers",
        "compat.since_0_11.Transactions",
        "compat.since_0_11.Administration",
        "compat.since_1_1.Administration",
        "compat.since_2_0.Administration",
        "compat.since_2_8.Members",
        "compat.since_2_8.Administration",
        "compat.since_3_9.ConsumerProtocol",
        "compat.since_3_9.Administration",
        "compat.since_4_3.ShareConsumers",
        "compat.since_4_3.AdminMethods",
    };

    private Main() {}

    public static void main(String[] args) throws Exception {
        String only = System.getenv().getOrDefault("ONLY", "");
        for (String group : GROUPS) {
            if (group.contains(only)) {
                run(group);
            }
        }
        Cases.end();
        System.exit(0);
    }

    private static void run(String group) throws Exception {
        Class<?> cases;
        try {
            cases = Class.forName(group);
        } catch (ClassNotFoundException missing) {
            return; // Of a later API: not a case of this version.
        }
        try {
            cases.getMethod("run").invoke(null);
        } catch (InvocationTargetException error) {
            Cases.run(group, () -> {
                throw new AssertionError("" + error.getCause(), error.getCause());
            });
        }
    }
}
