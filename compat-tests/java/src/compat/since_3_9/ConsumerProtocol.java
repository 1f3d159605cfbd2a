package compat.since_3_9;

import compat.Consumers;

/** Groups whose assignments the broker makes (KIP-848). */
public final class ConsumerProtocol {
    private ConsumerProtocol() {}

    public static void run() {
        Consumers.inGroups("consumer protocol", "group.protocol", "consumer");
        Consumers.inGroups("consumer protocol with range", "group.protocol", "consumer",
            "group.remote.assignor", "range");
    }
}
