import { expect, it } from 'vitest';
import type { EndpointState } from '../../../../src/core/steering/decision.ts';
import { type HostnameState, hostnameState } from '../../../../src/core/steering/hostname-state.ts';

it.each<[EndpointState[], HostnameState]>([
  [['up', 'unchecked'], 'up'],
  [['up', 'down'], 'degraded'],
  [['up', 'degraded'], 'degraded'],
  [['degraded'], 'degraded'],
  [['up', 'held'], 'degraded'],
  [['held', 'down'], 'down'],
  [['held', 'unseen'], 'unseen'],
  [[], 'down'],
])('endpoints that are %j make a hostname %s', (endpoints, state) => {
  expect(hostnameState(endpoints)).toBe(state);
});
