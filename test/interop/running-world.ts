import { rm } from 'node:fs/promises';
import { nextFreeAddress } from '../../src/cli/free-port.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { createWorld, type World } from './world.ts';

/** A world with a director that is ready. */
export type RunningWorld = {
  readonly world: World;
  readonly director: OwnProcess;
  /** Where DNS listens on 127.0.0.1. */
  readonly port: number;
  /** Ends director and gateways and removes the folder. */
  stop(): Promise<void>;
};

/** The admin port is looked for so far above the DNS port. */
const ADMIN_OFFSET = 2_700;

/** Starts gateways and a director on the first free ports from `firstPort`; files that run side by side take others. */
export async function startWorld(firstPort: number): Promise<RunningWorld> {
  const dns = await nextFreeAddress({ host: '127.0.0.1', port: firstPort }, 'dns');
  const admin = await nextFreeAddress({ host: '127.0.0.1', port: firstPort + ADMIN_OFFSET }, 'admin');
  const world = await createWorld(`127.0.0.1:${dns.port}`, `127.0.0.1:${admin.port}`);
  const director = startOwn('src/main.ts', ['run', '--config', world.config]);
  const stop = async (): Promise<void> => {
    await director.stop();
    await world.stop();
    await rm(world.folder, { recursive: true });
  };
  try {
    await director.waitFor((line) => logField(line, 'ready', 'listening'));
  } catch (error) {
    // Nobody else would end the gateways.
    await stop();
    throw error;
  }
  return { world, director, port: dns.port, stop };
}
