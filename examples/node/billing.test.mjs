import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { billAll } from './billing.mjs';
import { startBroker } from './broker.mjs';

let broker;
before(async () => { broker = await startBroker(); });
after(() => broker.stop());

beforeEach(async () => {
  await broker.post('/reset');
  await broker.post('/topics', { name: 'orders', partitions: 3 });
  await broker.post('/topics', { name: 'bills' });
});

function order(price) {
  const value = JSON.stringify({ price });
  return broker.post('/records', { topic: 'orders', key: `order-${price}`, value });
}

test('every order is billed', async () => {
  for (const price of [0, 1, 2]) await order(price);
  await billAll(broker.servers, 3);
  const bills = await broker.get('/records?topic=bills');
  assert.deepEqual(new Set(bills.map((bill) => JSON.parse(bill.value).due)), new Set([0, 1, 2]));
  await broker.post('/wait/group', { group: 'billing', state: 'Empty' });
});

test('a lost answer makes no second bill', async () => {
  await order(7);
  await broker.post('/faults', { kind: 'disconnect_after', api: 'Produce', topic: 'bills', times: 1 });
  await billAll(broker.servers, 1);
  assert.equal((await broker.get('/records?topic=bills')).length, 1);
  assert.equal((await broker.get('/requests?api=Produce&topic=bills')).length, 2);
});

for (const code of ['NOT_LEADER_OR_FOLLOWER', 'NOT_ENOUGH_REPLICAS']) {
  test(`${code} passes and is survived`, async () => {
    await order(7);
    await broker.post('/faults', { kind: 'error', api: 'Produce', code, topic: 'bills', times: 2 });
    await billAll(broker.servers, 1);
    assert.equal((await broker.get('/faults'))[0].fired, 2);
    assert.equal((await broker.get('/records?topic=bills')).length, 1);
  });
}
