// Fails the build when what a first visit loads is too big: the entry chunk and all that it imports statically.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const kilobyte = 1000;
const limits = { script: 500 * kilobyte, style: 100 * kilobyte, lazy: 250 * kilobyte };

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;

function reach(key, seen = new Set()) {
  if (!seen.has(key)) {
    seen.add(key);
    for (const next of manifest[key].imports ?? []) reach(next, seen);
  }
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = reach(entry);
const script = [...first].reduce((sum, key) => sum + gzipped(manifest[key].file), 0);
const styles = new Set([...first].flatMap((key) => manifest[key].css ?? []));
const style = [...styles].reduce((sum, file) => sum + gzipped(file), 0);

const problems = [];
const tell = (what, size, limit) => {
  console.log(`${what}: ${(size / kilobyte).toFixed(1)} kB gzip of ${limit / kilobyte}`);
  if (size > limit) problems.push(what);
};
tell('first load, script', script, limits.script);
tell('first load, style', style, limits.style);
for (const [key, chunk] of Object.entries(manifest)) {
  if (first.has(key) || !chunk.file.endsWith('.js')) continue;
  const size = gzipped(chunk.file);
  if (size > 20 * kilobyte) tell(`chunk ${chunk.name ?? key}`, size, limits.lazy);
}
if (problems.length > 0) {
  console.error(`over the budget: ${problems.join(', ')}`);
  process.exit(1);
}
