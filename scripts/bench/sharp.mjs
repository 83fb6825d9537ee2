// sharp.mjs MODULE FILE OUT two|medium-first OPTIONS: renders FILE once for each line on standard input, answers
// with a line, and writes the variants at the end. One thread, no cache.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [module, file, out, way, json] = process.argv.slice(2);
const { format, options } = JSON.parse(json);
const sharp = createRequire(module + '/')('sharp');
sharp.concurrency(1);
sharp.cache(false);

const input = readFileSync(file);
// Without an output profile, sharp converts to sRGB and drops the file's profile.
const variant = (from, height) =>
    sharp(from).autoOrient().resize({ height, withoutEnlargement: true }).toFormat(format, options).toBuffer();

let medium, small;
for await (const _ of createInterface({ input: process.stdin })) {
    medium = await variant(input, 300);
    small = await variant(way === 'two' ? input : medium, 100);
    process.stdout.write('rendered\n');
}
writeFileSync(`${out}/medium.${format}`, medium);
writeFileSync(`${out}/small.${format}`, small);
