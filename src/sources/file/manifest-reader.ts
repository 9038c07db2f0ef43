import { readJsonList } from './json-list.ts';
import { readJsonWhole } from './json-whole.ts';
import { MAX_EXACT_OCTETS, MAX_WHOLE_OCTETS } from './limits.ts';
import { readManifest } from './manifest-file.ts';
import { type ManifestText, wholeText } from './manifest-text.ts';
import { DOUBTFUL, type ObjectSink, READ, type Reading } from './object-sink.ts';
import { readYaml } from './yaml-objects.ts';

/** One way to read a manifest. */
type Reader = (text: ManifestText, sink: ObjectSink) => Reading;

/**
 * Hands the objects of a manifest to a sink: YAML or JSON, one or several documents, lists unfolded. The fast readers go
 * first; what they are not sure of is read again by the exact one, which also knows best what is wrong and where, unless
 * the file is over `MAX_EXACT_OCTETS`. What a broken manifest handed over before does not count. Throws `UnreadableText`,
 * and what the sink throws.
 */
export function readObjectsOf(text: ManifestText, sink: ObjectSink): Exclude<Reading, { kind: 'doubtful' }> {
  let last: Reading = DOUBTFUL;
  for (const read of readersFor(text)) {
    sink.restart();
    const reading = read(text, sink);
    if (reading.kind === 'read') return reading;
    if (reading.kind === 'broken') last = reading;
  }
  if (last.kind === 'broken') return last;
  const reason = `It is over ${MAX_EXACT_OCTETS} octets and not laid out as kubectl prints objects`;
  return { kind: 'broken', line: 1, reason };
}

function readersFor(text: ManifestText): readonly Reader[] {
  const exact = text.octets <= MAX_EXACT_OCTETS ? [readExactly] : [];
  if (!isJson(text)) return [readYaml, ...exact];
  if (text.octets > MAX_WHOLE_OCTETS) return [readJsonList];
  // Braces may also be those of YAML.
  return [readJsonList, readJsonWhole, readYaml, ...exact];
}

function isJson(text: ManifestText): boolean {
  for (const part of text.parts()) return /^\s*\{/.test(part);
  return false;
}

function readExactly(text: ManifestText, sink: ObjectSink): Reading {
  const manifest = readManifest(wholeText(text));
  if (manifest.kind === 'broken') return manifest;
  for (const { value, line } of manifest.objects) sink.take(value, line);
  return READ;
}
