import { describe, expect, test } from 'vitest';
import { createSecretBook } from '../../../src/sources/gateway-api/secret-book.ts';
import { kubeconfigWith, labelledSecret } from './labelled-secret.ts';

const EARLY = '2026-01-01T00:00:00Z';
const LATE = '2026-02-01T00:00:00Z';
const named = (secret: string, name: string, created = EARLY) =>
  labelledSecret(secret, kubeconfigWith(), { 'azimuth.dev/name': name, 'azimuth.dev/location': 'DE' }, created);
const book = (most?: number) => createSecretBook('azimuth', 'azimuth.dev/', new Set(['configured']), most);
const said = (secrets: ReturnType<typeof book>) => {
  const { clusters, findings, live } = secrets.found();
  expect(live.map(({ cluster }) => cluster)).toEqual(clusters.map(({ name }) => name));
  return {
    clusters: clusters.map(({ name, origin }) => `${name} ${origin.object}`),
    findings: findings.map(({ code, message, origin }) => `${code} ${origin.object} ${message}`),
  };
};

describe('of labelled Secrets', () => {
  test('one whose name the configuration has is refused, and the others are clusters', () => {
    const secrets = book();
    secrets.put(named('a', 'configured'));
    secrets.put(named('b', 'eu'));
    expect(said(secrets)).toEqual({
      clusters: ['eu Secret azimuth/b'],
      findings: ['cluster-secret-invalid Secret azimuth/a Not used: the configuration has a cluster configured.'],
    });
  });

  test('the older one has a name that two of them have, in whatever order they come, until it is gone', () => {
    const [older, younger] = [named('z', 'eu'), named('a', 'eu', LATE)];
    for (const order of [
      [older, younger],
      [younger, older],
    ]) {
      const secrets = book();
      for (const one of order) secrets.put(one);
      expect(said(secrets)).toEqual({
        clusters: ['eu Secret azimuth/z'],
        findings: ['cluster-secret-invalid Secret azimuth/a Not used: Secret "z", which is older, is the cluster eu.'],
      });
      secrets.remove(older);
      expect(said(secrets)).toEqual({ clusters: ['eu Secret azimuth/a'], findings: [] });
    }
  });

  test('one that turns invalid keeps what was good of it, and is a finding until it is good again', () => {
    const secrets = book();
    secrets.put(named('a', 'eu'));
    secrets.put(labelledSecret('a', kubeconfigWith({}, { exec: {} })));
    expect(said(secrets)).toMatchObject({
      clusters: ['eu Secret azimuth/a'],
      findings: [/exec/].map((r) => expect.stringMatching(r)),
    });
    secrets.put(named('a', 'eu'));
    expect(said(secrets).findings).toEqual([]);
  });

  test('a new token is used at once by the way that is there; another server is another way', () => {
    const secrets = book();
    secrets.put(labelledSecret('a', kubeconfigWith({}, { token: 'one' })));
    const access = secrets.found().live[0]?.access;
    secrets.put(labelledSecret('a', kubeconfigWith({}, { token: 'two' })));
    expect(secrets.found().live[0]?.access).toBe(access);
    expect(access?.kind === 'given' && access.read()).toContain('two');
    secrets.put(labelledSecret('a', kubeconfigWith({ server: 'https://10.0.0.2' })));
    expect(secrets.found().live[0]?.access).not.toBe(access);
  });

  test('those over the limit are left out and said so, until a list finds room', () => {
    const secrets = book(2);
    for (const name of ['a', 'b', 'c']) secrets.put(named(name, name));
    expect(said(secrets)).toEqual({
      clusters: ['a Secret azimuth/a', 'b Secret azimuth/b'],
      findings: ['cluster-secret-invalid Secret azimuth/* Not used: there are over 2; the rest is left out.'],
    });
    secrets.retain(new Set(['a', 'c']));
    secrets.put(named('c', 'c'));
    expect(said(secrets)).toEqual({ clusters: ['a Secret azimuth/a', 'c Secret azimuth/c'], findings: [] });
  });
});
