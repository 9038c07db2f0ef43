import { ownershipOf } from '../core/desired/teams/ownership.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import { candidateOf } from '../core/steering/candidate.ts';
import { type HostnameState, hostnameState } from '../core/steering/hostname-state.ts';

/** What the metrics say of one team: its own hostnames by state. */
export type TeamSummary = { readonly team: string; readonly states: Readonly<Record<HostnameState, number>> };

/** Counts the hostnames of the teams, as of the snapshot. */
export function summarizeTeams({ model, health, now }: Snapshot): readonly TeamSummary[] {
  const { teams, hostnames } = model;
  if (teams === undefined) return [];
  const counts = new Map(teams.map((team) => [team, { up: 0, degraded: 0, unseen: 0, down: 0 }]));
  const { ownerOf } = ownershipOf(teams);
  for (const { name, endpoints } of hostnames) {
    const owner = ownerOf(name);
    const states = owner && counts.get(owner);
    if (states === undefined) continue;
    const seen = endpoints.map((endpoint) => candidateOf(endpoint, health, now).state);
    states[hostnameState(seen)] += 1;
  }
  return [...counts].map(([team, states]) => ({ team: team.name, states }));
}
