import { type Finding, finding } from '../../core/desired/finding.ts';

/** Another process has the directory. */
export function taken(directory: string): Finding {
  const message = `Another process has the state directory ${directory}: orders are refused, and nothing is remembered.`;
  const advice =
    'When the other one ends, this one takes over what it left, and takes orders, by itself. Two that are to stay need a directory each (state.directory).';
  return finding('state-in-use', { file: directory }, message, advice);
}

/** Nobody can be kept out of it. */
export function unlocked(directory: string, problem: string): Finding {
  const message = `The state directory ${directory} cannot be locked: ${problem}.`;
  return finding('state-unlocked', { file: directory }, message, 'See that no other director is given the same one.');
}
