// The program under test: bills what is ordered.
import { Kafka, logLevel } from 'kafkajs';

/** Read orders and write bills, until so many were written. */
export async function billAll(servers, stopAfter) {
  const retry = { initialRetryTime: 50 };
  const kafka = new Kafka({ brokers: [servers], logLevel: logLevel.NOTHING, retry });
  const orders = kafka.consumer({ groupId: 'billing' });
  const bills = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await Promise.all([orders.connect(), bills.connect()]);
  try {
    await orders.subscribe({ topics: ['orders'], fromBeginning: true });
    await new Promise((resolve, reject) => {
      let written = 0;
      orders.on(orders.events.CRASH, ({ payload }) => reject(payload.error));
      orders.run({
        eachMessage: async ({ message }) => {
          const { price } = JSON.parse(message.value);
          const bill = { key: message.key, value: JSON.stringify({ due: price }) };
          await bills.send({ topic: 'bills', messages: [bill] });
          if (++written === stopAfter) resolve();
        },
      }).catch(reject);
    });
  } finally {
    await Promise.all([orders.disconnect(), bills.disconnect()]);
  }
}
