// A broker that ends with the tests, whatever ends them; and all that it can be told.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export async function startBroker() {
  const child = spawn('kafkacompat', [
    'start', '--memory', '-p', '0', '--control-port', '0', '--print-ready', 'json', '--stdin-guard',
  ], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { bootstrap_servers: servers, control } = JSON.parse(line);

  async function call(method, path, body) {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(control + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }

  return {
    servers,
    get: (path) => call('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
